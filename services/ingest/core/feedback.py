"""What became of a mail: from a connector's record, a tracker's mail event, or the use of an unsubscribe link."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from pydantic import JsonValue

from schemas import topics
from schemas.clean import CleanEvent, FeedbackFact
from schemas.codec import decode
from schemas.email import CourseLink, Feedback, Suppression
from schemas.errors import DecodeError
from schemas.identity import person_from_tag
from schemas.program import MOST_COURSES
from schemas.speaker import Speaker
from schemas.suppression import EVERY_PURPOSE
from services.ingest.core.flat import MAX_TEXT, text
from services.ingest.core.identify import is_person
from services.ingest.core.names import feedback_word
from services.ingest.core.reasons import Reason, Refused
from services.ingest.core.source import Effects, Keys, Source
from services.ingest.core.times import FUTURE_MS
from services.ingest.core.unsubscribe import link_of
from services.ingest.core.withdrawal import own_id
from services.rules.clicks import Click, Verdict, verdict

MAX_MAIL_ID = 100
MOST_FURTHER = MOST_COURSES - 1
EVERY_MAIL = (EVERY_PURPOSE,)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_record(value: bytes, source: Source) -> Effects:
    """The event of one feedback record, and the suppression where the address refuses mail or does not exist.

    Raises:
        Refused: not of the topic's shape, or without one of our person tags.
    """
    feedback = decoded(topics.EMAIL_FEEDBACK, value)
    person = person_from_tag(feedback.person_tag)
    if person is None or not is_person(person):
        raise Refused(Reason.UNKNOWN_PERSON, "expected person_tag as the outbound record had it")
    fact = _fact(feedback)
    event: CleanEvent = {
        "id": own_id(feedback.word, feedback.id, cast("JsonValue", fact)) if _is_final(fact) else feedback.id,
        "person": person,
        "kind": "feedback",
        "name": feedback.word,
        "time_ms": past_ms(feedback.occurred_at, source),
        "received_ms": source.received_ms,
        "at": source.at(0),
        "trusted": True,
        "speaker": Speaker.CONNECTOR.value,
        "feedback": fact,
    }
    if course := text(feedback.course_id):
        event["properties"] = {"course": course}
    if url := text(feedback.url):
        event["url"] = url
    if source.trace:
        event["trace"] = source.trace
    suppression = _suppression(feedback, event["time_ms"]) if _is_final(fact) else None
    return [event, suppression] if suppression else [event]


def from_mail_event(event: CleanEvent, properties: Mapping[str, Any]) -> None:
    """Make a tracker's mail event feedback where it names one of our mails; without an id it stays what it was.

    What it calls the clicked link is then the event's URL, not the page it was sent from.

    An unsubscribe counts only by its token, so that nobody is unsubscribed by a forged event.
    """
    word = feedback_word(event["name"])
    message_id = text(properties.get("message_id") or properties.get("email_id"), MAX_MAIL_ID)
    if word is None or word == "unsubscribed" or message_id is None:
        return
    event["kind"] = "feedback"
    event["feedback"] = {"word": word, "message_id": message_id}
    machine = properties.get("machine")
    if machine in ("yes", "suspected", "no"):
        event["feedback"]["machine"] = machine
    if _is_final(event["feedback"]):
        event["id"] = own_id(word, event["id"], message_id)
    if link := text(properties.get("link_url")):
        event["url"] = link


def from_token(token: str, message: str, time_ms: int, source: Source, keys: Keys) -> Effects:
    """The event and the suppression of a used unsubscribe link: for the person in the token, whoever sent the call.

    Raises:
        Refused: the token is not one of ours.
    """
    link = link_of(token, keys)
    if link is None:
        raise Refused(Reason.BAD_TOKEN, "expected unsubscribe_token as one of our links has it")
    event: CleanEvent = {
        "id": own_id("unsubscribed", message, link.message_id, link.purpose),
        "person": link.person,
        "kind": "feedback",
        "name": "unsubscribed",
        "time_ms": time_ms,
        "received_ms": source.received_ms,
        "at": source.at(0),
        "trusted": True,
        "speaker": Speaker.SIGNED_LINK.value,
        "feedback": {"word": "unsubscribed", "message_id": link.message_id, "reason": link.purpose},
    }
    if source.trace:
        event["trace"] = source.trace
    return [event, link.suppression(instant(time_ms))]


def decoded(topic: topics.Topic, value: bytes) -> Any:
    """The event of the topic.

    Raises:
        Refused: with what is wrong with it.
    """
    try:
        return decode(topic, value)
    except DecodeError as error:
        raise Refused(Reason.BAD_SHAPE, str(error)) from None


def past_ms(moment: datetime, source: Source) -> int:
    """The moment in milliseconds, not before 1970, and the receive time where it lies in the future."""
    time_ms = max(0, (moment - _EPOCH) // timedelta(milliseconds=1))
    return time_ms if time_ms <= source.received_ms + FUTURE_MS else source.received_ms


def instant(time_ms: int) -> datetime:
    """The moment of the milliseconds, in UTC."""
    return _EPOCH + timedelta(milliseconds=time_ms)


def _is_bounded(link: CourseLink) -> bool:
    """True for what can be one of our courses: a profile keeps it."""
    return 0 < len(link.id) <= MAX_MAIL_ID and len(link.url) <= MAX_TEXT


def _fact(feedback: Feedback) -> FeedbackFact:
    fact: FeedbackFact = {"word": feedback.word, "message_id": feedback.message_id}
    if feedback.decision_id:
        fact["decision_id"] = feedback.decision_id
    if machine := _machine(feedback):
        fact["machine"] = machine
    if feedback.bounce_class:
        fact["bounce_class"] = feedback.bounce_class
    if also := {each.id: each.url for each in feedback.also[:MOST_FURTHER] if _is_bounded(each)}:
        fact["also"] = also
    if reason := text(feedback.reason):
        fact["reason"] = reason
    return fact


def _machine(feedback: Feedback) -> str | None:
    """Whether a machine clicked, as far as the record says: when its mail came only the person's profile knows."""
    if feedback.word != "clicked":
        return feedback.machine
    found = verdict(Click(vendor=feedback.machine or "", method=feedback.method or "", agent=feedback.user_agent or ""))
    return feedback.machine if found is Verdict.NO else found.value


def _is_final(fact: FeedbackFact) -> bool:
    """True for what refuses mail, or says that the address does not exist."""
    word = fact["word"]
    return word in {"complained", "unsubscribed"} or (word == "bounced" and fact.get("bounce_class") == "hard")


def _suppression(feedback: Feedback, time_ms: int) -> Suppression | None:
    """Every mail is refused: an ESP's unsubscribe names no purpose, and a suppression only ever tightens."""
    if not feedback.address_key:
        return None
    return Suppression.model_validate(
        {
            "address_key": feedback.address_key,
            "purposes": EVERY_MAIL,
            "state": "suppressed",
            "reason": feedback.word,
            "since": instant(time_ms),
            "source": feedback.source,
        }
    )
