"""What of a record is somebody's: each topic tells whose its records are in its own way."""

from base64 import b64encode
from typing import Any

import orjson
import pytest

from schemas.identity import address_key, derived_key, person_tag
from schemas.retention import Of, holding_of
from schemas.topics import ALL, PROFILE_CHANGELOG
from services.console.core.belonging import BY_PERSON, SEARCHED, note, part_of, shown
from services.console.core.subject import Subject

KEY = derived_key(b"a secret", "address")
ADDRESS = "home@example.com"
HOME = address_key(KEY, ADDRESS)
CALL = {"type": "track", "event": "x"}


@pytest.fixture
def ada() -> Subject:
    """A person with an id of every kind, one decision and one mail."""
    return Subject(
        KEY, {"token": ("mail", "u:ada", HOME, "news")}.get, is_mailbox=False,
        persons={"u:ada", "a:tablet", f"e:{HOME}"}, address_keys={HOME}, addresses={ADDRESS},
        decision_ids={"d-1"}, message_ids={"m-1"},
        places={"kindling.email.outbound.v1/0/7"},
    )  # fmt: skip


def _part(topic: str, value: Any, subject: Subject, key: str | None = None, **headers: str) -> Any:
    raw = value if isinstance(value, bytes) or value is None else orjson.dumps(value)
    named = [(name, said.encode()) for name, said in headers.items()]
    return part_of(topic, None if key is None else key.encode(), raw, named, subject)


def test_every_topic_that_holds_somebody_is_searched() -> None:
    """The profile's own is read before, since it says who they are; what is set aside is known by its place."""
    held = {each for each in ALL if holding_of(each).of in {Of.PERSON, Of.MAILBOX}}
    aside = {each for each in ALL if each.short.startswith("aside.")}
    assert {*SEARCHED} == (held | aside) - {PROFILE_CHANGELOG}
    assert {each.partitions for each in BY_PERSON} == {"P"}


@pytest.mark.parametrize("topic", ["events.raw", "conversions.raw"])
@pytest.mark.parametrize(
    ("call", "is_theirs"),
    [
        ({"userId": "ada"}, True),
        ({"userId": " ada "}, True),
        ({"userId": "ben", "anonymousId": "tablet"}, False),
        ({"userId": "ben", "traits": {"email": ADDRESS}}, False),
        ({"anonymousId": "tablet"}, True),
        ({"previousId": "tablet"}, True),
        ({"anonymousId": "phone", "traits": {"email": ADDRESS}}, False),
        ({"context": {"traits": {"email": "HOME@example.com"}}}, True),
        ({"properties": {"email": ADDRESS}}, True),
        ({"properties": {"email": "cy@example.com"}, "traits": 7, "userId": None}, False),
        ({"properties": {"unsubscribe_token": "token"}}, True),
        ({"properties": {"unsubscribe_token": "other"}, "userId": "ada"}, False),
        ({"userId": ""}, False),
        ({"userId": True}, False),
    ],
)
def test_a_call_is_whose_id_it_gives(topic: str, call: dict[str, Any], is_theirs: bool, ada: Subject) -> None:  # noqa: FBT001
    """The user id goes before the browser's, and both before an address that somebody typed there."""
    whole = CALL | call
    assert _part(topic, whole, ada) == (whole if is_theirs else None)


def test_a_number_is_an_id_as_ingest_has_it() -> None:
    """As its digits."""
    seven = Subject(KEY, lambda _: None, is_mailbox=False, persons={"u:7"})
    assert _part("events.raw", {"userId": 7}, seven) == {"userId": 7}
    assert _part("events.raw", {"userId": 7.5}, seven) is None


def test_of_a_mailbox_a_call_of_any_browser_that_names_it_is_theirs() -> None:
    """Whoever typed it: the address is the mailbox's."""
    mailbox = Subject(KEY, lambda _: None, is_mailbox=True, persons={f"e:{HOME}"}, address_keys={HOME})
    assert _part("events.raw", {"anonymousId": "phone", "traits": {"email": ADDRESS}}, mailbox) is not None


def test_a_call_in_an_envelope_is_the_call_s(ada: Subject) -> None:
    """As CloudEvents wraps it, also in base64; an envelope of something else is nobody's."""
    call = CALL | {"userId": "ada"}
    inside = b64encode(orjson.dumps(call)).decode()
    for envelope in ({"data": call}, {"data_base64": inside}):
        assert _part("events.raw", {"specversion": "1.0", **envelope}, ada) is not None
    odd: tuple[dict[str, Any], ...] = (
        {"data": [1]},
        {"data_base64": "!"},
        {"data_base64": b64encode(b"x").decode()},
        {},
    )
    for envelope in odd:
        assert _part("events.raw", {"specversion": "1.0", **envelope}, ada) is None


@pytest.mark.parametrize(
    ("fields", "is_theirs"),
    [
        ({"person_tag": person_tag("u:ada")}, True),
        ({"person_tag": person_tag("u:ben"), "decision_id": "d-1", "message_id": "m-1"}, False),
        ({"person_tag": "-", "decision_id": "d-1"}, True),
        ({"message_id": "m-1"}, True),
        ({"message_id": "m-2", "decision_id": None}, False),
    ],
)
def test_feedback_is_whose_tag_it_has(fields: dict[str, Any], is_theirs: bool, ada: Subject) -> None:  # noqa: FBT001
    """Where that names nobody, whose mail it is about."""
    assert (_part("email.feedback", fields, ada) is not None) == is_theirs


@pytest.mark.parametrize(
    ("fields", "is_theirs"),
    [
        ({"person": "u:ada"}, True),
        ({"person": "u:ben", "address": ADDRESS}, False),
        ({"token": "token"}, True),
        ({"token": "other", "address": ADDRESS}, False),
        ({"address": ADDRESS}, True),
        ({"address": None}, False),
    ],
)
def test_a_request_is_whom_it_names(fields: dict[str, Any], is_theirs: bool, ada: Subject) -> None:  # noqa: FBT001
    """The person before the token, and both before the address."""
    assert (_part("privacy.requests", fields, ada) is not None) == is_theirs


@pytest.mark.parametrize(
    ("topic", "value"),
    [
        ("profile.self", {"person": "u:ada", "from_person": "a:x"}),
        ("profile.self", {"person": "u:x", "from_person": "a:tablet"}),
        ("recommendation.requests", {"person": "u:ada"}),
        ("recommendations", {"request": {"person": "u:ada"}}),
        ("email.outbound", {"person": "u:ada"}),
        ("llm.replies", {"person": "u:ada"}),
    ],
)
def test_a_record_of_a_stage_names_its_person(topic: str, value: dict[str, Any], ada: Subject) -> None:
    """Of another person it is nothing, and a tombstone is nothing."""
    assert _part(topic, value, ada) == value
    assert _part(topic, orjson.loads(orjson.dumps(value).replace(b"ada", b"ben").replace(b"tablet", b"z")), ada) is None
    assert _part(topic, None, ada) is None


def test_what_the_profile_keeps_of_a_mailbox_itself_is_the_mailbox_s(ada: Subject) -> None:
    """It names everybody who uses it, so it is in no person's file."""
    mailbox = Subject(KEY, lambda _: None, is_mailbox=True, address_keys={HOME})
    asked = {"mailbox": f"m:{HOME}", "person": "u:ben"}
    assert _part("profile.self", asked, mailbox) == asked
    assert _part("profile.self", asked, ada) is None
    assert _part("profile.self", {**asked, "person": "u:ada"}, ada) is not None
    assert ada.homes == frozenset()


def test_decisions_and_refusals_are_known_by_their_key(ada: Subject) -> None:
    """One that nobody can read is shown as it came."""
    assert _part("decisions", {"a": 1}, ada, "u:ada|d-1") == {"a": 1}
    assert _part("decisions", b"\xff", ada, "u:ada|d-1") == {"is": "no JSON, as it came", "base64": "/w=="}
    assert _part("decisions", b"{cut", ada, "u:ada|d-1") == {"is": "no JSON, as it came", "text": "{cut"}
    assert _part("decisions", {"a": 1}, ada, "u:ada2|d-1") is None
    assert _part("decisions", {"a": 1}, ada) is None
    assert _part("email.suppressions", {"a": 1}, ada, f"{HOME}|*") == {"a": 1}
    assert _part("email.suppressions", {"a": 1}, ada, "other|*") is None


def test_of_a_pack_only_their_events_are_taken(ada: Subject) -> None:
    """How many others it held is told, and no word of them; nor who else called with their address."""
    mine, other = {"person": "u:ada", "id": "1"}, {"person": "u:ben", "id": "2"}
    refused, led = {"person": f"e:{HOME}", "link": "u:ben"}, {"person": "a:tablet", "link": "u:ada"}
    assert _part("events.clean", {"v": 1, "events": [mine, other, refused, led, 7]}, ada) == {
        "events": [mine, led], "left_out": 3,
    }  # fmt: skip
    assert _part("events.clean", {"v": 1, "events": [other]}, ada) is None
    assert _part("events.clean", {"v": 1, "events": 7, "person": "u:ada"}, ada) is None
    assert set(_part("events.clean", b'{"events":[{"person":"u:ada"', ada)) == {"is"}
    assert _part("events.clean", b'{"events":[{"person":"u:ben"', ada) is None


@pytest.mark.parametrize(
    ("raw", "is_theirs"),
    [
        (b'{"userId": "ada", cut', True),
        (b'{"userId": "ada2", cut', False),
        (b'{"anonymousId":"tablet"', True),
        (b'"person":"u:ada" cut', True),
        (b"to HOME@example.com", True),
        (b'{"other": "ada", cut', False),
        (b"[1]", False),
    ],
)
def test_what_is_no_object_is_theirs_where_it_names_them_as_a_call_does(
    raw: bytes, is_theirs: bool, ada: Subject  # noqa: FBT001
) -> None:  # fmt: skip
    """A short id that stands somewhere in it is not enough: it may be a number of somebody else's."""
    assert (_part("events.raw", raw, ada) is not None) == is_theirs


def test_what_is_set_aside_is_known_by_its_place(ada: Subject) -> None:
    """The pointer holds nothing of them; its tombstone is nothing."""
    pointer = {"topic": "kindling.email.outbound.v1"}
    assert _part("aside.connector", pointer, ada, "kindling.email.outbound.v1/0/7") == pointer
    assert _part("aside.connector", None, ada, "kindling.email.outbound.v1/0/7") is None
    assert _part("aside.connector", pointer, ada, "kindling.email.outbound.v1/0/8") is None


def test_a_dead_letter_is_whose_its_record_was(ada: Subject) -> None:
    """Told by the topic that it was read from; with what was wrong. Of a pack only their events are in it."""
    mine = {"person": "u:ada"}
    from_clean = {"kindling_topic": "kindling.events.clean.v1", "kindling_reason": "bad"}
    assert _part("dlq.profile", {"events": [mine, {"person": "u:ben"}]}, ada, None, **from_clean, other="x") == {
        "letter": from_clean, "record": {"events": [mine], "left_out": 1},
    }  # fmt: skip
    from_raw = {"kindling_topic": "kindling.events.raw.v1"}
    assert _part("dlq.ingest", {"userId": "ada"}, ada, None, **from_raw)["record"] == {"userId": "ada"}
    assert _part("dlq.ingest", {"userId": "ben"}, ada, None, **from_raw) is None
    assert _part("dlq.ingest", {"userId": "ada"}, ada)["record"] == {"userId": "ada"}
    assert _part("dlq.ingest", {"userId": "ben"}, ada) is None
    assert _part("dlq.ingest", None, ada) is None
    assert _part("dlq.composer", {"odd": 1}, ada, "u:ada", kindling_topic="kindling.catalog.courses.v1")["record"] == {
        "odd": 1
    }
    assert _part("dlq.composer", None, ada, "u:ada")["record"] == {"is": "no JSON, as it came", "text": ""}


def test_what_is_found_says_by_what_more_is_known() -> None:
    """A decision gives its id and its mail's, a mail its own, and what may be set aside its place."""
    subject = Subject(KEY, lambda _: None, is_mailbox=False)
    note("decisions", "decisions/0/1", b"u:ada|d-9", {"message_id": "m-9"}, subject)
    note("decisions", "decisions/0/2", b"u:ada|d-8", {"message_id": None}, subject)
    note("email.outbound", "outbound/0/3", b"u:ada", {"message_id": "m-7"}, subject)
    note("email.outbound", "outbound/0/4", b"u:ada", [1], subject)
    note("email.feedback", "feedback/0/5", None, {"message_id": "m-6"}, subject)
    assert (subject.decision_ids, subject.message_ids) == ({"d-9", "d-8"}, {"m-9", "m-7"})
    assert subject.places == {"outbound/0/3", "outbound/0/4"}


def test_a_value_that_a_registry_framed_is_read() -> None:
    """As everywhere."""
    assert shown(b'\x00\x00\x00\x00\x01{"a":1}') == {"a": 1}
