"""A pack's events are what the topic's adapter says of them, whether they were decoded in one pass or one by one."""

import json
from typing import Any, NotRequired, get_args, get_origin

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from typing_extensions import get_type_hints, is_typeddict

from schemas.clean import CleanEvent
from schemas.codec import decode, unframed
from schemas.errors import DecodeError
from schemas.topics import EVENTS_CLEAN
from services.profile.core.event import Event, clean, event_of
from services.profile.core.packs import Unsound, broken, held, wholes
from services.profile.core.reasons import Refusal

FRAME = b"\x00\x00\x00\x00\x07"
FIELDS: dict[str, bytes] = {
    "id": b'"m-1"', "person": b'"u:ana"', "kind": b'"page"', "name": b'"Page"', "time_ms": b"1795500000000",
    "received_ms": b"1795500000000", "at": b'["events.raw",0,7,0]', "trusted": b"true",
}  # fmt: skip
FURTHER: dict[str, bytes] = {
    "speaker": b'"server"', "bot": b"false", "url": b'"https://a.example/"', "path": b'"/a"', "title": b'"A"',
    "language": b'"en"', "properties": b'{"c":"x","n":[1,2.5,null]}', "traits": b'{"role":"editor"}',
    "address": b'{"value":"ana@a.example","key":"k"}',
    "consent": b'[{"purpose":"marketing","given":true,"source":"form"}]',
    "feedback": b'{"word":"sent","message_id":"m"}', "privacy": b'"opt_out"', "link": b'"u:bo"', "links": b'["a:b"]',
    "trace": b'"t"',
}  # fmt: skip
INNER = {
    "consent": b'[{"purpose":"p","given":true,"source":"s","text_version":"1","address_key":"k","NAME":HERE}]',
    "address": b'{"value":"v","key":"k","NAME":HERE}',
    "feedback": b'{"word":"sent","message_id":"m","machine":"no","also":{"c":"u"},"NAME":HERE}',
    "properties": b'{"NAME":HERE}', "traits": b'{"NAME":HERE,"NAME":HERE}', "links": b'["a:b",HERE]',
    "at": b'["t",HERE,0,0]', "later": b'{"NAME":HERE}',
}  # fmt: skip
INNER_NAMES = ("purpose", "given", "source", "address_key", "value", "key", "word", "also", "machine", "c", "later")
HOSTILE = (
    b"null", b"true", b"false", b"0", b"1", b"-1", b"1.0", b"1e3", b"-0", b"-0.0", b"0.1", b"1e400", b"-1e400", b"NaN",
    b"Infinity", b"9007199254740992", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809",
    b"18446744073709551615", b"18446744073709551616", b"1" * 40, b"253402300800000", b"01", b"1.", b".5", b"+1",
    b'""', b'"1"', b'"true"', b'"yes"', b'"u:x"', b'"x:u"', b'"a:' + b"b" * 298 + b'"', b'"a:' + b"b" * 299 + b'"',
    b'"' + b"i" * 100 + b'"', b'"' + b"i" * 101 + b'"', b'"privacy"', b'"linked"', b'"dreamt"', b'"feedback"',
    b'"erase"', b'"\\ud800"', b'"\\ud83d\\ude00"', b'"\\udc00\\ud800"', b'"\xf0\x9f\x98\x80"', b'"\xff"',
    b'"\xed\xa0\x80"', b'"\xc3"', b'"\\u0000"', b'"\x00"', b'"\n"', b'"\\x"', b"'a'", b"[]", b"{}", b"[1]", b"[[]]",
    b'["t",0,1,2,3]', b'["t",1.0,"2",3]', b'{"a":1,"a":2}', b'{"\xff":1}', b"[1,]", b'{"a":1,}', b"[" * 90 + b"]" * 90,
    b"[" * 190 + b"]" * 190, b'{"a":' * 2_000 + b"1" + b"}" * 2_000, b"[" * 5_000, b"", b"x",
    b"1 ", b"/**/1", b'{"purpose":1}', b'[{"purpose":"p"}]', b'{"word":"sent"}', b'{"c":1}', b'[{"given":1}]',
)  # fmt: skip

shapes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
).map(lambda value: json.dumps(value).encode())
hostile = st.sampled_from(HOSTILE) | shapes
names = st.sampled_from([*FIELDS, *FURTHER, "later", "v", "events"])
inner = st.tuples(st.sampled_from([*INNER]), st.sampled_from(INNER_NAMES), hostile).map(
    lambda drawn: (drawn[0], INNER[drawn[0]].replace(b"NAME", drawn[1].encode()).replace(b"HERE", drawn[2]))
)
kinds = st.sampled_from(["page", "conversion", "linked", "feedback", "privacy", "alias", "dreamt"])


def written(fields: list[tuple[str, bytes]]) -> bytes:
    """The fields as one object: a name may stand twice."""
    return b"{" + b",".join(b'"' + name.encode() + b'":' + value for name, value in fields) + b"}"


def packed(*events: bytes) -> bytes:
    """A pack of these events."""
    return b'{"v":1,"events":[' + b",".join(events) + b"]}"


@st.composite
def events(draw: st.DrawFn, *, is_sound: bool) -> bytes:
    """A sound event, or one with up to two fields that are hostile, that lack, or that stand twice."""
    further = draw(st.sets(st.sampled_from([*FURTHER]), max_size=4))
    fields = {**FIELDS, **{name: FURTHER[name] for name in sorted(further)}}
    fields["kind"] = b'"' + draw(kinds).encode() + b'"'
    if is_sound:
        return written([*fields.items(), *draw(st.lists(st.tuples(st.just("later"), shapes), max_size=1))])
    changes = st.one_of(st.tuples(names, hostile), inner)
    fields |= dict(draw(st.lists(changes, max_size=2)))
    for name in draw(st.sets(st.sampled_from([*FIELDS]), max_size=1)) if draw(rarely) else ():
        del fields[name]
    return written([*fields.items(), *(draw(st.lists(changes, max_size=1)) if draw(rarely) else ())])


rarely = st.sampled_from([True, False, False, False])
sound, some = events(is_sound=True), events(is_sound=False)
made = (
    st.lists(sound, min_size=1, max_size=3)
    | st.lists(some, min_size=1, max_size=2)
    | st.lists(sound | some, max_size=4)
)
version = st.one_of(st.just(("v", b"1")), st.tuples(st.just("v"), hostile))
packs = st.builds(
    lambda frame, v, more, held: frame + written([*v, *more, ("events", b"[" + b",".join(held) + b"]")]),
    st.sampled_from([b"", b"", FRAME]),
    rarely.flatmap(lambda is_odd: st.lists(version, max_size=1) if is_odd else st.just([("v", b"1")])),
    rarely.flatmap(lambda is_odd: st.lists(st.tuples(names, hostile), max_size=int(is_odd))),
    made,
)


@given(packs)
@settings(deadline=None, max_examples=400)
@example(packed(written([*FIELDS.items(), ("later", b'"\xff"')])))
@example(b'{"v":1,"later":"\xff","events":[' + written([*FIELDS.items()]) + b"]}")
@example(packed(written([*FIELDS.items(), ("later", b'"\\ud800"')])))
@example(packed(written([*FIELDS.items(), ("properties", b'{"c":18446744073709551616}')])))
@example(packed(written([*FIELDS.items(), ("links", b'["x:b"]')])))
@example(packed(written([*FIELDS.items(), ("id", b'""')])))
def test_a_pack_holds_what_the_adapter_says_of_its_events(raw: bytes) -> None:
    """In value and in refusals: a field is what it would be, one bad event costs itself, and no pack is taken else."""
    _compare(raw)


@given(st.binary(max_size=60) | st.builds(lambda raw, cut: raw[:cut], packs, st.integers(0, 400)))
@settings(deadline=None)
def test_any_bytes_are_judged_as_the_adapter_judges_them(raw: bytes) -> None:
    """Noise, and packs that break off."""
    _compare(raw)


@pytest.mark.parametrize("count", [0, 1, 200, 201])
@pytest.mark.parametrize("over", [{}, {"later": b"[[1]]"}, {"id": b'""'}, {"time_ms": b"-1"}])
@pytest.mark.parametrize("frame", [b"", FRAME])
def test_a_pack_of_any_length_is_judged_as_its_events(count: int, over: dict[str, bytes], frame: bytes) -> None:
    """None is a refusal; 200 are a pack; a longer one is taken apart, which a bad one among them does not change."""
    made = [written([*({**FIELDS, "id": b'"m-%d"' % number} | (over if number % 2 else {})).items()])
            for number in range(count)]  # fmt: skip
    assert _compare(frame + packed(*made)) == count


def test_a_value_of_nothing_is_refused() -> None:
    """A tombstone, and no byte at all."""
    for raw in (None, b""):
        assert [_reason(each) for each in held("events.clean", raw)] == [Refusal.UNDECODABLE]


@pytest.mark.parametrize("bad", [{}, {"id": b'""'}])
def test_the_whole_of_an_event_is_of_its_place(bad: dict[str, bytes]) -> None:
    """Two events alike but for what only a later version knows are told apart, beside a bad neighbour too."""
    made = [written([*FIELDS.items(), ("later", value)]) for value in (b"1", b"2")]
    found: dict[int, Any] = wholes(packed(written([*(FIELDS | bad).items()]), *made))
    assert [found[place]["later"] for place in (1, 2)] == [1, 2]
    assert (0 in found) == (bad == {})


@pytest.mark.parametrize("name", ["later", "properties"])
def test_a_part_that_nests_too_deep_costs_its_event_at_most(name: str) -> None:
    """The adapter reads 198 levels; a part that nobody knows is passed over, and an event is passed on without it."""
    deep = written([*FIELDS.items(), (name, b'{"a":' + b"[" * 300 + b"]" * 300 + b"}")])
    pack = packed(written([*FIELDS.items()]), deep)
    is_refused = _reason(held("events.clean", pack)[1]) is Refusal.UNDECODABLE
    assert is_refused == (name == "properties")
    plain = decode(EVENTS_CLEAN, packed(written([*FIELDS.items()])))["events"][0]
    assert wholes(pack) == dict.fromkeys([0] if is_refused else [0, 1], plain)


@given(sound)
def test_an_event_is_what_its_dictionary_says(raw: bytes) -> None:
    """Of all that this version knows nothing is lost on the way there and back, and no part becomes another."""
    for event in held("events.clean", packed(raw)):
        if isinstance(event, Event):
            again = event_of(clean(event))
            assert again == event
            assert _exact(clean(again)) == _exact(clean(event))
            assert clean(event).keys() == {
                name for name in Event.__struct_fields__ if getattr(event, name) is not UNSET
            }


def _reason(item: object) -> Refusal | None:
    return item.reason if isinstance(item, Unsound) else None


def _compare(raw: bytes) -> int:
    """Judge these bytes in both ways; gives how many events they hold."""
    pack, wanted = held("events.clean", raw), _judged(raw)
    if wanted is None:
        assert [_reason(each) for each in pack] == [Refusal.UNDECODABLE]
        return 0
    assert len(pack) == len(wanted)
    for place, (found, event) in enumerate(zip(pack, wanted, strict=True)):
        if event is None:
            assert _reason(found) is Refusal.UNDECODABLE
        elif (why := broken(event)) is not None:
            assert found == Unsound(Refusal.BROKEN_EVENT, why, int(event["kind"] == "conversion"))
        else:
            assert isinstance(found, Event)
            assert _exact(_known(clean(found), CleanEvent)) == _exact(_known(event, CleanEvent))
            assert _exact(wholes(raw)[place]) == _exact(event)
    return len(wanted)


def _judged(raw: bytes) -> list[Any] | None:
    """What the topic's adapter says of the pack, else of each event alone, None of a bad one; None of no pack."""
    try:
        events: list[Any] = decode(EVENTS_CLEAN, raw)["events"]
    except DecodeError:
        try:
            pack = orjson.loads(unframed(raw))
        except orjson.JSONDecodeError:
            return None
        parts = pack.get("events") if isinstance(pack, dict) and pack.get("v") == 1 else None
        return [_alone(each) for each in parts] if isinstance(parts, list) and parts else None
    return events


def _alone(event: Any) -> Any:
    try:
        return decode(EVENTS_CLEAN, orjson.dumps({"v": 1, "events": [event]}))["events"][0]
    except (DecodeError, orjson.JSONEncodeError):
        return None


def _known(value: Any, shape: Any) -> Any:
    """The value without the fields that the shape does not name."""
    if get_origin(shape) is NotRequired:
        return _known(value, get_args(shape)[0])
    if is_typeddict(shape):
        hints = get_type_hints(shape)
        return {name: _known(part, hints[name]) for name, part in value.items() if name in hints}
    if get_origin(shape) is list:
        return [_known(each, get_args(shape)[0]) for each in value]
    return value


def _exact(value: Any) -> Any:
    """The value with its types, so that 1 is neither true nor 1.0; the order of names says nothing."""
    match value:
        case dict():
            return {name: _exact(part) for name, part in value.items()}
        case list() | tuple():
            return type(value), [_exact(each) for each in value]
        case _:
            return type(value), repr(value)
