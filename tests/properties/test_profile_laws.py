"""Folding keeps its laws, whatever comes."""

import json
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from schemas.clean import Absorb
from services.profile.core.person import Person, facets, merge
from services.profile.core.rank import VERIFIED
from services.profile.pipeline import Input, Read, advance, decode, encode
from tests.profile_values import Persons
from tests.properties.profile_world import NOW, RULES, events, facts, folded, nobody, numbered, pack, replaced


@given(st.lists(events, min_size=1, max_size=12), st.data())
def test_folding_in_any_order_with_any_repeats_gives_one_answer(raw: list[Any], data: st.DataObject) -> None:
    """Interests, facts, consents, counts and history: what the log says, not how it came."""
    said = numbered(raw)
    repeats = data.draw(st.lists(st.sampled_from(said), max_size=5))
    shuffled = data.draw(st.permutations(said + repeats))
    assert facts(folded(replaced(shuffled))) == facts(folded(said))


@given(*[st.lists(events, max_size=5)] * 3)
def test_merging_states_is_associative_and_commutative(one: list[Any], two: list[Any], three: list[Any]) -> None:
    """Whichever browser is linked first."""
    a, b, c = (encode(folded(numbered(each))) for each in (one, two, three))

    def plus(left: bytes, right: bytes) -> bytes:
        into = decode(left)
        merge(into, decode(right), "a:b", RULES.half_life_ms)
        return encode(into)

    assert facts(decode(plus(a, b))) == facts(decode(plus(b, a)))
    assert facts(decode(plus(plus(a, b), c))) == facts(decode(plus(a, plus(b, c))))


@given(st.lists(events, max_size=5))
def test_a_state_survives_its_encoding(raw: list[Any]) -> None:
    """encode(decode(bytes)) = bytes, however a store orders them; a new person has as few as one that is absent."""
    stored = encode(folded(numbered(raw)))
    assert encode(decode(stored)) == stored
    again = decode(orjson.dumps(_reversed(orjson.loads(stored))))
    assert len(facets(again)) == len(facets(Person()))
    assert encode(again) == stored


def _reversed(value: Any) -> Any:
    """The JSON value with the members of each object in the other order."""
    match value:
        case dict():
            return {name: _reversed(value[name]) for name in reversed(value)}
        case list():
            return [_reversed(each) for each in value]
        case _:
            return value


@given(st.binary(max_size=200), st.sampled_from(["events.clean", "profile.self", "x"]))
def test_any_bytes_give_a_step(raw: bytes, topic: str) -> None:
    """Nothing a stranger writes stops the partition; the bytes are kept untouched."""
    step = advance([Input(topic, 0, 3, NOW, None, raw)], {}, Read(nobody), RULES, NOW)
    assert step.checkpoint["offsets"] == {topic: 3}
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
    said = numbered([{**event, "properties": more, "traits": more} for event, more in raw])
    body = json.dumps({"v": 1, "events": said}).encode()
    step = advance([Input("events.clean", 0, 0, NOW, None, body)], {}, Read(nobody), RULES, NOW)
    assert all(encode(decode(raw)) == raw for raw in step.values.values())


@given(st.lists(events, max_size=8), st.lists(events, max_size=8))
def test_a_browser_never_overwrites_what_a_server_proved(proved: list[Any], claimed: list[Any]) -> None:
    """Whatever browsers say, now or linked in: verified facts, address and name stay."""
    servers = numbered([{**event, "trusted": True} for event in proved])
    browsers = numbered([{**event, "trusted": False} for event in claimed])
    guests = numbered([{**event, "trusted": True} for event in claimed], "a:x")
    renamed = [{**event, "id": f"{n}-else", "at": ["t", 0, n + 100, 0]} for n, event in enumerate([*browsers, *guests])]
    link = {"id": "l", "person": "a:x", "kind": "linked", "name": "l", "link": "u:ana", "trusted": False,
            "time_ms": NOW, "received_ms": NOW, "at": ["t", 0, 999, 0]}  # fmt: skip
    step = advance([pack(servers, 0)] if servers else [], {}, Read(nobody), RULES, NOW)
    persons = Persons(dict(step.values))
    before = (persons.read("u:ana") or Person()).traits
    after = advance([pack([*renamed, link], 1)], step.checkpoint, persons.reading, RULES, NOW)
    absorb = [send.event.model_dump_json().encode() for send in after.sends if isinstance(send.event, Absorb)]
    persons.keep(after)
    last = advance([Input("profile.self", 0, 0, NOW, None, raw) for raw in absorb], {}, persons.reading, RULES, NOW)
    final = decode(last.values["u:ana"]).traits
    for name, row in before.facts.items():
        assert row.rank < VERIFIED or final.facts[name] == row
    for known, stands in (
        (before.address, final.address), (before.name, final.name), (before.language, final.language),
    ):  # fmt: skip
        assert known is None or known.rank < VERIFIED or stands == known
