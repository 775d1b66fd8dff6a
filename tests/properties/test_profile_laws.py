"""Folding and deciding keep their laws, whatever comes."""

import json
from collections import Counter
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.program import Program
from schemas.recommendation import RecommendationRequest
from services.profile.core.link import merged
from services.profile.core.state import copied, empty
from services.profile.pipeline import Input, Step, advance, compiled, decode, dues, encode, fire

NOW = 1_795_500_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
KEY = "9f86d081884c7d659a2feaa0c55ad015"
ORDER_FREE = (
    "i", "sig", "fact", "hist", "done", "cons", "supp", "addr", "name", "lang", "hour", "eng", "n", "new", "reco",
)  # fmt: skip
CAPS = [(24, 1), (72, 2)]
PROGRAM = Program.model_validate({
    "brand": {
        "version": 1, "name": "A", "website": "https://a.example", "sender": {"address": "a@a.example", "name": "A"},
        "reply_to": "a@a.example", "postal_address": "Academy, 1 Street", "list_id": "a.example",
        "public_url": "https://e.a.example", "link_domains": ["a.example"], "languages": ["en"], "tone": "",
        "caps": [{"window_hours": hours, "most": most} for hours, most in CAPS],
    },
    "signals": {
        "version": 1,
        "topics": {"seo": {"title": {"en": "Search"}, "keywords": ["maps"]}, "crm": {"title": {"en": "CRM"}}},
        "rules": [
            {"name": "a", "path": "/blog/{topic}/*", "kind": "read", "weight": 0.5},
            {"name": "b", "event": "Took", "kind": "took", "weight": 2, "item_property": "c", "course": "taken"},
            {"name": "c", "event": "Done", "kind": "done", "weight": 2, "item_property": "c", "course": "completed"},
            {"name": "d", "event": "Bought", "kind": "bought", "weight": 3, "topics": ["crm"]},
            {"name": "e", "event": "Tried", "kind": "tried", "weight": 3, "topics": ["seo"]},
            {"name": "f", "event": "No", "kind": "no", "weight": -1, "topics": ["seo"]},
        ],
    },
    "playbooks": [
        {"version": 1, "name": name, "purpose": name, "entry": [entry], "purpose_days": days,
         "experiment": {"name": name, "holdout": 0.3}}
        for name, entry, days in (("buy", "Bought", 0), ("try", "Tried", 1), ("all", "Bought", 3))
    ],
})  # fmt: skip
RULES = compiled(PROGRAM)

said = st.sampled_from(["a", "b", "c d"])
consents = st.fixed_dictionaries(
    {"purpose": st.sampled_from(["marketing", "*", "news"]), "given": st.booleans(), "source": said},
    optional={"text_version": said, "address_key": st.sampled_from([KEY, "k"])},
)
events = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["track", "page", "identify"]),
        "name": st.sampled_from(["Took", "Done", "No", "x"]),
        "time_ms": st.integers(NOW - 1_000 * DAY, NOW + HOUR),
        "trusted": st.booleans(),
    },
    optional={
        "path": st.sampled_from(["/blog/seo/x", "/blog/crm", "/maps", "/"]),
        "title": st.sampled_from(["Maps", "CRM news", "\n"]),
        "language": st.sampled_from(["en", "es"]),
        "properties": st.fixed_dictionaries({}, optional={"c": said, "role": said, "title": said}),
        "traits": st.fixed_dictionaries({}, optional={"company": said, "firstName": said, "goal": said}),
        "address": st.sampled_from(
            [{"value": "ana@example.com", "key": KEY}, {"value": "eve@example.com", "key": "k"}]
        ),
        "consent": st.lists(consents, max_size=2),
        "bot": st.booleans(),
    },
)


def _nobody(_person: str) -> None:
    return None


def _pack(events: list[dict[str, Any]], offset: int = 0) -> Input:
    return Input("events.clean", 0, offset, NOW, None, orjson.dumps({"v": 1, "events": events}))


def _numbered(events: list[dict[str, Any]], person: str = "u:ana") -> list[dict[str, Any]]:
    return [
        {"person": person, "received_ms": NOW, **event, "id": f"m-{number}", "at": ["t", 0, number, 0]}
        for number, event in enumerate(events)
    ]


def _replaced(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same events as another source partition would carry them."""
    return [{**event, "at": ["t", 1, number, 0]} for number, event in enumerate(events)]


def _facts(value: dict[str, Any]) -> dict[str, Any]:
    return {part: value[part] for part in ORDER_FREE if part in value}


def _folded(events: list[dict[str, Any]]) -> dict[str, Any]:
    step = advance([_pack(events)], {}, _nobody, RULES, NOW)
    assert step.rejects == ()
    return step.values.get("u:ana", {})


@given(st.lists(events, min_size=1, max_size=12), st.data())
def test_folding_in_any_order_with_any_repeats_gives_one_answer(raw: list[Any], data: st.DataObject) -> None:
    """Interests, facts, consents, counts and history: what the log says, not how it came."""
    numbered = _numbered(raw)
    repeats = data.draw(st.lists(st.sampled_from(numbered), max_size=5))
    shuffled = data.draw(st.permutations(numbered + repeats))
    assert _facts(_folded(_replaced(shuffled))) == _facts(_folded(numbered))


@given(*[st.lists(events, max_size=5)] * 3)
def test_merging_states_is_associative_and_commutative(one: list[Any], two: list[Any], three: list[Any]) -> None:
    """Whichever browser is linked first."""
    a, b, c = (copied(_folded(_numbered(each))) if each else empty() for each in (one, two, three))

    def plus(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
        into = copied(left)
        merged(into, right)
        return into

    assert _facts(plus(a, b)) == _facts(plus(b, a))
    assert _facts(plus(plus(a, b), c)) == _facts(plus(a, plus(b, c)))


@given(st.lists(events, max_size=5))
def test_a_state_survives_its_encoding(raw: list[Any]) -> None:
    """decode(encode(state)) = state; equal states have equal bytes."""
    value = _folded(_numbered(raw)) if raw else {}
    assert decode(encode(value)) == value
    assert encode(dict(reversed(value.items()))) == encode(value)


@given(st.binary(max_size=200), st.sampled_from(["events.clean", "profile.self", "x"]))
def test_any_bytes_give_a_step(raw: bytes, topic: str) -> None:
    """Nothing a stranger writes stops the partition; the bytes are kept untouched."""
    step = advance([Input(topic, 0, 3, NOW, None, raw)], {}, _nobody, RULES, NOW)
    assert step.position["offsets"] == {topic: 3}
    assert [each.input.raw for each in step.rejects] == [raw]


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


NAMES = ["company", "role", "title", "name", "firstName", "goal", "c", "plan", "topic", "course"]


@given(st.lists(st.tuples(events, st.dictionaries(st.sampled_from(NAMES), hostile)), max_size=4))
def test_any_properties_give_a_step(raw: list[Any]) -> None:
    """Numbers beyond every range, truths, lists and lists of lists: a state that can be encoded comes out."""
    numbered = _numbered([{**event, "properties": more, "traits": more} for event, more in raw])
    body = json.dumps({"v": 1, "events": numbered}).encode()
    step = advance([Input("events.clean", 0, 0, NOW, None, body)], {}, _nobody, RULES, NOW)
    assert all(encode(value) for value in step.values.values())


# --- whole lives: packs, links and ticks in any order ---

moves = st.lists(
    st.tuples(
        st.sampled_from(
            ["Bought", "Tried", "page", "link", "not_sent", "sent", "clicked", "tick", "withdraw", "erase"]
        ),
        st.sampled_from(["u:ana", "u:bo", "a:x", "e:" + KEY]),
        st.integers(0, 40 * HOUR),
    ),
    min_size=1,
    max_size=25,
)


class Life:
    """A partition that lives through moves; remembers every record it sent."""

    def __init__(self) -> None:
        self.now, self.number = NOW, 0
        self.values: dict[str, Any] = {}
        self.position: dict[str, Any] = {}
        self.log: list[Input] = []
        self.sent: list[tuple[int, Any]] = []
        self.triggers: list[str] = []

    def keep(self, step: Step) -> None:
        """Commit."""
        self.values.update(step.values)
        self.position = step.position
        own = [send.event for send in step.sends if send.topic.short == "profile.self"]
        self.sent += [(self.now, send.event) for send in step.sends if send.topic.short != "profile.self"]
        for event in own:
            self.record("profile.self", event.model_dump_json().encode())

    def record(self, topic: str, raw: bytes) -> None:
        """Take one record."""
        offset = self.position.get("offsets", {}).get(topic, -1) + 1
        each = Input(topic, 0, offset, self.now, None, raw)
        self.log.append(each)
        step = advance([each], self.position, self.values.get, RULES, self.now)
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
            case "not_sent" | "sent" | "clicked":
                asked = [each.decision_id for _, each in self.sent if isinstance(each, RecommendationRequest)]
                fact = {"word": what, "message_id": "m", "decision_id": (asked or ["x"])[-1]}
                event |= {"kind": "feedback", "feedback": fact}
            case "withdraw":
                event |= {"consent": [{"purpose": "marketing", "given": False, "source": "f"}]}
            case "erase":
                event |= {"kind": "privacy", "privacy": "erase"}
        self.record("events.clean", orjson.dumps({"v": 1, "events": [event]}))

    def tick(self) -> None:
        """Fire who is due; firing the result again does nothing."""
        for person, value in list(self.values.items()):
            step = fire(person, value, self.position, RULES, self.now)
            if step is None:
                assert (due := dues(value)) is None or due > self.now
                continue
            self.keep(step)
            assert fire(person, self.values[person], self.position, RULES, self.now) is None


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
    assert all(not value.get("pend") for value in life.values.values())


def _held(value: dict[str, Any], now: int, hours: int) -> int:
    """Touches in the window that are known to have happened, or are still reserved."""
    return sum(
        now - row[0] < hours * HOUR and (row[4] == "ghost" or row[5] in {"sent", "clicked"} or row[1] > now)
        for row in value["touch"].values()
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
                    assert _held(life.values[event.person], time, hours) <= most


@given(moves)
@settings(deadline=None)
def test_one_batch_equals_one_record_after_another(plan: list[Any]) -> None:
    """In values, sends and position: how the records are cut into transactions does not matter."""
    log = _lived([move for move in plan if move[0] != "tick"]).log
    whole = advance(log, {}, _nobody, RULES, NOW)
    values: dict[str, Any] = {}
    position: dict[str, Any] = {"offsets": {}, "sources": {}}
    sends: list[Any] = []
    for each in log:
        step = advance([each], position, values.get, RULES, NOW)
        values.update(step.values)
        position = step.position
        sends += step.sends
    assert (whole.values, whole.position, list(whole.sends)) == (values, position, sends)


@given(moves)
@settings(deadline=None)
def test_a_replay_changes_nothing(plan: list[Any]) -> None:
    """Records at or below the position, and packs of events at or below their coordinates."""
    life = _lived(plan)
    step = advance(life.log, life.position, life.values.get, RULES, life.now)
    assert (step.values, step.sends, step.position) == ({}, (), {"offsets": {}, "sources": {}, **life.position})
    again = [
        Input(each.topic, 0, each.offset + 10**6, NOW, None, each.raw)
        for each in life.log
        if each.topic == "events.clean"
    ]
    step = advance(again, life.position, life.values.get, RULES, life.now)
    assert (step.values, step.sends) == ({}, ())


@given(st.lists(events, max_size=8), st.lists(events, max_size=8))
def test_a_browser_never_overwrites_what_a_server_proved(proved: list[Any], claimed: list[Any]) -> None:
    """Whatever browsers say, now or linked in: verified facts, address and name stay."""
    servers = _numbered([{**event, "trusted": True} for event in proved])
    browsers = _numbered([{**event, "trusted": False} for event in claimed])
    guests = _numbered([{**event, "trusted": True} for event in claimed], "a:x")
    renamed = [{**event, "id": f"{n}-else", "at": ["t", 0, n + 100, 0]} for n, event in enumerate([*browsers, *guests])]
    link = {"id": "l", "person": "a:x", "kind": "linked", "name": "l", "link": "u:ana", "trusted": False,
            "time_ms": NOW, "received_ms": NOW, "at": ["t", 0, 999, 0]}  # fmt: skip
    step = advance([_pack(servers, 0)] if servers else [], {}, _nobody, RULES, NOW)
    before = step.values.get("u:ana", {})
    after = advance([_pack([*renamed, link], 1)], step.position, step.values.get, RULES, NOW)
    absorb = [send.event.model_dump_json().encode() for send in after.sends if send.topic.short == "profile.self"]
    values = {**step.values, **after.values}
    last = advance([Input("profile.self", 0, 0, NOW, None, raw) for raw in absorb], {}, values.get, RULES, NOW)
    final = last.values["u:ana"]
    for name, row in before.get("fact", {}).items():
        assert row[0] < 2 or final["fact"][name] == row
    for field in ("addr", "name", "lang"):
        assert field not in before or before[field][0] < 2 or final[field] == before[field]
