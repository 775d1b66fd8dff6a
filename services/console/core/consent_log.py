"""The proof of consents: each that was given or withdrawn, when, how, for which address, and where that is written.

What stands of a person is in the profile's value as long as there is the person: the latest of each purpose and
address. The event that said it, with its id, who spoke and its place, is kept as long as its topic keeps it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec

from schemas.clean import CleanEvent, said_by
from schemas.codec import decode
from schemas.decision import Decision
from schemas.email import Suppression
from schemas.errors import DecodeError
from schemas.recommendation import ConsentProof
from schemas.suppression import EVERY_PURPOSE, address_in
from schemas.topics import DECISIONS, EMAIL_SUPPRESSIONS, EVENTS_CLEAN, Topic

LOGGED: tuple[Topic, ...] = (EVENTS_CLEAN, DECISIONS, EMAIL_SUPPRESSIONS)
"""What says it beside the profile's value."""
BELIEVED = ("said by an anonymous browser", "said by the person's own browser", "proven by a server or a signed link")
EVERY_ADDRESS = "every address"
Row: TypeAlias = dict[str, Any]
IsTheirs: TypeAlias = Callable[[str], bool]


class _Consent(msgspec.Struct, array_like=True):
    time_ms: int
    is_given: bool
    source: str
    text_version: str
    rank: int


_Rows: TypeAlias = dict[str, dict[str, _Consent]]


class _Consents(msgspec.Struct):
    rows: _Rows = {}
    refusals: dict[str, int] = {}


class _Value(msgspec.Struct):
    consents: _Consents = msgspec.field(default_factory=_Consents)
    cons: _Rows = {}
    supp: dict[str, int] = {}


_VALUES = msgspec.json.Decoder(_Value)


def of_value(person: str, value: bytes) -> Iterator[Row]:
    """What stands of a person: the latest consent of each purpose and address, and the latest refusal of each kind.

    Raises:
        ValueError: it is no stored person that is known here.
    """
    stored = _VALUES.decode(value)
    for rows in (stored.consents.rows, stored.cons):
        for purpose, held in sorted(rows.items()):
            for key, each in sorted(held.items()):
                yield {
                    "says": "stands", "person": person, "purpose": purpose, "given": each.is_given,
                    "when": instant(each.time_ms), "source": each.source, "text_version": each.text_version or None,
                    "address_key": key or EVERY_ADDRESS, "believed": BELIEVED[min(each.rank, len(BELIEVED) - 1)],
                }  # fmt: skip
    for word, time_ms in sorted({**stored.consents.refusals, **stored.supp}.items()):
        yield {"says": "refused", "person": person, "purpose": EVERY_PURPOSE, "word": word, "when": instant(time_ms)}


def of_record(
    topic: Topic, key: bytes | None, value: bytes, is_theirs: IsTheirs, is_address: IsTheirs
) -> Iterator[Row]:
    """What a record of a topic says of consents; of one that cannot be read, which may say something, that it is so."""
    person, _, _ = (key or b"").decode("utf-8", "replace").rpartition("|")
    if topic is EVENTS_CLEAN:
        may_say = b'"consent"' in value
    elif topic is EMAIL_SUPPRESSIONS:
        may_say = is_address(address_in(key) or "")
    else:
        may_say = b'"consent":{' in value and is_theirs(person)
    if not may_say:
        return
    try:
        said = decode(topic, value)
    except DecodeError:
        yield {"says": "unreadable"}
        return
    match said:
        case Suppression():
            yield _of_refusal(said)
        case Decision(consent=ConsentProof() as proof):
            yield _of_decision(said, proof)
        case {"events": events}:
            yield from (row for event in events if is_theirs(event["person"]) for row in _of_event(event))


def _of_event(event: CleanEvent) -> Iterator[Row]:
    topic, partition, offset, place = event["at"]
    for each in event.get("consent") or ():
        yield {
            "says": "given" if each["given"] else "withdrawn", "person": event["person"], "purpose": each["purpose"],
            "given": each["given"], "when": instant(event["time_ms"]), "received": instant(event["received_ms"]),
            "source": each["source"], "text_version": each.get("text_version"),
            "address_key": each.get("address_key") or EVERY_ADDRESS, "speaker": said_by(event).value,
            "event_id": event["id"],
            "came_at": {"topic": topic, "partition": partition, "offset": offset, "place": place},
        }  # fmt: skip


def _of_refusal(said: Suppression) -> Row:
    return {
        "says": said.state, "purpose": "+".join(said.purposes), "given": False, "when": said.since.isoformat(),
        "address_key": said.address_key, "source": said.source, "word": said.reason,
    }  # fmt: skip


def _of_decision(said: Decision, proof: ConsentProof) -> Row:
    return {
        "says": "relied_on", "person": said.person, "purpose": proof.purpose, "given": True,
        "when": proof.captured_at.isoformat(), "source": proof.proof, "decision_id": said.decision_id,
        "ended_at": said.ended_at.isoformat(),
    }  # fmt: skip


def instant(time_ms: int) -> str:
    """The time as a reader has it."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat()
