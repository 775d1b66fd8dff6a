"""A topic that a service is spared: read whole where it is there, and followed once it is made, without a restart."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import cast

import pytest

from schemas.topics import CATALOG_CONTENT, Topic
from services.runtime import kafka_spared
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_spared import followed_if_made
from services.runtime.kafka_view import View
from services.runtime.outcome import Unavailable
from services.runtime.process import Process
from services.runtime.retry import Backoff
from services.runtime.tasks import Tasks
from tests.processes import new_process, run

PART = "view of catalog.content"


class FakeView:
    """Remembers what it was told to do, and whom to tell of trouble."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.tell: Callable[[bool], object] = bool

    @contextlib.asynccontextmanager
    async def followed(self, part: str, process: Process) -> AsyncIterator[None]:
        """As `View.followed`."""
        assert not process.stop.is_set()
        self.done += [part]
        yield
        self.done += ["stopped"]

    async def start(self, tasks: Tasks, tell: Callable[[bool], object]) -> None:
        """As `View.start`."""
        assert tasks.ended is None
        self.done += ["started"]
        self.tell = tell

    async def stop(self) -> None:
        """As `View.stop`."""
        self.done += ["stopped"]


class Broker:
    """Answers whether the topic is `there` or `missing`, or is `away`: each answer once, the last one for good."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def is_made(self, _kafka: Kafka, topic: Topic) -> bool:
        """The next answer."""
        assert topic is CATALOG_CONTENT
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "away":
            raise Unavailable("no broker")
        return answer == "there"


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Broker]:
    """A broker that answers so; nothing waits between two questions."""

    def of(*answers: str) -> Broker:
        made = Broker(*answers)
        monkeypatch.setattr(kafka_spared, "is_made", made.is_made)
        monkeypatch.setattr(kafka_spared, "AGAIN", Backoff(0.0, 0.0))
        monkeypatch.setattr("services.runtime.waiting.AGAIN", Backoff(0.0, 0.0))
        return made

    return of


async def _within(process: Process, view: FakeView, act: Callable[[], object]) -> None:
    async def serve() -> None:
        async with followed_if_made(cast("Kafka", None), CATALOG_CONTENT, cast("View", view), process):
            act()
            async with asyncio.timeout(10):
                while "started" not in view.done and PART not in view.done:
                    await asyncio.sleep(0)

    await run(process, serve())


async def test_a_topic_that_is_there_is_whole_before_the_work_begins(broker: Callable[..., Broker]) -> None:
    """Where the broker is away at first, that is waited for."""
    broker("away", "there")
    view, seen = FakeView(), list[list[str]]()
    await _within(new_process(), view, lambda: seen.append([*view.done]))
    assert (seen, view.done) == ([[PART]], [PART, "stopped"])


async def test_the_work_waits_for_no_topic_that_is_missing(
    broker: Callable[..., Broker], caplog: pytest.LogCaptureFixture
) -> None:
    """It is ready meanwhile, a line says what to do, and the topic is read once it is made, trouble told from then."""
    made, process, view = broker("missing", "missing", "away", "missing", "there"), new_process(), FakeView()
    seen: list[tuple[list[str], bool]] = []
    await _within(process, view, lambda: seen.append(([*view.done], made.asked == 1)))
    assert seen == [([], True)]
    assert view.done == ["started", "stopped"]
    [line] = [each for each in caplog.records if each.getMessage() == "without_topic"]
    assert (line.__dict__["topic"], line.__dict__["reason"]) == (CATALOG_CONTENT.name, "run `make topics`")
    assert process.health.parts == {PART: True}
    view.tell(True)  # noqa: FBT003 a fact
    assert process.health.parts == {PART: False}
    view.tell(False)  # noqa: FBT003 a fact
    assert process.health.is_ready


async def test_who_is_told_to_stop_waits_no_longer(broker: Callable[..., Broker]) -> None:
    """Also while the topic is missing: the view is stopped with the work."""
    made, process, view = broker("missing"), new_process(), FakeView()

    async def serve() -> None:
        async with followed_if_made(cast("Kafka", None), CATALOG_CONTENT, cast("View", view), process):
            async with asyncio.timeout(10):
                while made.asked < 3:
                    await asyncio.sleep(0)
            process.stop.set()

    await run(process, serve())
    assert (view.done, process.tasks.owned) == (["stopped"], {})
