"""The proof of consents: each that was given or withdrawn, when, how, for which address, and where that is written.

What stands of a person is in the profile's value as long as there is the person: the latest of each purpose and
address. The event that said it, with its id, who spoke and its place, is kept as long as its topic keeps it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec
import orjson

from schemas.clean import said_by
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
    """What a record of a topic says of consents; nothing of one that is not read as that topic's."""
    try:
        match topic:
            case _ if topic is EVENTS_CLEAN:
                yield from _of_events(value, is_theirs) if b'"consent"' in value else ()
            case _ if topic is EMAIL_SUPPRESSIONS:
                yield from _of_refusal(orjson.loads(value)) if is_address(address_in(key) or "") else ()
            case _:
                person, _, decision_id = (key or b"").decode("utf-8", "replace").rpartition("|")
                proves = b'"consent":{' in value and is_theirs(person)
                yield from _of_decision(person, decision_id, orjson.loads(value)) if proves else ()
    except orjson.JSONDecodeError:
        return


def _of_events(value: bytes, is_theirs: IsTheirs) -> Iterator[Row]:
    for event in orjson.loads(value).get("events", ()):
        if not is_theirs(event["person"]):
            continue
        for each in event.get("consent") or ():
            topic, partition, offset, place = event["at"]
            yield {
                "says": "given" if each["given"] else "withdrawn", "person": event["person"],
                "purpose": each["purpose"], "given": each["given"], "when": instant(event["time_ms"]),
                "received": instant(event["received_ms"]), "source": each["source"],
                "text_version": each.get("text_version"), "address_key": each.get("address_key") or EVERY_ADDRESS,
                "speaker": said_by(event).value, "event_id": event["id"],
                "came_at": {"topic": topic, "partition": partition, "offset": offset, "place": place},
            }  # fmt: skip


def _of_refusal(said: Mapping[str, Any]) -> Iterator[Row]:
    yield {
        "says": said["state"], "purpose": "+".join(said["purposes"]), "given": False, "when": said["since"],
        "address_key": said["address_key"], "source": said["source"], "word": said["reason"],
    }  # fmt: skip


def _of_decision(person: str, decision_id: str, said: Mapping[str, Any]) -> Iterator[Row]:
    proof = said["consent"]
    yield {
        "says": "relied_on", "person": person, "purpose": proof["purpose"], "given": True,
        "when": proof["captured_at"], "source": proof["proof"], "decision_id": decision_id,
        "ended_at": said["ended_at"],
    }  # fmt: skip


def instant(time_ms: int) -> str:
    """The time as a reader has it."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat()
