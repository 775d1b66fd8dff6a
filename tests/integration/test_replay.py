"""`python -m services.recommender replay --anew` over the topics of a real broker: the vectors there are its index."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from schemas.codec import decode
from schemas.course import Course
from schemas.decision import Decision
from schemas.replay import Case
from schemas.topics import CATALOG_COURSES, CATALOG_STANDING, CATALOG_VECTORS
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.recommender.adapters.index.vector_cache import VectorShelf
from services.recommender.commands import now
from services.recommender.core.retrieval.documents import embedded_text, text_hash
from services.recommender.core.values import Stored, Vector
from services.recommender.settings import RecommenderSettings
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Send
from services.runtime.program import read_catalogue
from tests.conftest import ReadAll
from tests.llm_server import Serve, completion, sends

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
ROOT = Path(__file__).parents[2]
ACADEMY = ROOT / "examples" / "academy"
EXAMPLES = ROOT / "schemas" / "examples"
CATALOGUE = list(read_catalogue(ACADEMY / "catalogue.jsonl"))
SECRET = "a secret of the replays"
TRIED = "a course"  # the one text by which an endpoint's vectors are measured at start


class NoEmbedder(FakeEmbedder):
    """One that may not be asked for a course's vector, but for those of these courses."""

    def __init__(self, *courses: Course) -> None:
        super().__init__()
        self.texts = {embedded_text(each) for each in courses}

    async def passages(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """The vectors of the texts that may be asked for."""
        assert self.texts.issuperset(texts), texts
        return await super().passages(texts)


async def _published(address: str, courses: Sequence[Course], embedded: Sequence[Course]) -> list[Stored]:
    """The catalogue on its topic, and the vectors of some of it as a recommender leaves them."""
    fake = FakeEmbedder()
    vectors = await fake.passages([embedded_text(each) for each in embedded])
    made = [Stored(each.id, text_hash(each), vector) for each, vector in zip(embedded, vectors, strict=True)]
    publisher = Publisher(Kafka(address), "test")
    await publisher.start()
    await publisher.send([Send(CATALOG_COURSES, each) for each in courses])
    await VectorShelf(fake.name, fake.dimension, publisher).put(made)
    row = decode(CATALOG_STANDING, (EXAMPLES / "catalog.standing" / "course.json").read_bytes())
    await publisher.send([Send(CATALOG_STANDING, row)])
    await publisher.stop()
    return made


async def test_a_replay_embeds_no_course_whose_vector_is_there(topics: str, serve: Serve, read_all: ReadAll) -> None:
    """The whole command, as the console starts it: its embedder is asked how long its vectors are, and for no course.

    What the person said is embedded, once for all three cases.
    """
    await _published(topics, CATALOGUE, CATALOGUE)
    server = await serve(sends(completion("{}")))
    case = Case(decision=Decision.model_validate_json((EXAMPLES / "decisions" / "pinned.json").read_bytes()))
    environment = {
        "KINDLING_KAFKA_BOOTSTRAP_SERVERS": topics, "KINDLING_SECRET": SECRET, "KINDLING_LLM": "none",
        "KINDLING_PROGRAM": str(ACADEMY), **server.embedding,
    }  # fmt: skip
    lines = f"{case.model_dump_json(by_alias=True)}\n" * 3

    def replay() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "services.recommender", "replay", "--anew"],
            cwd=ROOT, env=environment, input=lines, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip

    done = await asyncio.to_thread(replay)
    assert done.returncode == 0, done.stderr
    cases = [Case.model_validate_json(line) for line in done.stdout.splitlines()]
    assert [each.skipped for each in cases] == [None] * 3
    assert all(each.decision.course is not None for each in cases)
    said = [case.decision.trigger.title, *(each.value for each in case.decision.snapshot.facts)]
    assert server.embedded == [TRIED, *said]
    assert len(await read_all(CATALOG_VECTORS)) == len(CATALOGUE)


async def test_only_what_is_missing_is_embedded_and_nothing_is_published(topics: str, read_all: ReadAll) -> None:
    """The index holds the whole catalogue by the vectors of the topic; what a replay makes is of that replay alone."""
    late, *others = CATALOGUE
    made = await _published(topics, CATALOGUE, others)
    settings = RecommenderSettings(kafka_bootstrap_servers=topics, secret=SECRET, program=ACADEMY)
    async with now(settings, NoEmbedder(late), None) as place:
        assert await place.index.hashes() == place.catalogue.open_hashes
        assert len(place.catalogue.courses) == len(CATALOGUE)
        stored = await place.index.vectors([each.course_id for each in made])
        assert all(stored[each.course_id] == pytest.approx(each.vector, abs=1e-6) for each in made)
        assert place.catalogue.mean is not None
        assert place.statistics.current.events("seo-first-steps") > 0
    assert len(await read_all(CATALOG_VECTORS)) == len(others)
