"""What of a record is somebody's: the whole of it, those of its events that are theirs, or nothing. Pure.

Whose a call is is told as ingest tells it: the user id's, else of who is known by it the address's, else the browser's.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import orjson

from schemas.codec import unframed
from schemas.identity import person_from_tag
from schemas.suppression import address_in
from schemas.topics import (
    ALL,
    BY_NAME,
    CONVERSIONS_RAW,
    DECISIONS,
    EMAIL_FEEDBACK,
    EMAIL_OUTBOUND,
    EMAIL_SUPPRESSIONS,
    EVENTS_CLEAN,
    EVENTS_RAW,
    LLM_REPLIES,
    PRIVACY_REQUESTS,
    PROFILE_SELF,
    RECOMMENDATION_REQUESTS,
    RECOMMENDATIONS,
    Topic,
)
from services.console.core.subject import Subject

SEARCHED: tuple[Topic, ...] = (
    DECISIONS,  # the first: what was decided for somebody names their mails
    RECOMMENDATION_REQUESTS, RECOMMENDATIONS, EMAIL_OUTBOUND, LLM_REPLIES, EMAIL_FEEDBACK, EVENTS_RAW, CONVERSIONS_RAW,
    PRIVACY_REQUESTS, EVENTS_CLEAN, PROFILE_SELF, EMAIL_SUPPRESSIONS,
    *(each for each in ALL if each.short.startswith(("aside.", "dlq."))),  # what is set aside is known by its place
)  # fmt: skip
"""The topics with something of a person or a mailbox, beside the profile's own, in the order they are searched."""

BY_PERSON = frozenset(
    {RECOMMENDATION_REQUESTS, RECOMMENDATIONS, EMAIL_OUTBOUND, LLM_REPLIES, EVENTS_CLEAN, PROFILE_SELF}
)
"""Those of which a person's records lie in the one partition of their key."""

FROM_TOPIC = "kindling_topic"  # the header of a dead letter that says where its record was read
TOKEN = "unsubscribe_token"  # noqa: S105 the property of a call that holds a link's token
UNSHOWN = "it holds events of many persons, and cannot be read: what of it is theirs is not known"

Values: TypeAlias = Mapping[str, Any]
Headers: TypeAlias = Iterable[tuple[str, bytes | None]]


def part_of(topic: str, key: bytes | None, value: bytes | None, headers: Headers, subject: Subject) -> Any:
    """What of a record of the topic (its short name) is the subject's, as JSON; None where nothing is.

    A record that is theirs and cannot be read is shown as it came, unless it may hold somebody else's.
    """
    if topic.startswith("dlq."):
        return _letter_part(key, value, headers, subject)
    if topic.startswith("aside."):
        return _loaded(value) if _keyed(key) in subject.places else None
    return None if value is None else _value_part(topic, key, value, subject)


def _value_part(topic: str, key: bytes | None, value: bytes, subject: Subject) -> Any:
    if topic == EVENTS_CLEAN.short:
        return _events_part(value, subject)
    if topic in _BY_KEY:
        return shown(value) if _BY_KEY[topic](key, subject) else None
    read = _loaded(value)
    if isinstance(read, dict):
        return read if _BY_VALUE[topic](read, subject) else None
    return _as_it_came(value) if _is_named(value, subject) else None


def note(topic: str, place: str, key: bytes | None, part: Any, subject: Subject) -> None:
    """Keep of a record that is theirs by what others are known: its place, the decision and the mail it is about."""
    if topic in _SET_ASIDE:
        subject.places.add(place)
    if topic == DECISIONS.short:
        _, _, decision_id = _keyed(key).rpartition("|")
        subject.decision_ids.add(decision_id)
    if topic in {DECISIONS.short, EMAIL_OUTBOUND.short} and isinstance(part, dict):
        subject.message_ids |= {each for each in (_text(part, "message_id"),) if each}


def call_of(read: Values) -> Values:
    """The call in an envelope of CloudEvents, or the value itself."""
    if "specversion" not in read:
        return read
    data = read.get("data")
    if "data_base64" in read:
        try:
            data = _loaded(b64decode(str(read["data_base64"]), validate=True))
        except ValueError:
            return read
    return data if isinstance(data, dict) else read


def _is_call_theirs(read: Values, subject: Subject) -> bool:
    call = call_of(read)
    properties, traits = _object(call, "properties"), _object(call, "traits")
    if TOKEN in properties:
        return subject.is_token(properties[TOKEN])
    if (user := _id(call, "userId")) is not None:
        return f"u:{user}" in subject.persons
    addresses = (properties, traits, _object(_object(call, "context"), "traits"))
    browsers = {f"a:{each}" for each in (_id(call, "anonymousId"), _id(call, "previousId")) if each is not None}
    if browsers and not subject.is_mailbox:  # somebody else of the household may have typed the address there
        return not subject.persons.isdisjoint(browsers)
    named = {f"e:{key}" for each in addresses for key in subject.key_of(each.get("email"))}
    return not subject.persons.isdisjoint(named | browsers)


def _is_feedback_theirs(read: Values, subject: Subject) -> bool:
    """By the mail's tag; where that names nobody, by the mail or the decision it is about."""
    person = person_from_tag(_text(read, "person_tag"))
    if person is not None:
        return person in subject.persons
    return _text(read, "message_id") in subject.message_ids or _text(read, "decision_id") in subject.decision_ids


def _is_request_theirs(read: Values, subject: Subject) -> bool:
    if (person := read.get("person")) is not None:
        return person in subject.persons
    if (token := read.get("token")) is not None:
        return subject.is_token(token)
    return subject.is_address(read.get("address"))


def _is_state_theirs(read: Values, subject: Subject) -> bool:
    named = {_text(read, name) for name in ("person", "from_person", "mailbox")}
    return not named.isdisjoint(subject.persons | subject.homes)


def _is_recommendation_theirs(read: Values, subject: Subject) -> bool:
    return _text(_object(read, "request"), "person") in subject.persons


def _is_of_person(read: Values, subject: Subject) -> bool:
    return _text(read, "person") in subject.persons


_BY_VALUE: Mapping[str, Callable[[Values, Subject], bool]] = {
    EVENTS_RAW.short: _is_call_theirs,
    CONVERSIONS_RAW.short: _is_call_theirs,
    EMAIL_FEEDBACK.short: _is_feedback_theirs,
    PRIVACY_REQUESTS.short: _is_request_theirs,
    PROFILE_SELF.short: _is_state_theirs,
    RECOMMENDATION_REQUESTS.short: _is_of_person,
    RECOMMENDATIONS.short: _is_recommendation_theirs,
    EMAIL_OUTBOUND.short: _is_of_person,
    LLM_REPLIES.short: _is_of_person,
}


def _is_decision_theirs(key: bytes | None, subject: Subject) -> bool:
    person, _, _ = (key or b"").decode("utf-8", "replace").rpartition("|")
    return person in subject.persons


def _is_refusal_theirs(key: bytes | None, subject: Subject) -> bool:
    return address_in(key) in subject.address_keys


_SET_ASIDE = frozenset({RECOMMENDATION_REQUESTS.short, RECOMMENDATIONS.short, EMAIL_OUTBOUND.short})
_BY_KEY: Mapping[str, Callable[[bytes | None, Subject], bool]] = {
    DECISIONS.short: _is_decision_theirs,
    EMAIL_SUPPRESSIONS.short: _is_refusal_theirs,
}


def _events_part(value: bytes, subject: Subject) -> Any:
    """The pack with the events of the subject alone."""
    read = _loaded(value) if subject.is_in(value) else {}
    events = read.get("events") if isinstance(read, dict) else None
    if not isinstance(events, list):
        return {"is": UNSHOWN} if read is None and _is_named(value, subject) else None
    theirs = [each for each in events if isinstance(each, dict) and _is_event_theirs(each, subject)]
    return {"events": theirs, "left_out": len(events) - len(theirs)} if theirs else None


def _is_event_theirs(event: Values, subject: Subject) -> bool:
    """A link that led somewhere else, and was refused, names somebody else: that somebody called with their address."""
    led_to = _text(event, "link")
    return _text(event, "person") in subject.persons and (not led_to or led_to in subject.persons)


def _letter_part(key: bytes | None, value: bytes | None, headers: Headers, subject: Subject) -> Any:
    """Of a dead letter what would be theirs of the record it was."""
    told = {name: (said or b"").decode("utf-8", "replace") for name, said in headers if name.startswith("kindling_")}
    source = BY_NAME.get(told.get(FROM_TOPIC, ""))
    if source is not None and source.short in {*_BY_KEY, *_BY_VALUE, EVENTS_CLEAN.short}:
        found = part_of(source.short, key, value, (), subject)
    else:
        found = shown(value or b"") if _is_named(value or b"", subject) else None
    if found is None and _keyed(key) in subject.persons:  # a pack has no key
        found = shown(value or b"")
    return None if found is None else {"letter": told, "record": found}


def _keyed(key: bytes | None) -> str:
    return (key or b"").decode("utf-8", "replace")


def _is_named(value: bytes, subject: Subject) -> bool:
    """True if bytes that are no JSON name the subject in the way that a call, or one of our events, does."""
    return any(pattern.search(value) for pattern in _patterns(subject))


def _patterns(subject: Subject) -> Iterator["re.Pattern[bytes]"]:
    fields = {"u:": b"userId", "a:": b"(?:anonymousId|previousId)"}
    for person in subject.persons:
        quoted = re.escape(orjson.dumps(person))
        yield re.compile(quoted)
        if (name := fields.get(person[:2])) is not None:
            yield re.compile(b'"' + name + rb'"\s*:\s*' + re.escape(orjson.dumps(person[2:])))
    for address in subject.addresses:
        yield re.compile(re.escape(address.encode()), re.IGNORECASE)


def shown(value: bytes) -> Any:
    """A value as a file of JSON holds it."""
    read = _loaded(value)
    return _as_it_came(value) if read is None else read


def _as_it_came(value: bytes) -> Values:
    """What is no JSON: its text, or as base64 where it is none."""
    try:
        return {"is": "no JSON, as it came", "text": value.decode()}
    except UnicodeDecodeError:
        return {"is": "no JSON, as it came", "base64": b64encode(value).decode()}


def _loaded(value: bytes | None) -> Any:
    try:
        return orjson.loads(unframed(value or b""))
    except orjson.JSONDecodeError:
        return None


def _object(whole: Values, name: str) -> Values:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def _text(whole: Values, name: str) -> str:
    said = whole.get(name)
    return said if isinstance(said, str) else ""


def _id(call: Values, name: str) -> str | None:
    """An id as ingest takes it: text without the spaces around it, or a number; None where there is none."""
    value = call.get(name)
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if type(value) is int else None
