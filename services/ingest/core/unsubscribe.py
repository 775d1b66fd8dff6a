"""The unsubscribe link of RFC 8058: its token, and what its use writes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import orjson

from schemas import topics
from schemas.codec import encode
from schemas.email import Suppression
from schemas.signing import token_fields
from services.ingest.core.identify import is_person
from services.ingest.core.records import Outgoing
from services.ingest.core.source import Keys

SOURCE = "one-click"
MAX_TOKEN = 1_500  # the URL fits a header value of 870; a person of the greatest length in UTF-8 still fits here
SIGNED_FIELDS, SEALED_FIELDS = 4, 5  # links of mails sent before tokens were sealed name no language
IDS = uuid5(NAMESPACE_URL, "kindling:unsubscribe")


@dataclass(frozen=True, slots=True)
class Link:
    """What a valid token says; only we can have said it."""

    message_id: str
    person: str
    address_key: str
    purpose: str
    language: str = "en"

    def suppression(self, since: datetime) -> Suppression:
        """The refusal of this one purpose at this one address."""
        return Suppression(
            address_key=self.address_key,
            purposes=(self.purpose,),
            state="suppressed",
            reason="unsubscribed",
            since=since,
            source=SOURCE,
        )


def link_of(token: str, keys: Keys) -> Link | None:
    """The link of a token, sealed or of the older signed form, or None where it is not one of ours."""
    if len(token) > MAX_TOKEN or not token.isascii():
        return None
    fields, count = keys.seal.open(token), SEALED_FIELDS
    if fields is None:
        fields, count = token_fields(keys.unsubscribe, token), SIGNED_FIELDS
    if fields is None or len(fields) != count or not is_person(fields[1]):
        return None
    return Link(*fields)


def records_of(link: Link, token: str, now: datetime) -> tuple[Outgoing, Outgoing]:
    """The suppression, and the call from which the consumer tells the profile; the same ids at each use."""
    suppression, refusals = link.suppression(now), topics.EMAIL_SUPPRESSIONS
    call = {
        "type": "track",
        "event": "Unsubscribed",
        "messageId": str(uuid5(IDS, token)),
        "properties": {"unsubscribe_token": token},
        "timestamp": now.isoformat(),
    }
    return (
        Outgoing(refusals, str(refusals.key(suppression)).encode(), encode(refusals, suppression)),
        Outgoing(topics.EVENTS_RAW, link.person.encode(), orjson.dumps(call)),
    )
