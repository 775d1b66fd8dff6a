"""Privacy requests: what a person wants done with what is known of her."""

from schemas import topics
from schemas.clean import CleanEvent
from schemas.email import PrivacyRequest, Suppression
from schemas.identity import address_key, normalised_address
from services.ingest.core.feedback import EVERY_MAIL, decoded, instant, past_ms
from services.ingest.core.identify import is_person
from services.ingest.core.reasons import Reason, Refused
from services.ingest.core.source import Effects, Keys, Source


def from_request(value: bytes, source: Source, keys: Keys) -> Effects:
    """An event for each person the request names, and the suppression of her address where no mail may follow.

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
    effects: Effects = [
        _event(request, person, time_ms, source.at(place), source) for place, person in enumerate(persons)
    ]
    if key and request.action != "export":
        effects.append(
            Suppression(
                address_key=key,
                purposes=EVERY_MAIL,
                state="suppressed",
                reason="erased" if request.action == "erase" else "opt_out",
                since=instant(time_ms),
                source="privacy",
            )
        )
    return effects


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
