"""Whole lives of persons keep their laws: packs, links and ticks in any order."""

from collections import Counter
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.recommendation import RecommendationRequest
from services.profile.core.person import Person
from services.profile.pipeline import Input, Read, Transition, advance, decode, dues, fire
from tests.profile_values import Persons
from tests.properties.profile_world import CAPS, DAY, HOUR, KEY, MINUTE, NOW, RULES, is_in_order, nobody

moves = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "Bought",
                "Tried",
                "page",
                "link",
                "told",
                "not_sent",
                "sent",
                "delivered",
                "bounced",
                "clicked",
                "tick",
                "withdraw",
                "erase",
            ]
        ),
        st.sampled_from(["u:ana", "u:bo", "a:x", "e:" + KEY]),
        st.one_of(st.integers(0, MINUTE), st.integers(0, 40 * HOUR)),
    ),
    min_size=1,
    max_size=25,
)


class Life:
    """A partition that lives through moves; remembers every record it sent."""

    def __init__(self) -> None:
        self.now, self.number = NOW, 0
        self.persons = Persons()
        self.checkpoint: dict[str, Any] = {}
        self.log: list[Input] = []
        self.sent: list[tuple[int, Any]] = []
        self.triggers: list[str] = []

    def keep(self, step: Transition) -> None:
        """Commit."""
        self.persons.keep(step)
        self.checkpoint = step.checkpoint
        own = [send.event for send in step.sends if send.topic.short == "profile.self"]
        apart = {"profile.self", "email.suppressions"}
        self.sent += [(self.now, send.event) for send in step.sends if send.topic.short not in apart]
        for event in own:
            self.record("profile.self", event.model_dump_json().encode())

    def record(self, topic: str, raw: bytes) -> None:
        """Take one record."""
        offset = self.checkpoint.get("offsets", {}).get(topic, -1) + 1
        each = Input(topic, 0, offset, self.now, None, raw)
        self.log.append(each)
        step = advance([each], self.checkpoint, self.persons.reading, RULES, self.now)
        assert step.rejects == ()
        self.keep(step)

    def move(self, what: str, person: str, later: int) -> None:
        """One move."""
        self.now += later
        self.number += 1
        event: dict[str, Any] = {
            "id": f"m-{self.number}", "person": person, "kind": "page", "name": what, "time_ms": self.now,
            "received_ms": self.now, "at": ["t", 0, self.number, 0], "trusted": True,
        }  # fmt: skip
        match what:
            case "tick":
                self.tick()
                return
            case "Bought" | "Tried":
                self.triggers += [event["id"]] * (2 if what == "Bought" else 1)
                grant = {"purpose": "marketing", "given": True, "source": "f", "address_key": KEY}
                address = {"value": "ana@example.com", "key": KEY}
                event |= {"kind": "conversion", "address": address, "consent": [grant]}
            case "link":
                event |= {"kind": "linked", "link": "u:ana"}
            case "told":
                event |= {"person": "u:ana", "kind": "alias", "links": [person]}
            case "not_sent" | "sent" | "delivered" | "bounced" | "clicked":
                asked = [each.decision_id for _, each in self.sent if isinstance(each, RecommendationRequest)]
                decision = (asked or ["x"])[-1]
                fact = {"word": what, "message_id": decision, "decision_id": decision}
                event |= {"kind": "feedback", "feedback": fact}
            case "withdraw":
                event |= {"consent": [{"purpose": "marketing", "given": False, "source": "f"}]}
            case "erase":
                event |= {"kind": "privacy", "privacy": "erase"}
        self.record("events.clean", orjson.dumps({"v": 1, "events": [event]}))

    def tick(self) -> None:
        """Fire who is due; firing the result again does nothing."""
        for person in list(self.persons.raw):
            while (step := fire(person, self.persons.of(person), self.checkpoint, RULES, self.now)) is not None:
                assert fire(person, decode(step.values[person]), step.checkpoint, RULES, self.now) is None
                self.keep(step)
            assert (due := dues(self.persons.of(person))) is None or due > self.now


def _lived(plan: list[Any]) -> Life:
    life = Life()
    for what, person, later in plan:
        life.move(what, person, later)
    return life


@given(moves)
@settings(deadline=None)
def test_every_trigger_ends_exactly_once(plan: list[Any]) -> None:
    """Once time has passed, each has one ending, and no attempt has two records."""
    life = _lived(plan)
    for _ in range(12):
        life.now += DAY
        life.tick()
    ids = [event.decision_id for _, event in life.sent]
    assert len(ids) == len(set(ids))
    ended = [event.trigger for _, event in life.sent if getattr(event, "ending", "asked") != "waiting"]
    assert Counter((each.event_id) for each in ended) == Counter(life.triggers)
    assert all(not each.triggers.by_purpose for each in life.persons.all().values())


def _held(person: Person, now: int, hours: int) -> int:
    """Touches in the window that are known to have happened, or are still reserved."""
    return sum(
        now - row.time_ms < hours * HOUR
        and (row.kind == "ghost" or row.word in {"sent", "delivered", "bounced", "clicked"} or row.until_ms > now)
        for row in person.touches.rows.values()
    )


@given(moves)
@settings(deadline=None)
def test_caps_are_never_exceeded(plan: list[Any]) -> None:
    """However mails are asked for, held out, and lost: per person and window, no more than the cap."""
    life = Life()
    touches: dict[str, dict[str, int]] = {}
    for what, person, later in plan:
        before = len(life.sent)
        life.move(what, person, later)
        asked = [each.decision_id for _, each in life.sent if isinstance(each, RecommendationRequest)]
        if what == "not_sent" and asked:
            for rows in touches.values():
                rows.pop(asked[-1], None)
        for time, event in life.sent[before:]:
            if isinstance(event, RecommendationRequest) or event.ending == "held_out":
                rows = touches.setdefault(event.person, {})
                rows[event.decision_id] = time
                assert sum(time - each < 24 * HOUR for each in rows.values()) <= 1
                for hours, most in CAPS:
                    assert _held(life.persons.of(event.person), time, hours) <= most


@given(moves)
@settings(deadline=None)
def test_one_batch_equals_one_record_after_another(plan: list[Any]) -> None:
    """In values, checkpoint and each person's sends: how the records are cut into transactions does not matter."""
    log = _lived([move for move in plan if move[0] != "tick"]).log
    whole = advance(log, {}, Read(nobody), RULES, NOW)
    persons = Persons()
    checkpoint: dict[str, Any] = {"offsets": {}, "sources": {}}
    sends: dict[str, list[Any]] = {}
    for each in log:
        step = advance([each], checkpoint, persons.reading, RULES, NOW)
        persons.keep(step)
        checkpoint = step.checkpoint
        for key in (*step.values, *step.homes):  # a record is about one
            sends.setdefault(key, []).extend(step.sends)
    assert (whole.values, whole.homes, whole.checkpoint) == (persons.raw, persons.homes, checkpoint)
    assert all(is_in_order(part, whole.sends) for part in sends.values())
    assert len(whole.sends) == sum(map(len, sends.values()))


@given(moves)
@settings(deadline=None)
def test_a_replay_changes_nothing(plan: list[Any]) -> None:
    """Records at or below the checkpoint, and packs of events at or below their coordinates."""
    life = _lived(plan)
    step = advance(life.log, life.checkpoint, life.persons.reading, RULES, life.now)
    assert (step.values, step.homes, step.sends, step.checkpoint) == (
        {},
        {},
        (),
        {"offsets": {}, "sources": {}, **life.checkpoint},
    )
    again = [
        Input(each.topic, 0, each.offset + 10**6, NOW, None, each.raw)
        for each in life.log
        if each.topic == "events.clean"
    ]
    step = advance(again, life.checkpoint, life.persons.reading, RULES, life.now)
    assert (step.values, step.sends) == ({}, ())
