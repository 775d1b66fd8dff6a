"""Packs of events.clean as ingest writes them: a crowd that reads, declares, converts, repeats itself, is linked."""

import random
import time
from typing import Any

from schemas.identity import address_key, derived_key
from schemas.topics import EVENTS_CLEAN
from services.runtime.kafka_records import partition_of
from services.runtime.outcome import Send
from tests.conftest import PARTITIONS
from tests.system.conftest import SECRET
from tests.system.plan import Poison

PERSONS = 160  # each stays below the caps, under which alone the fold hangs on no order
ANONYMOUS = 12
ANONYMOUS_ASIDE = 0.6  # who is linked counts twice
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
        self._offset = [0] * PARTITIONS
        self._written: list[list[dict[str, Any]]] = [[] for _ in range(PARTITIONS)]
        names = [f"u:p{number}" for number in range(PERSONS)] + [f"a:n{number}" for number in range(ANONYMOUS)]
        self._persons = [[each for each in names if home(each) == number] for number in range(PARTITIONS)]

    def pack(self) -> Send | Poison:
        """The next one; now and then bytes nobody can read, or a pack with an event that breaks a rule."""
        self._made += 1
        if self._made % POISON_EVERY == 0:
            return Poison(EVENTS_CLEAN, None, b"\xff poison %d" % self._made)
        partition = self._random.randrange(PARTITIONS)
        events = [self._event(partition) for _ in range(self._random.randint(1, 6))]
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

    def _event(self, partition: int) -> dict[str, Any]:
        person = self._random.choice(self._persons[partition])
        chance = self._random.random()
        if person.startswith("a:"):
            if self._random.random() < ANONYMOUS_ASIDE:
                return self._event(partition)
            is_link = chance < 0.2
            return self._linked(partition, person) if is_link else self._page(partition, person)
        if chance < 0.25:
            return self._conversion(partition, person)
        return self._identify(partition, person) if chance < 0.35 else self._page(partition, person)

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

    def _linked(self, partition: int, person: str) -> dict[str, Any]:
        known = f"u:p{person.removeprefix('a:n')}"
        return {**self._new(partition, person), "kind": "linked", "name": "Linked", "link": known}

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
