"""A step folds each person's part by itself, acts that followed each other at once: nobody can tell it from one by one.

Persons begin as nobody, or near the limit of size, really or by their bound alone, with a full ring of ids.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.program import Signals
from services.profile.core.facets.identity import SEEN, Identity
from services.profile.core.facets.interests import Interests
from services.profile.core.facets.touches import Touches
from services.profile.core.facets.traits import Trait, Traits
from services.profile.core.person import CHECK_BYTES, Person, encode
from services.profile.core.reasons import Count
from services.profile.core.ring import Day
from services.profile.pipeline import Input, Transition, advance, compiled
from tests.profile_values import Persons, absorb_of, touch, trigger
from tests.properties.profile_world import DAY, HOUR, KEY, MINUTE, NOW, PROGRAM, consents, is_in_order, said

RULES = compiled(
    PROGRAM.model_copy(update={"signals": Signals.model_validate({
        **PROGRAM.signals.model_dump(mode="json"),
        "rules": [
            {"name": "item", "path": "/courses/{item}", "kind": "course", "weight": 0.01},
            *PROGRAM.signals.model_dump(mode="json")["rules"],
        ],
    })})
)  # fmt: skip
PERSONS = ("u:ana", "u:bo", "a:x")
DECISION = "d66932af-cef1-5523-945f-18465d716723"
MONTH_END = 1_796_083_200_000  # 1 December 2026
HEAVY = {f"item:{number:03}{'x' * 96}": {f"{month}": 10**9 for month in range(660, 684)} for number in range(100)}
FULL_RING = "".join(f"{number:06x}" for number in range(SEEN.most))

times = st.one_of(
    st.integers(NOW - 1_000 * DAY, NOW + HOUR),
    st.sampled_from([NOW, MONTH_END - 1, MONTH_END, MONTH_END + 31 * DAY, MONTH_END - 31 * DAY, 0]),
)
acts = st.fixed_dictionaries(
    {"kind": st.sampled_from(["page", "track", "identify"]), "name": st.sampled_from(["No", "x", "Tried"]),
     "time_ms": times, "trusted": st.booleans()},
    optional={
        "path": st.sampled_from(["/blog/seo/x", "/blog/crm/y", "/courses/c1", "/maps", "/", f"/blog/seo/{'x' * 400}"]),
        "title": st.sampled_from(["Maps", "CRM news", "漢" * 200]), "language": st.sampled_from(["en", "ES", "İ" * 40]),
        "properties": st.fixed_dictionaries({}, optional={"c": said, "title": said}),
    },
)  # fmt: skip
more = st.one_of(
    st.fixed_dictionaries({"kind": st.just("conversion"), "name": st.sampled_from(["Bought", "Tried", "x"])}),
    st.builds(lambda name, c: {"name": name, "properties": {"c": c}}, st.sampled_from(["Took", "Done"]), said),
    st.fixed_dictionaries({"traits": st.fixed_dictionaries({}, optional={"role": said, "company": said})}),
    st.fixed_dictionaries({"consent": st.lists(consents, max_size=2)}),
    st.fixed_dictionaries({"address": st.just({"value": "ana@example.com", "key": KEY})}),
    st.builds(lambda link: {"kind": "linked", "link": link}, st.sampled_from(PERSONS)),
    st.builds(lambda links: {"kind": "alias", "links": links}, st.lists(st.sampled_from(PERSONS), max_size=2)),
    st.builds(lambda word: {"kind": "feedback", "feedback": {"word": word, "message_id": "m", "decision_id": DECISION,
                            "machine": "no"}}, st.sampled_from(["sent", "clicked", "converted", "bounced"])),
    st.sampled_from([{"kind": "privacy", "privacy": "erase"}, {"kind": "dreamt"}, {"bot": True}]),
)  # fmt: skip
some = st.one_of(acts, acts, acts, st.builds(lambda act, also: {**act, "trusted": True, **also}, acts, more))


@dataclass(frozen=True)
class Plan:
    """Packs of events and records of links, in their order, and whom they find."""

    records: Sequence[Any]
    found: dict[str, bytes] = field(default_factory=dict)

    def inputs(self, *, are_events_apart: bool = False) -> list[Input]:
        """Each as a record; or each event as one."""
        counts = Counter[str]()
        made = []
        for each in self.records:
            topic = "events.clean" if isinstance(each, list) else "profile.self"
            packs = [[event] for event in each] if are_events_apart and isinstance(each, list) else [each]
            for pack in packs:
                raw = orjson.dumps({"v": 1, "events": pack}) if isinstance(pack, list) else pack
                made.append(Input(topic, 0, counts[topic], NOW, None, raw))
                counts[topic] += 1
        return made


def person(room: int, *, is_heavy: bool, is_full: bool) -> bytes:
    """A person with so much room below the bytes at which they are measured, by their bound."""
    made = Person(
        identity=Identity(seen=FULL_RING, seen_days=[Day(NOW // DAY - 1, SEEN.most)]) if is_full else Identity(),
        interests=Interests({key: dict(months) for key, months in HEAVY.items()} if is_heavy else {}),
        traits=Traits(language=Trait(1, NOW - 10 * DAY, "en", "")),
        touches=Touches({DECISION: touch(NOW, NOW + 30 * DAY)}),
        size=CHECK_BYTES - room,
        newest_ms=NOW - DAY,
    )
    made.triggers.by_purpose["buy"] = trigger("buy", playbook="buy", opened_ms=NOW - HOUR, due_ms=NOW + MINUTE)
    return encode(made)


def numbered(drawn: Iterable[list[tuple[str, Any]] | bytes]) -> list[Any]:
    """The events with persons, ids and coordinates; one that is a number is that of before again, as a client would."""
    records: list[Any] = []
    events: list[dict[str, Any]] = []
    for each in drawn:
        if isinstance(each, bytes):
            records.append(each)
            continue
        pack = []
        for who, event in each:
            number = len(events)
            again = events[event % number] if isinstance(event, int) and number else None
            about = again or {"person": who, "id": f"m-{number}", "kind": "track", "name": "x", "time_ms": NOW,
                              "trusted": False, **(event if isinstance(event, dict) else {})}  # fmt: skip
            came_ms = max(NOW, about["time_ms"])
            events.append({**about, "received_ms": came_ms, "at": ["t", 0, number, 0]})
            pack.append(events[-1])
        records.append(pack)
    return records


people = st.sampled_from(PERSONS) | st.just("u:ana")
packs = st.lists(st.tuples(people, some | some | st.integers(0, 40)), min_size=1, max_size=12)
rooms = st.integers(0, 4_000)
states = st.builds(person, rooms, is_heavy=st.booleans(), is_full=st.booleans())
absorbs = st.builds(
    lambda who, whence, number: absorb_of(Person(events=number), who, whence, f"l{number}").model_dump_json().encode(),
    people, people, st.integers(0, 2),
)  # fmt: skip
late = st.builds(
    lambda who, whence, event, number: orjson.dumps({
        "kind": "rekey", "id": f"m-{number}", "person": who, "from_person": whence,
        "event": {"id": f"m-{number}", "person": whence, "kind": "track", "name": "x", "time_ms": NOW, "trusted": False,
                  "at": ["t", 1, 0, 0], "received_ms": max(NOW, event.get("time_ms", 0)), **event},
    }),
    people, people, some, st.integers(0, 20),
)  # fmt: skip
plans = st.builds(
    lambda drawn, found: Plan(numbered(drawn), found),
    st.lists(packs | packs | packs | absorbs | late, min_size=1, max_size=6),
    st.dictionaries(people, states),
)


def stepped(plan: Plan, inputs: Iterable[Input]) -> tuple[Persons, dict[str, Any], Counter[str], list[Transition]]:
    """The persons, the checkpoint, the counts and the steps, where each record is a step."""
    persons, checkpoint, counts = Persons(dict(plan.found)), dict[str, Any](), Counter[str]()
    steps = []
    for each in inputs:
        steps.append(advance([each], checkpoint, persons.reading, RULES, NOW))
        assert steps[-1].rejects == ()
        persons.keep(steps[-1])
        checkpoint = steps[-1].checkpoint
        counts.update(steps[-1].counts)
    return persons, checkpoint, counts, steps


LONG = [("u:ana", {"kind": "page", "path": f"/blog/seo/{number}", "title": f"{number}".ljust(200, "漢"),
                   "time_ms": NOW + number * HOUR}) for number in range(200)]  # fmt: skip
MANY = [("u:ana", {"kind": "page", "path": f"/courses/{number * 37 % 200}", "time_ms": NOW + number * 2 * MINUTE})
        for number in range(200)]  # fmt: skip
SPOKEN = [("u:ana", {"kind": "page", "language": word, "time_ms": NOW - days * DAY})
          for word, days in (("ES", 1), ("en", 5))]  # fmt: skip


@given(plans)
@settings(deadline=None, max_examples=300)
@example(Plan(numbered([LONG, LONG[::-1], [("u:ana", 7), *LONG]]), {"u:ana": person(900, is_heavy=True, is_full=True)}))
@example(Plan(numbered([LONG, LONG]), {"u:ana": person(9_000, is_heavy=True, is_full=False)}))
@example(Plan(numbered([LONG, MANY, MANY])))
@example(Plan(numbered([MANY[:100], MANY[100:]])))
@example(Plan(numbered([SPOKEN]), {"u:ana": person(4_000, is_heavy=False, is_full=False)}))
def test_acts_heard_at_once_are_as_heard_one_by_one(plan: Plan) -> None:
    """In values to the last byte, counts, checkpoint, what waits, and each person's sends in their order."""
    whole = advance(plan.inputs(), {}, Persons(dict(plan.found)).reading, RULES, NOW)
    by_pack, checkpoint, counts, steps = stepped(plan, plan.inputs())
    by_event, _, further, apart = stepped(plan, plan.inputs(are_events_apart=True))
    assert whole.checkpoint == checkpoint
    assert plan.found | whole.values == by_pack.raw == by_event.raw
    assert whole.counts == counts == further
    waits = {key: sorted(step.waits.get(key, ())) for step in steps for key in step.values}
    assert {key: sorted(whole.waits.get(key, ())) for key in whole.values} == waits
    opened = {key: by_pack.of(key).triggers.by_purpose.values() for key in whole.values}
    assert waits == {key: sorted(each.opened_ms for each in triggers) for key, triggers in opened.items()}
    sends: dict[str, list[Any]] = {}
    for step in apart:  # each about one person, or about a bot
        for key in step.values:
            sends.setdefault(key, []).extend(step.sends)
    assert all(is_in_order(part, whole.sends) for part in sends.values())
    assert len(whole.sends) == sum(map(len, sends.values())) == sum(len(step.sends) for step in steps)


def test_the_persons_of_this_law_are_shrunk_and_measured() -> None:
    """Else it would not be about them: one who is heavy is shrunk by an act, one who is large by the bound is not."""
    for is_heavy in (True, False):
        plan = Plan(numbered([LONG[:3]]), {"u:ana": person(0, is_heavy=is_heavy, is_full=True)})
        step = advance(plan.inputs(), {}, Persons(plan.found).reading, RULES, NOW)
        assert (Count.SHRUNK in step.counts) == is_heavy
        assert Persons(step.values).of("u:ana").size < CHECK_BYTES
