"""Privacy requests: what a person wants done with what is known of her."""

from typing import get_args

from schemas import topics
from schemas.clean import CleanEvent
from schemas.email import PrivacyAction, PrivacyRequest, Suppression
from schemas.identity import address_key, normalised_address
from services.ingest.core.feedback import EVERY_MAIL, decoded, instant, past_ms
from services.ingest.core.identify import is_person
from services.ingest.core.reasons import Reason, Refusal, Refused
from services.ingest.core.source import Effects, Keys, Source

ACTIONS = frozenset(get_args(PrivacyAction))
MAX_ID = 100  # characters; schemas/clean.py
UNREAD = Refusal(Reason.UNKNOWN_ACTION, f"expected action to be one of {', '.join(sorted(ACTIONS))}; taken for opt_out")


def from_request(value: bytes, source: Source, keys: Keys) -> tuple[Effects, Refusal | None]:
    """An event for each person the request names, and the suppression of her address where no mail may follow.

    An action that nobody here knows may be about mail: it is an opt-out until somebody does what the record asks.
    A request that names a person and an address is for both: the address may have a profile of its own.

    Raises:
        Refused: not of the topic's shape, or it names nobody.
    """
    request: PrivacyRequest = decoded(topics.PRIVACY_REQUESTS, value)
    key = _address_key(request, keys)
    persons = dict.fromkeys(each for each in (request.person, f"e:{key}" if key else None) if each)
    if not persons or not all(map(is_person, persons)):
        raise Refused(Reason.UNKNOWN_PERSON, "expected person as u:, e: or a: and its id, or a plain address")
    time_ms = past_ms(request.occurred_at, source)
    is_known = request.action in ACTIONS
    action = request.action if is_known else "opt_out"
    # By an id of its own: read again by a version that knows the action, the request is no repeat.
    said = (
        request if is_known else request.model_copy(update={"id": f"opt_out:{request.id}"[:MAX_ID], "action": action})
    )
    effects: Effects = [_event(said, person, time_ms, source.at(place), source) for place, person in enumerate(persons)]
    if key and action != "export":
        effects.append(
            Suppression(
                address_key=key,
                purposes=EVERY_MAIL,
                state="suppressed",
                reason="erased" if action == "erase" else "opt_out",
                since=instant(time_ms),
                source="privacy",
            )
        )
    return effects, None if is_known else UNREAD


def _address_key(request: PrivacyRequest, keys: Keys) -> str | None:
    """The key of the address, or the one that an address's own person key holds."""
    if request.address:
        address = normalised_address(request.address[:400])
        if address is None:
            raise Refused(Reason.UNKNOWN_PERSON, "expected a plain address")
        return address_key(keys.address, address)
    return request.person[2:] if request.person and request.person.startswith("e:") else None


def _event(
    request: PrivacyRequest, person: str, time_ms: int, at: tuple[str, int, int, int], source: Source
) -> CleanEvent:
    event: CleanEvent = {
        "id": request.id,
        "person": person,
        "kind": "privacy",
        "name": request.action,
        "time_ms": time_ms,
        "received_ms": source.received_ms,
        "at": at,
        "trusted": True,
        "privacy": request.action,
    }
    if source.trace:
        event["trace"] = source.trace
    return event
