"""What must not be lost to an id that was used before: refusals of mail, privacy requests, withdrawals of consent.

Each goes on by an id of its own, made of the given one and of what is said: downstream an id that was seen is a repeat,
whatever comes under it. Law: the same words under the same id have one id.
"""

from pydantic import JsonValue

from schemas.clean import CleanEvent
from schemas.email import Suppression
from schemas.signing import content_hash
from schemas.speaker import Speaker
from services.ingest.core.call import Call
from services.ingest.core.content import ContentNews
from services.ingest.core.reasons import Outcome
from services.ingest.core.source import SHARED, Effects
from services.ingest.core.times import said_time
from services.rules.claims import Claim, Hearing, hearing

WITHDRAWN = "consent.withdrawn"


def own_id(word: str, *said: JsonValue) -> str:
    """The id of a refusal, a request or a withdrawal; at most 33 characters more than the word has."""
    return f"{word}-{content_hash(list(said))[:32]}"


def withdrawal(event: CleanEvent, happened: object, place: int) -> CleanEvent | None:
    """The consents that the event withdraws as an event at a place of its record; None where it withdraws none.

    `happened` is the call's own time as it came: a client that tries again says the same, and one that withdraws anew
    under an old id does not.
    """
    taken = [each for each in event.get("consent", ()) if not each["given"]]
    if not taken or "bot" in event:
        return None
    topic, partition, offset, _ = event["at"]
    said: list[JsonValue] = [[each["purpose"], each.get("address_key")] for each in taken]
    time = happened if isinstance(happened, str | int | float) else None  # what is nested too deep has no JSON
    return {
        "id": own_id("withdrawn", event["id"], time, said),
        "person": event["person"],
        "kind": "identify",
        "name": WITHDRAWN,
        "time_ms": event["time_ms"],
        "received_ms": event["received_ms"],
        "at": (topic, partition, offset, place),
        "trusted": event["trusted"],
        "speaker": event["speaker"],
        "consent": taken,
    }


def withdraw(event: CleanEvent, call: Call, effects: Effects, who: Speaker) -> tuple[Outcome, ...]:
    """Add what the event withdraws, as whoever it counts of; a doubt where that is nobody."""
    is_by_visitor = hearing(Claim.WITHDRAWAL, who) is Hearing.LINKED
    withdrawn = withdrawal(event, said_time(call.body), len(effects))
    if is_by_visitor:
        _keep_grants(event)
    if withdrawn is None:
        return ()
    if not is_by_visitor:
        effects.append(withdrawn)
    elif call.anonymous:  # whom a link leads to the known person
        effects.append({**withdrawn, "person": f"a:{call.anonymous}"})
    else:
        return (Outcome.DOUBT,)
    return ()


def _keep_grants(event: CleanEvent) -> None:
    """Of what a browser says of a known person's consents, what it withdraws goes by its visitor."""
    granted = [each for each in event["consent"] if each["given"]]
    if granted:
        event["consent"] = granted
    else:
        del event["consent"]


def outlives_a_conflict(effect: CleanEvent | Suppression | ContentNews) -> bool:
    """True for what a record withdraws or refuses, whatever else of it nobody can take."""
    return isinstance(effect, SHARED) or effect["name"] == WITHDRAWN
