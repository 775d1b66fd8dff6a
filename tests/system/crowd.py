"""Packs of events.clean as ingest writes them: a crowd that reads, declares, converts, repeats itself, is linked.

Who is linked is so by a call that ingest itself makes events of; the known person's may come long after the link.
"""

import random
import time
from collections import deque
from typing import Any

import orjson

from schemas.identity import address_key, derived_key
from schemas.signing import UNSUBSCRIBE_SEAL
from schemas.topics import CONVERSIONS_RAW, EVENTS_CLEAN, EVENTS_RAW, Topic
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.source import keys_of
from services.runtime.kafka_records import partition_of
from services.runtime.outcome import Send
from services.runtime.siv_seal import SivSeal
from tests.conftest import PARTITIONS
from tests.system.conftest import SECRET
from tests.system.plan import Poison

PERSONS = 160  # each stays below the caps, under which alone the fold hangs on no order
ANONYMOUS = 12
ANONYMOUS_ASIDE = 0.6  # who is linked counts twice
SERVER_LINKS = 0.5  # the share of links that come with a conversion
HELD_GOES_ON = 0.2  # the share of packs that bring what a link overtook
POISON_EVERY = 97
DAY_MS = 86_400_000
TOPICS = ("email-marketing", "seo", "crm", "paid-ads")
COURSES = ("email-automation-foundations", "crm-clean-data", "seo-first-steps")
CONVERSIONS = ("Guide Downloaded", "Webinar Registered", "Trial Started", "Course Enrolled", "Course Completed")


class Crowd:
    """Makes one pack after another; the same seed makes the same crowd."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 a crowd is no secret
        self._key = derived_key(SECRET.encode(), "address")
        self._made = self._number = 0
        self._keys = keys_of(SECRET.encode(), SivSeal(derived_key(SECRET.encode(), UNSUBSCRIBE_SEAL)))
        self._offset = [0] * PARTITIONS
        self._held: deque[Send] = deque()
        self._written: list[list[dict[str, Any]]] = [[] for _ in range(PARTITIONS)]
        names = [f"u:p{number}" for number in range(PERSONS)] + [f"a:n{number}" for number in range(ANONYMOUS)]
        self._persons = [[each for each in names if home(each) == number] for number in range(PARTITIONS)]

    def pack(self) -> Send | Poison:
        """The next one; now and then bytes nobody can read, or a pack with an event that breaks a rule."""
        self._made += 1
        if self._made % POISON_EVERY == 0:
            return Poison(EVENTS_CLEAN, None, b"\xff poison %d" % self._made)
        if self._held and self._random.random() < HELD_GOES_ON:
            return self._held.popleft()
        partition = self._random.randrange(PARTITIONS)
        events = [each for _ in range(self._random.randint(1, 6)) for each in self._events(partition)]
        if self._made % POISON_EVERY == POISON_EVERY // 2:
            events.append({**self._new(partition, "u:" + "x" * 400), "kind": "page", "name": "Page"})
        if self._random.random() < 0.1 and self._written[partition]:
            events[:0] = self._written[partition][-2:]  # ingest after a crash: the same coordinates again
        self._written[partition] = [*self._written[partition], *events][-4:]
        return Send(EVENTS_CLEAN, {"v": 1, "events": events}, partition)

    def greeting(self, partition: int) -> Send:
        """One more event of each person of the partition."""
        events = [self._page(partition, person) for person in self._persons[partition]]
        return Send(EVENTS_CLEAN, {"v": 1, "events": events}, partition)

    def _events(self, partition: int) -> list[dict[str, Any]]:
        person = self._random.choice(self._persons[partition])
        chance = self._random.random()
        if person.startswith("a:"):
            if self._random.random() < ANONYMOUS_ASIDE:
                return self._events(partition)
            is_link = chance < 0.2
            return self._linked(partition, person) if is_link else [self._page(partition, person)]
        if chance < 0.25:
            return [self._conversion(partition, person)]
        return [self._identify(partition, person) if chance < 0.35 else self._page(partition, person)]

    def _new(self, partition: int, person: str) -> dict[str, Any]:
        self._number += 1
        self._offset[partition] += 1
        now = int(time.time() * 1000)
        at = ("events.raw", partition, self._offset[partition], 0)
        return {
            "id": f"m{self._number}", "person": person, "time_ms": now, "received_ms": now, "at": at, "trusted": False,
        }  # fmt: skip

    def _page(self, partition: int, person: str) -> dict[str, Any]:
        event = self._new(partition, person)
        topic = self._random.choice(TOPICS)
        age_ms = self._random.randrange(90) * DAY_MS
        path = f"/blog/{topic}/x" if self._random.random() < 0.7 else f"/courses/{self._random.choice(COURSES)}"
        page = {"kind": "page", "name": "Page", "path": path, "title": topic, "time_ms": event["time_ms"] - age_ms}
        return {**event, **page}

    def _identify(self, partition: int, person: str) -> dict[str, Any]:
        traits = {"role": self._random.choice(("CEO", "CMO", "SDR")), "company": f"Firm {self._random.randrange(9)}"}
        said = {"kind": "identify", "name": "Identify", "traits": traits, "trusted": self._random.random() < 0.5}
        return {**self._new(partition, person), **said}

    def _linked(self, partition: int, person: str) -> list[dict[str, Any]]:
        """What ingest makes of a call that links the person, for this partition; the rest is held back for a while.

        Such calls come from a source partition of their own, so that each partition has them in its order.
        """
        topic, call = self._linking(person)
        now = int(time.time() * 1000)
        record = FakeRecord(topic.name, PARTITIONS + partition, self._number, orjson.dumps(call), now)
        cleaned = clean(record, self._keys)
        assert isinstance(cleaned, Cleaned)
        mine: list[dict[str, Any]] = []
        for event in cleaned.effects:
            assert isinstance(event, dict)
            at = home(event["person"])
            if at == partition:
                mine.append({**event})
            else:
                self._held.append(Send(EVENTS_CLEAN, {"v": 1, "events": [event]}, at))
        return mine

    def _linking(self, person: str) -> tuple[Topic, dict[str, Any]]:
        """A server's conversion, or a browser's identify, of an anonymous person who is known now."""
        self._number += 1
        known = f"p{person.removeprefix('a:n')}"
        call = {"messageId": f"m{self._number}", "anonymousId": person.removeprefix("a:"), "userId": known}
        if self._random.random() < SERVER_LINKS:
            properties = {"topic": self._random.choice(TOPICS), "course_id": self._random.choice(COURSES)}
            email = None if int(known[1:]) % 2 else f"{known}@lead.example"  # as of every conversion of theirs
            said = {**properties, "email": email, "consent": {"marketing": email is not None}}
            event = self._random.choice(CONVERSIONS)
            return CONVERSIONS_RAW, {**call, "type": "track", "event": event, "properties": said}
        return EVENTS_RAW, {**call, "type": "identify", "traits": {"role": self._random.choice(("CEO", "CMO", "SDR"))}}

    def _conversion(self, partition: int, person: str) -> dict[str, Any]:
        properties = {
            "title": "A guide",
            "topic": self._random.choice(TOPICS),
            "course_id": self._random.choice(COURSES),
        }
        event = {
            **self._new(partition, person), "kind": "conversion", "name": self._random.choice(CONVERSIONS),
            "trusted": True, "properties": properties,
        }  # fmt: skip
        if int(person.removeprefix("u:p")) % 2:
            return event  # these never consent: each trigger ends when it is due
        address = f"{person.removeprefix('u:')}@lead.example"
        key = address_key(self._key, address)
        consent = [{"purpose": "marketing", "given": True, "source": "form:guide", "address_key": key}]
        return {**event, "address": {"value": address, "key": key}, "consent": consent}


def home(person: str) -> int:
    """The partition of a person."""
    return partition_of(person.encode(), PARTITIONS)
