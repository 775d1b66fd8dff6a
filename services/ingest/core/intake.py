"""The calls of a request as the records they become; what is wrong with one is told, the rest go on.

Law: what is taken here the consumer takes, at whatever time and place the record then has.
"""

from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from schemas import topics
from schemas.raw import MAX_CALL_BYTES
from services.ingest.core.body import Calls
from services.ingest.core.call import TYPES, Call, checked, unsubscribe_token
from services.ingest.core.clean import clean
from services.ingest.core.content import is_about_content
from services.ingest.core.envelope import MARK, call_of
from services.ingest.core.headers import TRACE, is_trace
from services.ingest.core.reasons import Reason, Refusal, Refused
from services.ingest.core.records import Outgoing
from services.ingest.core.source import Keys
from services.rules.content import id_of

IDS = uuid5(NAMESPACE_URL, "kindling:call")
MAX_AGENT = 500
_ENVELOPE = frozenset({"writeKey", "receivedAt", "batch"})  # of the request, not of the call


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose request it is, and the types of the calls it may send.

    `salt` makes ids of calls that have none: when a server signed, else when it came (ms).
    """

    key: str
    salt: int
    is_server: bool
    sends: frozenset[str] = TYPES
    browser_agent: str = ""
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """What goes to Kafka, and what was refused, by its place in the request."""

    records: tuple[Outgoing, ...]
    errors: tuple[tuple[int, Refusal], ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record as the consumer will read it; where and when it arrives changes nothing of whether it is taken."""

    topic: str
    value: bytes
    key: bytes | None = None
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    headers: tuple[tuple[str, bytes | None], ...] = ()


def intake_of(calls: Calls, sender: Sender, keys: Keys) -> Intake:
    """The records of the calls; a signed server's are conversions, the others web events."""
    records: list[Outgoing] = []
    errors: list[tuple[int, Refusal]] = []
    headers = ((TRACE, sender.trace.encode()),) if is_trace(sender.trace) else ()
    for place, item in enumerate(calls.items):
        try:
            key, value = _record(item, calls.envelope, sender, place, keys)
            records.append(Outgoing(_topic(sender), key.encode(), value, headers))
        except Refused as refused:
            errors.append((place, refused.refusal))
    return Intake(tuple(records), tuple(errors))


def _topic(sender: Sender) -> topics.Topic:
    return topics.CONVERSIONS_RAW if sender.is_server else topics.EVENTS_RAW


def _record(item: Any, envelope: dict[str, Any], sender: Sender, place: int, keys: Keys) -> tuple[str, bytes]:
    """Key and value of a call's record. What shares a key keeps its order: a visitor's calls, a piece's news."""
    if isinstance(item, Refusal):
        raise Refused(item.reason, item.detail)
    if not isinstance(item, dict):
        raise Refused(Reason.NOT_AN_OBJECT, f"expected a JSON object; {type(item).__name__} came")
    if MARK in item:
        item = call_of(item)
    call = _completed(item, envelope, sender)
    if not call.get("messageId"):
        call["messageId"] = str(uuid5(IDS, f"{sender.salt}:{place}:{_bytes(item).hex()}"))
    ids = checked(call, is_trusted=sender.is_server)
    if ids.kind not in sender.sends:
        raise Refused(Reason.FORBIDDEN_TYPE, f"expected a type that this write key may send; {ids.kind} came")
    value = _bytes(call)
    if len(value) > MAX_CALL_BYTES:
        raise Refused(Reason.CALL_TOO_LARGE, f"expected at most {MAX_CALL_BYTES} bytes; {len(value)} came")
    is_news = is_about_content(ids.kind, ids.body)
    if is_news or _is_unsure(ids):
        outcome = clean(Arrival(_topic(sender).name, value), keys)
        if isinstance(outcome, Refusal):
            raise Refused(outcome.reason, outcome.detail)
    return id_of(ids.properties) if is_news else ids.user or ids.anonymous or ids.message, value


def _is_unsure(call: Call) -> bool:
    """True for the few calls of which `checked` does not tell all, so that the consumer itself is asked.

    Those are links, aliases, and what names no id: whether an address is one, and a token ours, only it knows.
    """
    return not (call.user or call.anonymous) or call.kind == "alias" or unsubscribe_token(call) is not None


def _completed(item: dict[str, Any], envelope: dict[str, Any], sender: Sender) -> dict[str, Any]:
    """The call with what is said once for the batch, and the browser's name where the SDK leaves it out."""
    call = {name: value for name, value in item.items() if name not in _ENVELOPE}
    if call.get("sentAt") is None and envelope.get("sentAt") is not None:
        call["sentAt"] = envelope["sentAt"]
    if isinstance(call.get("type"), str):
        call["type"] = call["type"].lower()
    shared, context = envelope.get("context"), call.get("context")
    if isinstance(shared, dict) and shared is not context:
        call["context"] = {**shared, **context} if isinstance(context, dict) else shared
    if sender.browser_agent:
        context = call["context"] if isinstance(call.get("context"), dict) else {}
        call["context"] = {"userAgent": sender.browser_agent[:MAX_AGENT], **context}
    return call


def _bytes(call: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(call)
    except TypeError:
        raise Refused(Reason.NOT_JSON, "expected less deeply nested JSON") from None
