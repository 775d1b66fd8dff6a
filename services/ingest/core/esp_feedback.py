"""An ESP's event as a record of email.feedback, or the refusal of an address; or whose it is not.

An ESP echoes what the mail was given as metadata: `person_tag`, `message_id`, `decision_id`, `address_key`, `course_id`
(or `course`) and `also`. Where it has only tags, one of them is the person tag. No address is kept in plain text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, get_args
from uuid import UUID

import orjson
from pydantic import ValidationError

from schemas import topics
from schemas.codec import encode
from schemas.email import CourseLink, Feedback, FeedbackWord, Suppression
from schemas.identity import person_from_tag
from schemas.program import MOST_COURSES
from schemas.speaker import Speaker
from schemas.suppression import EVERY_PURPOSE
from services.ingest.core.call import loaded, without_nul
from services.ingest.core.clean import clean
from services.ingest.core.esp_event import EspEvent, bounce_class, echoed_ids, machine, record_id
from services.ingest.core.facts import address_claim
from services.ingest.core.feedback import MAX_MAIL_ID, decoded
from services.ingest.core.flat import MAX_TEXT, text
from services.ingest.core.hook import MAX_RECORDS, Esp
from services.ingest.core.identify import is_person
from services.ingest.core.intake import Arrival
from services.ingest.core.reasons import Reason, Refusal, Refused
from services.ingest.core.records import Outgoing
from services.ingest.core.source import Keys
from services.rules.claims import Claim, is_heard

MAX_URL = 2_000
MAX_TAGS = 50  # of one event that are looked at
UNKNOWN_MAIL = "unknown"
OUR_VERSION = 5  # of `schemas.identity.message_id_of`
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WORDS = frozenset(get_args(FeedbackWord))
_KEY = re.compile(r"[0-9a-f]{32}")
_ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]@]{1,64}@[^\s<>\"'(),;:\[\]@]{1,255}")  # bounded: so is the time it takes
_ADDRESS_IN_URL = re.compile(r"[A-Za-z0-9._+~%-]{1,64}(?:@|%40)[A-Za-z0-9.-]{1,255}")
MASK = "[address]"


class Fate(StrEnum):
    """What became of one event of an ESP; a label of the metric."""

    KEPT = "kept"
    SUPPRESSED = "suppressed"
    NOT_OURS = "not_ours"
    INBOUND = "inbound"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Told:
    """What an event leads to: a record, or none where it is not about a mail of ours."""

    fate: Fate
    record: Outgoing | None = None


def told_of(esp: Esp, event: EspEvent, keys: Keys, now_ms: int) -> Told:
    """The record of an event.

    One without a person tag of ours is about no mail of ours; a complaint or a bounce for good is all the same about
    an address, which gets no mail from then on.

    Raises:
        Refused: the consumer would not take the record.
    """
    now = EPOCH + timedelta(milliseconds=now_ms)
    at = now if event.at is None else min(event.at, now)
    claim = address_claim(event.recipient, keys.address)
    address_key = claim["key"] if claim else None
    if (tag := _person_tag(event)) is None:
        refusal = _refusal_of(esp, event, address_key, at)
        return Told(Fate.NOT_OURS) if refusal is None else Told(Fate.SUPPRESSED, refusal)
    metadata = event.metadata
    echoed = metadata.get("address_key")
    feedback = Feedback(
        id=record_id(esp, event),
        word=event.word if event.word in _WORDS else "unknown",
        message_id=_message_id(esp, event),
        decision_id=text(metadata.get("decision_id"), MAX_MAIL_ID),
        person_tag=tag,
        address_key=echoed if isinstance(echoed, str) and _KEY.fullmatch(echoed) else address_key,
        occurred_at=at,
        source=f"webhook:{esp}",
        machine=machine(esp, event.said),
        bounce_class=bounce_class(esp, event),
        url=_masked(_ADDRESS_IN_URL, event.url, MAX_URL),
        course_id=text(metadata.get("course_id") or metadata.get("course"), MAX_MAIL_ID),
        also=_also(metadata.get("also")),
        reason=_masked(_ADDRESS, _reason(event), MAX_TEXT),
    )
    return Told(Fate.KEPT, record_of(feedback, keys))


def own_items(body: bytes) -> list[Any]:
    """The records of our own form: one, or a list of them.

    Raises:
        Refused: neither, or too many.
    """
    said = loaded(without_nul(body))
    if not isinstance(said, dict | list):
        raise Refused(Reason.NOT_AN_OBJECT, f"expected a record, or a list of them; {type(said).__name__} came")
    items = said if isinstance(said, list) else [said]
    if len(items) > MAX_RECORDS:
        raise Refused(Reason.TOO_MANY_CALLS, f"expected at most {MAX_RECORDS} records; {len(items)} came")
    return items


def own_record(item: Any, keys: Keys) -> Outgoing:
    """The record of one of our own form, of the fields that the schema has.

    Raises:
        Refused: it is none, or the consumer would not take it.
    """
    feedback: Feedback = decoded(topics.EMAIL_FEEDBACK, orjson.dumps(item))
    return record_of(feedback, keys)


def record_of(feedback: Feedback, keys: Keys) -> Outgoing:
    """The record of what became of a mail.

    Raises:
        Refused: the consumer would not take it.
    """
    topic = topics.EMAIL_FEEDBACK
    try:
        value = encode(topic, feedback)
    except ValueError:  # a lone surrogate
        raise Refused(Reason.BAD_SHAPE, "expected text that UTF-8 can hold") from None
    if isinstance(outcome := clean(Arrival(topic.name, value), keys), Refusal):
        raise Refused(outcome.reason, outcome.detail)
    return Outgoing(topic, str(topic.key(feedback)).encode(), value)


def _person_tag(event: EspEvent) -> str | None:
    for tag in (event.metadata.get("person_tag"), *event.tags[:MAX_TAGS]):
        person = person_from_tag(tag) if isinstance(tag, str) and tag.isascii() else None
        if person is not None and is_person(person):
            return str(tag)
    return None


def _message_id(esp: Esp, event: EspEvent) -> str:
    """Our id of the mail: echoed, or in a Message-ID as our mails have it; else the ESP's own."""
    if found := text(event.metadata.get("message_id"), MAX_MAIL_ID):
        return found
    for each in echoed_ids(esp, event):
        local, at, _ = each.strip().strip("<>").partition("@")
        if at and _is_of_ours(local):
            return local
    return text(event.message_id, MAX_MAIL_ID) or UNKNOWN_MAIL


def _is_of_ours(value: str) -> bool:
    """True for a UUID of version 5, which ours are; an ESP that makes ids of its own makes them by chance."""
    try:
        found = UUID(value)
    except ValueError:
        return False
    return found.version == OUR_VERSION and str(found) == value


def _refusal_of(esp: Esp, event: EspEvent, address_key: str | None, at: datetime) -> Outgoing | None:
    """The suppression of an address that complained, or is gone; None of all else."""
    is_final = event.word == "complained" or bounce_class(esp, event) == "hard"
    if not (is_final and address_key and is_heard(Claim.REFUSAL, Speaker.CONNECTOR)):
        return None
    topic = topics.EMAIL_SUPPRESSIONS
    said = {
        "address_key": address_key,
        "purposes": (EVERY_PURPOSE,),
        "state": "suppressed",
        "reason": event.word,
        "since": at,
        "source": f"webhook:{esp}",
    }
    suppression = Suppression.model_validate(said)
    return Outgoing(topic, str(topic.key(suppression)).encode(), encode(topic, suppression))


def _reason(event: EspEvent) -> str | None:
    """Why, in Anymail's word, the ESP's and the server's."""
    parts = (each.strip() for each in (event.reject_reason, event.description, event.response) if each)
    return "; ".join(dict.fromkeys(each for each in parts if each)) or None


def _masked(pattern: re.Pattern[str], value: str | None, longest: int) -> str | None:
    """The text without addresses: servers write them into what they answer, and pages into their links."""
    return text(pattern.sub(MASK, value[: 2 * longest]), longest) if value else None


def _also(value: Any) -> tuple[CourseLink, ...]:
    """The further courses of the mail, as a list or as its JSON, since most ESPs echo text alone; else none."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return ()
    items = value[: MOST_COURSES - 1] if isinstance(value, list) else []
    found = []
    for each in items:
        if isinstance(each, Mapping):
            try:
                found.append(CourseLink.model_validate({"title": "", **each}))
            except ValidationError:
                continue
    return tuple(found)
