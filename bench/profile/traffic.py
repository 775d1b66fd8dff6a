"""Traffic as a site has it: visitors who come back zipf-like, visits of some pages each, many visits at once.

Deterministic: one seed, one traffic. Its end is `end_ms`; it goes back by `STEP_MS` for each event.
"""

import random
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import orjson

from schemas.speaker import Speaker, browser_of
from services.runtime.kafka_records import partition_of

SEED = 20_261_124
STEP_MS = 10  # 100 events a second: a busy site
EXPONENT = 0.9  # a few come back often, most hardly ever
VISITORS_AT_ONCE = 400
SOURCES = 4  # partitions of events.raw that ingest read
PACK = 200  # events, as ingest packs them at most
KINDS = ("page", "track", "identify", "conversion")
SHARES = (80.0, 97.0, 99.5, 100.0)  # cumulated, of 100 events
TOPICS = ("email-marketing", "seo", "content-strategy", "analytics", "crm", "negotiation", "leadership", "ai-at-work")
ARTICLES = 40  # a topic
COURSES = 80
TRACKS = ("Video Watched", "Course Viewed", "Site Searched", "Quiz Completed", "Template Copied", "Calculator Used")
ROLES = ("marketer", "founder", "head of sales", "support lead")


@dataclass(frozen=True, slots=True)
class Traffic:
    """How much of it, from how many, and how long a visit is at most; the first `newcomers` visits are by one each.

    `exponent` is of the zipf law by which visitors come back: at 0 all come back alike.
    """

    events: int
    persons: int
    visit: int
    end_ms: int
    partitions: int
    newcomers: int = 0
    exponent: float = EXPONENT


def packs(traffic: Traffic) -> Iterator[tuple[int, bytes]]:
    """Partition and bytes of each pack, in the order in which ingest would write them."""
    yield from packed(events(traffic), traffic.partitions)


def packed(made: Iterable[dict[str, Any]], partitions: int) -> Iterator[tuple[int, bytes]]:
    """Events in packs, as `packs`."""
    open_packs: dict[int, list[dict[str, Any]]] = {number: [] for number in range(partitions)}
    for event in made:
        number = partition_of(event["person"].encode(), partitions)
        pack = open_packs[number]
        pack.append(event)
        if len(pack) == PACK:
            yield number, orjson.dumps({"v": 1, "events": pack})
            open_packs[number] = []
    for number, pack in open_packs.items():
        if pack:
            yield number, orjson.dumps({"v": 1, "events": pack})


def events(traffic: Traffic) -> Iterator[dict[str, Any]]:
    """Each accepted event; the coordinates of each source partition count up without gaps."""
    chance = random.Random(SEED)  # noqa: S311 traffic, no secret
    weights = list(accumulate((rank + 1) ** -traffic.exponent for rank in range(traffic.persons)))
    newcomers = iter(range(traffic.newcomers))
    visits: list[list[int]] = []
    for number in range(traffic.events):
        if len(visits) < VISITORS_AT_ONCE:
            comes_back = bisect(weights, chance.random() * weights[-1])
            visits.append([next(newcomers, comes_back), chance.randint(1, traffic.visit)])
        place = chance.randrange(len(visits))
        visit = visits[place]
        visit[1] -= 1
        if not visit[1]:
            visits[place] = visits[-1]
            visits.pop()
        at_ms = traffic.end_ms - (traffic.events - number) * STEP_MS
        yield _event(chance, number, visit[0], at_ms)


def person_of(rank: int) -> str:
    """Half of the visitors are known, half are browsers."""
    return f"u:{rank:08d}" if rank % 2 else f"a:{rank:08x}-4b1d-4e0a-9c3e-a2f1c0de0000"


def _event(chance: random.Random, number: int, rank: int, at_ms: int) -> dict[str, Any]:
    kind = KINDS[bisect(SHARES, chance.random() * 100.0)]
    person = person_of(rank)
    who = Speaker.SERVER if kind == "conversion" else browser_of(person)
    event = {
        "id": f"{chance.getrandbits(64):016x}-{number:x}",
        "person": person,
        "kind": kind,
        "name": kind,
        "time_ms": at_ms - chance.randrange(2_000),
        "received_ms": at_ms,
        "at": ("events.raw", number % SOURCES, number // SOURCES, 0),
        "trusted": kind == "conversion",
        "speaker": who.value,
        "language": "en",
    }
    return {**event, **_said(chance, kind, TOPICS[int(len(TOPICS) * chance.random() ** 2)])}


def _said(chance: random.Random, kind: str, topic: str) -> dict[str, Any]:
    course = f"course-{int(COURSES * chance.random() ** 2)}"
    match kind:
        case "page" if chance.random() < 0.3:  # noqa: PLR2004 the share of course pages
            path, title = f"/courses/{course}", f"The {course} that people like you took"
        case "page":
            article = int(ARTICLES * chance.random() ** 2)
            path, title = f"/blog/{topic}/article-{article}", f"What we learnt about {topic}, part {article}"
        case "track":
            properties = {"topic": topic, "course_id": course, "position": chance.randrange(100)}
            return {"name": chance.choice(TRACKS), "properties": properties}
        case "identify":
            traits = {"role": chance.choice(ROLES), "company": f"Company {chance.randrange(5_000)}"}
            return {"traits": traits}
        case _:
            return {"name": "Guide Downloaded", "properties": {"topic": topic, "title": f"The {topic} guide"}}
    return {"path": path, "title": title, "url": f"https://www.tidewell.example{path}?utm_source=newsletter"}
