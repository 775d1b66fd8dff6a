"""What a person chose on the page behind a mail's link: a pause, a language. As a call, and as the event it becomes.

Whoever sends such a call, it is about the person in the token, and by nobody else. Law: the same choice under the same
message id has one id.
"""

import re

from schemas.clean import CleanEvent
from schemas.speaker import Speaker
from services.ingest.core.call import Call, unsubscribe_token
from services.ingest.core.reasons import Reason, Refused
from services.ingest.core.source import Keys, Source
from services.ingest.core.unsubscribe import Link, link_of
from services.ingest.core.withdrawal import own_id

PAUSED = "Mail Paused"
LANGUAGE_CHOSEN = "Mail Language Chosen"
CHOICES = frozenset({PAUSED, LANGUAGE_CHOSEN})
PAUSE_DAYS = 30
_DAY_MS = 86_400_000
_CODE = re.compile("[a-z]{2,3}")


def until_ms(time_ms: int) -> int:
    """When a pause ends that begins then: after its days, at the end of a UTC day, so that one a day is enough."""
    return (time_ms // _DAY_MS + 1 + PAUSE_DAYS) * _DAY_MS


def from_choice(call: Call, name: str, time_ms: int, source: Source, keys: Keys) -> CleanEvent:
    """The event of a choice, for the person in its token.

    Raises:
        Refused: the token is not one of ours, or the language is none.
    """
    link = link_of(unsubscribe_token(call) or "", keys)
    if link is None:
        raise Refused(Reason.BAD_TOKEN, "expected unsubscribe_token as one of our links has it")
    if name == PAUSED:
        ends_ms = until_ms(time_ms)
        event = _event(own_id("paused", call.message, link.message_id, ends_ms), name, time_ms, link, source)
        event["until_ms"] = ends_ms
        return event
    language = call.properties.get("language")
    if not isinstance(language, str) or _CODE.fullmatch(language) is None:
        raise Refused(Reason.BAD_SHAPE, "expected language as two or three small letters, as es")
    event = _event(own_id("language", call.message, link.message_id, language), name, time_ms, link, source)
    event["language"] = language
    return event


def _event(own: str, name: str, time_ms: int, link: Link, source: Source) -> CleanEvent:
    event: CleanEvent = {
        "id": own,
        "person": link.person,
        "kind": "choice",
        "name": name,
        "time_ms": time_ms,
        "received_ms": source.received_ms,
        "at": source.at(0),
        "trusted": True,
        "speaker": Speaker.SIGNED_LINK.value,
    }
    if source.trace:
        event["trace"] = source.trace
    return event
