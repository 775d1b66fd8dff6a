"""The story of the academy played in one process, without a broker: from the leads' calls to what profile asks for."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from deploy.local.calls import calls_of
from deploy.local.story import Lead, read_story
from schemas.codec import encode
from schemas.program import Program
from schemas.recommendation import RecommendationRequest
from schemas.topics import CONVERSIONS_RAW, EVENTS_RAW, PROFILE_SELF, RECOMMENDATION_REQUESTS
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.source import keys_of
from services.profile.core import mailbox
from services.profile.core.mailbox import Mailbox
from services.profile.core.person import Person
from services.profile.core.transition import Transition
from services.profile.pipeline import Input, Read, advance, compiled, decode, fire
from services.runtime.fake_seal import FakeSeal
from services.runtime.program import read_program

ACADEMY = Path(__file__).parents[2] / "examples" / "academy"
NOW = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
LATER_MS = 4 * 3_600_000  # every quiet period is over
SECRET = b"a secret of a test, 101"  # by which every lead is in the arm that the story tells of


class NotPlayed(Exception):  # noqa: N818 a story and a program that belong together are never refused
    """What the story sends is refused on the way."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw record as the Kafka client would hand it out."""

    topic: str
    offset: int
    timestamp: int
    value: bytes
    partition: int = 0
    key: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()


@dataclass(slots=True)
class Played:
    """One partition of profile that has folded the story's first part."""

    program: Program
    values: dict[str, bytes] = field(default_factory=dict)
    homes: dict[str, bytes] = field(default_factory=dict)
    checkpoint: dict[str, Any] = field(default_factory=dict)
    offset: int = 0

    def take(self, topic: str, raw: bytes, now_ms: int) -> None:
        """Fold one record."""
        self.offset += 1
        step = advance([Input(topic, 0, self.offset, now_ms, None, raw)], self.checkpoint, Read(self.read, self.home),
                       compiled(self.program), now_ms)  # fmt: skip
        if step.rejects:
            raise NotPlayed(f"profile rejects what the story sends to {topic}: {step.rejects}")
        self.keep(step, now_ms)

    def keep(self, step: Transition, now_ms: int) -> None:
        """Commit a step, and fold what it sends to profile itself."""
        self.checkpoint = step.checkpoint
        self.values |= step.values
        self.homes |= step.homes
        for send in step.sends:
            if send.topic is PROFILE_SELF:
                self.take(PROFILE_SELF.short, encode(PROFILE_SELF, send.event), now_ms)

    def read(self, person: str) -> Person | None:
        """A person's state."""
        raw = self.values.get(person)
        return None if raw is None else decode(raw)

    def home(self, key: str) -> Mailbox | None:
        """A mailbox's."""
        raw = self.homes.get(key)
        return None if raw is None else mailbox.decode(raw)

    def requests(self, now_ms: int) -> Iterator[RecommendationRequest]:
        """What profile asks for once everybody has been quiet."""
        for person in tuple(self.values):
            while step := fire(person, decode(self.values[person]), self.checkpoint, compiled(self.program), now_ms):
                self.keep(step, now_ms)
                yield from (send.event for send in step.sends if send.topic is RECOMMENDATION_REQUESTS)


def requests_of(
    program: Path = ACADEMY, only: Collection[str] | None = None
) -> list[tuple[str, RecommendationRequest]]:
    """What profile asks for after the story's first part, by the name of the lead, in the story's order.

    `only`: the names of the leads who are there, where not everybody is.

    Raises:
        NotPlayed: a call of the story is refused by ingest or profile.
    """
    story, played = read_story(program / "story.yaml"), Played(read_program(program))
    leads = [each for each in story.leads if only is None or each.name in only]
    now_ms = int(NOW.timestamp() * 1_000)
    for number, (topic, call) in enumerate(_calls(leads, played.program.brand.website.rstrip("/"))):
        cleaned = clean(Raw(topic, number, now_ms, orjson.dumps(call)), keys_of(SECRET, FakeSeal()))
        if not isinstance(cleaned, Cleaned):
            raise NotPlayed(f"ingest rejects a call of the story: {cleaned}")
        events = [each for each in cleaned.effects if isinstance(each, dict)]
        played.take("events.clean", orjson.dumps({"v": 1, "events": events}), now_ms)
    by_person = {lead.person(SECRET): lead.name for lead in leads}
    asked = {by_person[each.person]: each for each in played.requests(now_ms + LATER_MS)}
    return [(lead.name, asked[lead.name]) for lead in leads if lead.name in asked]


def _calls(leads: Iterable[Lead], website: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for lead in leads:
        for sent in calls_of(lead, 1, "run", NOW, website):
            yield (CONVERSIONS_RAW if sent.is_conversion else EVENTS_RAW).name, sent.call
