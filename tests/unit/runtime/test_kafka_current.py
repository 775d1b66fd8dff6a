"""A view is read up to the end as it was asked for after the record was taken up; one question serves all who wait."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaConnectionError
from prometheus_client import REGISTRY

from schemas.control import MAIL
from schemas.suppression import Seen
from schemas.topics import CONTROL, EMAIL_SUPPRESSIONS
from services.runtime import kafka_current, waiting
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_current import Answer, Current, CurrentSuppressions, Ends, followed_suppressions
from services.runtime.kafka_view import View
from services.runtime.outcome import Unavailable
from services.runtime.retry import Backoff
from services.runtime.suppression_table import SuppressionTable
from services.runtime.switch import Switch
from services.runtime.tasks import Tasks
from tests.processes import new_process

WHERE, OTHER = TopicPartition("suppressions", 0), TopicPartition("suppressions", 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Log:
    """The topic and a view of it: `end` is the broker's, `read` how far the view is."""

    def __init__(self) -> None:
        self.end, self.read, self.questions = 0, 0, 0
        self.answering = asyncio.Event()
        self.answering.set()
        self.poll = asyncio.Event()

    async def positions(self) -> Mapping[TopicPartition, int]:
        """As the view's."""
        return {WHERE: self.read}

    async def ask(self, positions: Mapping[TopicPartition, int]) -> Answer:
        """The end as it is when the question arrives."""
        assert positions.keys() == {WHERE}
        self.questions += 1
        end = self.end
        await self.answering.wait()
        return {WHERE: end}, Seen({"suppressions/0": end}, NOW)

    async def is_behind(self, ends: Mapping[TopicPartition, int]) -> bool:
        """As the view's."""
        return self.read < ends[WHERE]

    async def polled(self) -> None:
        """As the view's."""
        await self.poll.wait()

    def apply(self, upto: int) -> None:
        """The view reads on."""
        self.read = upto
        self.poll.set()
        self.poll = asyncio.Event()

    def current(self, within_s: float = 20.0) -> Current:
        """What is tested, over this."""
        return Current(cast("View", self), cast("Ends", self), Tasks(), within_s)


class Reader:
    """A consumer that finds no broker until the third one is made."""

    made = 0

    def __init__(self, *_: str, **__: str) -> None:
        Reader.made += 1
        self._is_away = Reader.made < 3

    async def start(self) -> None:
        """Connect."""
        if self._is_away:
            raise KafkaConnectionError

    async def stop(self) -> None:
        """Disconnect."""


class WholeView:
    """A view that has been read."""

    def __init__(self, *_: object) -> None:
        """Nothing to read."""

    @contextlib.asynccontextmanager
    async def followed(self, *_: object) -> AsyncIterator[None]:
        """At once."""
        yield


async def _turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_it_waits_until_the_view_has_read_to_the_end() -> None:
    """What was written before the call is applied when it returns."""
    log = Log()
    log.end = 7
    asking = asyncio.ensure_future(log.current().up_to_date())
    await _turns()
    log.apply(6)
    await _turns()
    assert not asking.done()
    log.apply(7)
    assert (await asking).ends == {"suppressions/0": 7}


async def test_one_question_serves_all_who_wait() -> None:
    """A thousand mails cost one question; one that comes while it is under way is not answered by it."""
    log = Log()
    current = log.current()
    first = [asyncio.ensure_future(current.up_to_date()) for _ in range(1_000)]
    log.answering.clear()
    await _turns()
    assert log.questions == 1
    log.end = log.read = 9  # written after the question was asked
    later = [asyncio.ensure_future(current.up_to_date()) for _ in range(1_000)]
    await _turns()
    assert log.questions == 1
    log.answering.set()
    assert {each.ends["suppressions/0"] for each in await asyncio.gather(*first)} == {0}
    assert {each.ends["suppressions/0"] for each in await asyncio.gather(*later)} == {9}
    assert log.questions == 2


async def test_what_cannot_be_read_in_time_is_unavailable() -> None:
    """A view that stands still, or a broker that does not answer: nobody guesses."""
    log = Log()
    log.end = 1
    with pytest.raises(Unavailable, match="to its end"):
        await log.current(within_s=0.01).up_to_date()
    log.answering.clear()
    with pytest.raises(Unavailable):
        await log.current(within_s=0.01).up_to_date()


async def test_an_answer_that_is_a_fault_is_one_for_all_who_wait() -> None:
    """And the next question is a new one."""
    log = Log()
    current = log.current()
    faults = [Unavailable("away")]
    ask = log.ask

    async def flaky(positions: Mapping[TopicPartition, int]) -> Answer:
        if faults:
            raise faults.pop()
        return await ask(positions)

    log.ask = flaky  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        await current.up_to_date()
    assert (await current.up_to_date()).ends == {"suppressions/0": 0}


class Telling:
    """A reader that says what it is told to: the ends, and no position of what is not assigned."""

    def __init__(self, ends: Mapping[TopicPartition, int]) -> None:
        self._ends = ends
        self.asked: list[TopicPartition] = []

    def reader(self, *_: object, **__: object) -> "Telling":
        """Itself: it is the factory too."""
        return self

    async def start(self) -> None:
        """A broker answers."""

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """What it was told, of those that were asked for."""
        self.asked += partitions
        return {each: self._ends[each] for each in partitions if each in self._ends}

    async def position(self, partition: TopicPartition) -> int:
        """As aiokafka's, once metadata has emptied the assignment."""
        raise IllegalStateError(f"Partition {partition} is not assigned")


@pytest.mark.parametrize("ends", [{}, {WHERE: 7}, {WHERE: 7, OTHER: 2}])
async def test_no_end_is_taken_for_granted(ends: Mapping[TopicPartition, int]) -> None:
    """Every partition is asked for; an answer that lacks one, or is behind what was read of it, is none."""
    reader = Telling(ends)
    of = Ends(cast("Kafka", reader), EMAIL_SUPPRESSIONS)
    await of.start()
    with pytest.raises(Unavailable, match="expected the ends"):
        await of.ask({WHERE: 7, OTHER: 3})
    assert reader.asked == [WHERE, OTHER]
    with pytest.raises(Unavailable, match="expected the ends"):
        await of.ask({})


async def test_a_view_that_has_lost_its_place_is_unavailable() -> None:
    """No error of the library comes through: the mail waits."""
    view = View(cast("Kafka", Telling({})), (EMAIL_SUPPRESSIONS,), lambda _: None)
    view._partitions = (WHERE,)
    with pytest.raises(Unavailable, match="not followed"):
        await view.is_behind({WHERE: 1})
    with pytest.raises(Unavailable, match="not followed"):
        await Current(view, cast("Ends", Log()), Tasks()).up_to_date()


async def test_ends_that_cannot_be_asked_for_yet_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that goes away at that moment restarts nobody; the process is not ready meanwhile."""
    monkeypatch.setattr(kafka_current, "View", WholeView)
    monkeypatch.setattr(waiting, "AGAIN", Backoff(0, 0))
    process, kafka = new_process(), SimpleNamespace(reader=Reader)
    seen: list[bool] = []
    switch = Switch(MAIL, process)
    monkeypatch.setattr(process.health, "_parts", parts := _Parts(seen))

    async def act() -> None:
        async with followed_suppressions(
            cast("Kafka", kafka), (EMAIL_SUPPRESSIONS, CONTROL), b"k" * 32, process, switch
        ):
            assert process.health.is_ready

    async with asyncio.timeout(20):
        assert await process.tasks.run(act()) is None
    assert (seen, Reader.made) == ([False, True], 3)
    assert parts.keys() == {"ends of email.suppressions"}


class _Parts(dict[str, bool]):
    """The parts of health; `seen` is told each word."""

    def __init__(self, seen: list[bool]) -> None:
        super().__init__()
        self._seen = seen

    def __setitem__(self, name: str, is_ready: bool) -> None:
        super().__setitem__(name, is_ready)
        self._seen.append(is_ready)


def _age() -> float:
    return REGISTRY.get_sample_value("kindling_suppression_view_age_seconds", {"stage": "aged"}) or 0.0


async def test_age_of_the_view_grows_while_nobody_says_where_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look that finds the view at its end makes it young again; one that finds nobody leaves it."""
    monkeypatch.setattr(kafka_current, "LOOK_S", 0.0)
    clock = SimpleNamespace(now_s=100.0)
    monkeypatch.setattr(kafka_current, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    looks, is_away = 0, True

    async def up_to_date() -> Seen:
        nonlocal looks
        looks += 1
        if is_away:
            raise Unavailable("away")
        return Seen({}, NOW)

    current = CurrentSuppressions(
        cast("SuppressionTable", None), cast("Current", SimpleNamespace(up_to_date=up_to_date))
    )
    following = asyncio.create_task(current.follow("aged"))
    async with asyncio.timeout(5):
        while looks < 3:
            await asyncio.sleep(0)
        clock.now_s += 7
        assert _age() == 7
        is_away, looked = False, looks
        while looks < looked + 2:
            await asyncio.sleep(0)
    assert _age() == 0
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
