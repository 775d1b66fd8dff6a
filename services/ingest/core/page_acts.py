"""What a person may do on the page behind a mail's link, and the records by which it is kept.

The link's token is the proof of each: the consumer reads it again, and takes from it alone whom the act is about. What
refuses mail is written to `email.suppressions` too, so that it holds from the moment in which the person is told so.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from uuid import NAMESPACE_URL, uuid5

import orjson

from schemas import topics
from schemas.codec import encode
from schemas.email import PrivacyAction, PrivacyRequest, Suppression
from services.ingest.core.choices import LANGUAGE_CHOSEN, PAUSED, until_ms
from services.ingest.core.feedback import instant
from services.ingest.core.privacy import suppression_of
from services.ingest.core.records import Outgoing
from services.ingest.core.unsubscribe import Link

IDS = uuid5(NAMESPACE_URL, "kindling:page")
WHO = "the page behind a mail's link"
SURE, YES = "sure", "yes"  # the field by which the second page of `forget` says so
_SECOND_MS = 1_000
TOKEN = "unsubscribe_token"  # noqa: S105 the property that holds it


class PageAct(StrEnum):
    """Each by the last word of its path."""

    STOP_ALL = "stop-all"
    PAUSE = "pause"
    LANGUAGE = "language"
    FORGET = "forget"


REQUESTS: Mapping[PageAct, PrivacyAction] = MappingProxyType({PageAct.STOP_ALL: "opt_out", PageAct.FORGET: "erase"})


def act_records(act: PageAct, link: Link, token: str, now_ms: int, language: str = "") -> tuple[Outgoing, ...]:
    """The records of an act; `language` is the one that was chosen.

    Ids: stopping and forgetting are one act for ever, a pause one a day, since it then says the same; the same language
    in the same second is one, and later ones are chosen anew.
    """
    if asked := REQUESTS.get(act):
        return _request(asked, link, token, now_ms)
    if act is PageAct.PAUSE:
        return (_call(PAUSED, link, {TOKEN: token}, now_ms, until_ms(now_ms)),)
    said = {TOKEN: token, "language": language}
    return (_call(LANGUAGE_CHOSEN, link, said, now_ms, now_ms // _SECOND_MS),)


def _request(action: PrivacyAction, link: Link, token: str, now_ms: int) -> tuple[Outgoing, ...]:
    """The refusal of every mail, and the request; it names the person too, as versions want it that read no token."""
    now = instant(now_ms)
    request = PrivacyRequest(
        id=_id(action, token), action=action, person=link.person, occurred_at=now, requested_by=WHO, token=token
    )
    return (
        _refusal(suppression_of(link.address_key, action, now)),
        Outgoing(topics.PRIVACY_REQUESTS, link.person.encode(), encode(topics.PRIVACY_REQUESTS, request)),
    )


def _call(name: str, link: Link, said: dict[str, str], now_ms: int, once: int) -> Outgoing:
    """The call of a choice; the same words have one id as long as `once` is the same."""
    call = {
        "type": "track",
        "event": name,
        "messageId": _id(name, str(once), *said.values()),
        "properties": said,
        "timestamp": instant(now_ms).isoformat(),
    }
    return Outgoing(topics.EVENTS_RAW, link.person.encode(), orjson.dumps(call))


def _refusal(suppression: Suppression) -> Outgoing:
    topic = topics.EMAIL_SUPPRESSIONS
    return Outgoing(topic, str(topic.key(suppression)).encode(), encode(topic, suppression))


def _id(*said: str) -> str:
    return str(uuid5(IDS, "\n".join(said)))
