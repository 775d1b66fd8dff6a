"""An erasure as an operator asks for it: the requests, the word of every stage, and the tombstones of decisions."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

import orjson

from schemas.email import PrivacyRequest
from schemas.suppression import address_in
from schemas.topics import (
    ALL,
    DECISIONS,
    EMAIL_SUPPRESSIONS,
    EVENTS_CLEAN,
    PRIVACY_REQUESTS,
    PROFILE_CHANGELOG,
    RECOMMENDATION_REQUESTS,
)
from services.console.core.receipt import Gone, Progress
from services.console.core.subject import Subject, stored_of
from services.runtime.clock import now_ms
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_records import RawRecord
from services.runtime.kafka_scan import Scanner, Tell
from services.runtime.kafka_tail import Tail
from services.runtime.kafka_topics import TopicsAdmin
from services.runtime.outcome import Send, Unavailable

SOURCE = "kindling-erase"
REQUESTS = uuid5(NAMESPACE_URL, "kindling:erase")
WATCHED = (EVENTS_CLEAN, PROFILE_CHANGELOG, EMAIL_SUPPRESSIONS)
SAID_EVERY_MS = 2_000
GONE = (b'"erased"', b'"gone"')  # as the two versions of a stored person say it


def requests_of(persons: Iterable[str], by: str, at: datetime) -> tuple[PrivacyRequest, ...]:
    """A request for each of these persons; one of an address's own person refuses mail to the address, too."""
    return tuple(
        PrivacyRequest(
            id=str(uuid5(REQUESTS, f"{each}\n{at.isoformat()}")), action="erase", person=each, occurred_at=at,
            requested_by=by,
        )
        for each in persons
    )  # fmt: skip


class KafkaErasure:
    """Writes as the operator does. `tell` hears how far it is."""

    def __init__(self, kafka: Kafka, tell: Tell) -> None:
        self._kafka, self._tell = kafka, tell

    async def ask(self, requests: tuple[PrivacyRequest, ...], progress: Progress, deadline_ms: int) -> None:
        """Write the requests, and wait until every stage has acknowledged them, or the deadline has come.

        Raises:
            Unavailable: Kafka is away, or has no such topic.
        """
        async with Tail(self._kafka, *WATCHED) as tail:
            publisher = Publisher(self._kafka, SOURCE)
            await publisher.start()
            try:
                await publisher.send([Send(PRIVACY_REQUESTS, each) for each in requests])
            finally:
                await publisher.stop()
            await self._acknowledged(tail, progress, deadline_ms)

    async def _acknowledged(self, tail: Tail, progress: Progress, deadline_ms: int) -> None:
        while not progress.is_done and (began_ms := now_ms()) < deadline_ms:
            self._tell("; ".join(progress.missing()))
            async for record in tail.until(min(deadline_ms, began_ms + SAID_EVERY_MS)):
                hear(record, progress)
                if progress.is_done:
                    break

    async def tombstone(self, is_theirs: Callable[[str], bool]) -> tuple[int, frozenset[str]]:
        """Put a tombstone on each decision of these persons; how many, and the ids of all that they have.

        Raises:
            Unavailable: Kafka is away, has no such topic, or did not take one.
        """
        self._tell(f"{DECISIONS.name}: looking through it")
        found: dict[bytes, tuple[int, bool]] = {}
        async with Scanner(self._kafka, self._tell) as scanner:
            async for record in scanner.records(DECISIONS):
                person, _, _ = (record.key or b"").decode("utf-8", "replace").rpartition("|")
                if record.key is not None and is_theirs(person):
                    found[record.key] = record.partition, record.value is not None
        publisher = Publisher(self._kafka, SOURCE)
        await publisher.start()
        try:
            held = [(key, partition) for key, (partition, is_there) in found.items() if is_there]
            for key, partition in held:
                await publisher.send_raw(DECISIONS, key, None, partition)
        finally:
            await publisher.stop()
        return len(held), frozenset(key.decode("utf-8", "replace").rpartition("|")[2] for key in found)

    async def asked_for(self, subject: Subject) -> frozenset[str]:
        """The ids of the decisions that the profile asked for and that recommender and composer may still make.

        Raises:
            Unavailable: Kafka is away, or has no such topic.
        """
        keys = {each.encode() for each in subject.persons}
        ids = set[str]()
        async with Scanner(self._kafka, self._tell) as scanner:
            async for record in scanner.records(RECOMMENDATION_REQUESTS, keys):
                if record.key in keys and record.value:
                    ids.add(str(orjson.loads(record.value).get("decision_id")))
        return frozenset(ids)

    async def erased_persons(self) -> frozenset[str]:
        """Everybody whose value says that they are erased.

        Raises:
            Unavailable: Kafka is away, or has no such topic.
        """
        persons = set[str]()
        async with Scanner(self._kafka, self._tell) as scanner:
            async for record in scanner.records(PROFILE_CHANGELOG):
                value = record.value or b""
                stored = stored_of(value) if any(each in value for each in GONE) else None
                if stored is not None and stored.erased is not None and record.key is not None:
                    persons.add(record.key.decode("utf-8", "replace"))
        return frozenset(persons)

    async def settings(self) -> dict[str, dict[str, str]]:
        """The settings of every topic of ours, by name; none of one where they may not be read.

        Raises:
            Unavailable: no broker answers.
        """
        admin = TopicsAdmin(self._kafka)
        await admin.start()
        try:
            return await admin.settings(ALL)
        finally:
            await admin.stop()


def hear(record: RawRecord, progress: Progress) -> None:
    """Note whose word a record is."""
    value, key = record.value or b"", (record.key or b"").decode("utf-8", "replace")
    if record.topic == PROFILE_CHANGELOG.name and key in progress.persons:
        stored = stored_of(value)
        if stored is not None and stored.erased is not None:
            time_ms, receipt = stored.erased
            progress.gone[key] = Gone(key, datetime.fromtimestamp(time_ms / 1000, UTC), receipt)
    elif record.topic == EMAIL_SUPPRESSIONS.name:
        progress.refused |= {each for each in (address_in(record.key),) if each in progress.address_keys and value}
    elif record.topic == EVENTS_CLEAN.name and b'"erase"' in value:
        events = orjson.loads(value).get("events", ())
        named = {each["person"] for each in events if each.get("privacy") == "erase"}
        progress.taken |= named & progress.persons


def away(progress: Progress, wait_s: float) -> Unavailable:
    """Why an erasure that was asked for has no receipt yet."""
    return Unavailable(
        f"the request is written and stays for 30 days, but within {wait_s:g} s {'; '.join(progress.missing())}: start "
        "what does not run (`kindling doctor` says), and run this again for the receipt"
    )
