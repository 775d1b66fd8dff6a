"""Privacy requests: what a person wants done with what is known of her."""

from datetime import datetime
from typing import NamedTuple, get_args
from uuid import NAMESPACE_URL, uuid5

from pydantic import JsonValue

from schemas import topics
from schemas.clean import CleanEvent
from schemas.email import PrivacyAction, PrivacyRequest, Suppression, SuppressionReason
from schemas.identity import address_key, normalised_address
from schemas.signing import canonical, is_signed_record, signature
from schemas.speaker import Speaker
from services.ingest.core.feedback import EVERY_MAIL, decoded, instant, past_ms
from services.ingest.core.identify import is_person
from services.ingest.core.reasons import Reason, Refusal, Refused
from services.ingest.core.source import Effects, Keys, Source
from services.ingest.core.unsubscribe import Link, link_of
from services.ingest.core.withdrawal import own_id
from services.rules.claims import Claim, is_heard

ACTIONS = frozenset(get_args(PrivacyAction))
LIFT = "lift"
LIFTS = uuid5(NAMESPACE_URL, "kindling:lift")
MAX_SOURCE = 300  # characters of who asked, and why
UNREAD = Refusal(Reason.UNKNOWN_ACTION, f"expected action to be one of {', '.join(sorted(ACTIONS))}; taken for opt_out")


class Said(NamedTuple):
    """What a request says to each of its persons."""

    id: str
    action: str
    time_ms: int
    speaker: Speaker


def from_request(value: bytes, source: Source, keys: Keys) -> tuple[Effects, Refusal | None]:
    """An event for each person the request names, and the suppression of her address where no mail may follow.

    An action that nobody here knows may be about mail: it is an opt-out until somebody does what the record asks.
    A request that names a person and an address is for both: the address may have a profile of its own. So is one with
    the token of a mail's link, which alone names them.

    Raises:
        Refused: not of the topic's shape, or it names nobody; a lift that is not signed, or of no address; a token that
            is not ours, or that asks for more than its reader may.
    """
    request: PrivacyRequest = decoded(topics.PRIVACY_REQUESTS, value)
    if request.action == LIFT and not is_signed_record(keys.suppression, value):
        raise Refused(Reason.BAD_SIGNATURE, "expected a lift with our signature, as `services.ingest lift` writes it")
    link = None if request.token is None else _proven(request, request.token, keys)
    key = _address_key(request, keys) if link is None else link.address_key
    named = request.person if link is None else link.person
    persons = dict.fromkeys(each for each in (named, f"e:{key}" if key else None) if each)
    if not persons or not all(map(is_person, persons)):
        raise Refused(Reason.UNKNOWN_PERSON, "expected person as u:, e: or a: and its id, or a plain address")
    time_ms = past_ms(request.occurred_at, source)
    is_known = request.action in ACTIONS
    action = request.action if is_known else "opt_out"
    # Of the action as it came: read again by a version that knows it, the request is no repeat.
    who = Speaker.OPERATOR if link is None else Speaker.SIGNED_LINK
    said = Said(own_id(action, request.action, request.id), action, time_ms, who)
    effects: Effects = [_event(said, person, source, place) for place, person in enumerate(persons)]
    if action == LIFT:
        effects.append(_lift(request, key, time_ms, keys))
    elif key and action != "export":
        effects.append(suppression_of(key, action, instant(time_ms)))
    return effects, None if is_known else UNREAD


def suppression_of(key: str, action: str, since: datetime) -> Suppression:
    """The refusal of every mail by which an address is left alone after an opt-out or an erasure."""
    reason: SuppressionReason = "erased" if action == "erase" else "opt_out"
    return Suppression(
        address_key=key, purposes=EVERY_MAIL, state="suppressed", reason=reason, since=since, source="privacy"
    )


def _proven(request: PrivacyRequest, token: str, keys: Keys) -> Link:
    """The link whose token a request shows.

    Raises:
        Refused: it is none of ours, or asks for another, or for more than its reader may.
    """
    link = link_of(token, keys)
    if link is None:
        raise Refused(Reason.BAD_TOKEN, "expected token as one of our links has it")
    if request.address is not None or request.person not in {None, link.person}:
        raise Refused(Reason.BAD_TOKEN, "expected a request with a token to name nobody beside the token's person")
    if not is_heard(Claim.LIFT if request.action == LIFT else Claim.PRIVACY, Speaker.SIGNED_LINK):
        raise Refused(Reason.BAD_TOKEN, "expected a lift without a token: it is the operator's")
    return link


def _lift(request: PrivacyRequest, key: str | None, time_ms: int, keys: Keys) -> Suppression:
    """The signed record by which everybody who sends hears of it."""
    if key is None:
        raise Refused(Reason.UNKNOWN_PERSON, "expected the address whose refusals are lifted")
    lift = Suppression(
        address_key=key, purposes=EVERY_MAIL, state="lifted", reason="lifted", since=instant(time_ms),
        source=f"privacy: {request.requested_by}"[:MAX_SOURCE],
    )  # fmt: skip
    fields = lift.model_dump(mode="json", exclude={"signature"})
    return lift.model_copy(update={"signature": signature(keys.suppression, fields)})


def _address_key(request: PrivacyRequest, keys: Keys) -> str | None:
    """The key of the address, or the one that an address's own person key holds."""
    if request.address:
        address = normalised_address(request.address[:400])
        if address is None:
            raise Refused(Reason.UNKNOWN_PERSON, "expected a plain address")
        return address_key(keys.address, address)
    return request.person[2:] if request.person and request.person.startswith("e:") else None


def _event(said: Said, person: str, source: Source, place: int) -> CleanEvent:
    event: CleanEvent = {
        "id": said.id,
        "person": person,
        "kind": "privacy",
        "name": said.action,
        "time_ms": said.time_ms,
        "received_ms": source.received_ms,
        "at": source.at(place),
        "trusted": True,
        "speaker": said.speaker.value,
        "privacy": said.action,
    }
    if source.trace:
        event["trace"] = source.trace
    return event


def lift_of(address: str, person: str | None, said: str, time_ms: int, keys: Keys) -> bytes:
    """The signed request that lifts what the address, and the person who has it, refused until now.

    Raises:
        Refused: one of them is none.
    """
    if normalised_address(address[:400]) is None:
        raise Refused(Reason.UNKNOWN_PERSON, f"expected a plain address; came {address}")
    if person is not None and not is_person(person):
        raise Refused(Reason.UNKNOWN_PERSON, f"expected a person as u:, e: or a: and its id; came {person}")
    fields: dict[str, JsonValue] = {
        "id": str(uuid5(LIFTS, f"{address}\n{person}\n{time_ms}")), "action": LIFT, "person": person,
        "address": address, "occurred_at": instant(time_ms).isoformat(), "requested_by": said,
    }  # fmt: skip
    return canonical({**fields, "signature": signature(keys.suppression, fields)})
