"""The consumer's loop: the offset moves only behind what is kept."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pytest

from schemas import topics
from services.ingest.__main__ import collector, main, reading_of
from services.ingest.adapters.batch_loop import SLOW_S, BatchLoop
from services.ingest.adapters.fake_log import FakeLog
from services.ingest.adapters.fake_records import FakeRecord, FakeRecords
from services.ingest.core.records import Batch, Record
from services.ingest.core.source import Keys
from services.ingest.core.window import Windows
from services.ingest.pipeline import handler
from services.ingest.settings import IngestSettings
from services.runtime.health import Health
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.process import Process
from services.runtime.settings import load
from services.runtime.watch import Progress

RAW = topics.EVENTS_RAW.name


class Bench:
    """A loop over 250 calls and one that is none, 100 at a time; it stops when all is done, or at the first wait."""

    def __init__(self, keys: Keys, *, ends_when_away: bool = False, slow_s: float = SLOW_S) -> None:
        calls = [{"type": "page", "messageId": str(number), "userId": str(1 + number % 7)} for number in range(250)]
        values = [*(orjson.dumps(call) for call in calls), b"poison"]
        self.records = FakeRecords([FakeRecord(RAW, 0, offset, value) for offset, value in enumerate(values)])
        self.log = FakeLog()
        self.stop = asyncio.Event()
        self.ready: list[bool] = []
        self.keys = keys
        self.ends_when_away = ends_when_away
        self.slow_s = slow_s
        self.progress: Progress | None = None
        self.on_wait: Callable[[], None] = lambda: None

    def wait_s(self, tries: int) -> float:
        """No wait; what the test does meanwhile."""
        assert tries >= 0
        self.on_wait()
        if self.ends_when_away:
            self.stop.set()
        return 0.0

    async def run(self) -> None:
        """Until everything is done or the test stops it."""
        handle = handler(self.keys, Windows(1_000), lambda person: len(person) % 3)
        done = self.records.done

        async def done_and_stop(records: Sequence[Record]) -> None:
            await done(records)
            if self.records.committed[RAW, 0] == 251:
                self.stop.set()

        self.records.done = done_and_stop  # type: ignore[method-assign]
        loop = BatchLoop(self.records, self.log, handle, self.wait_s, slow_s=self.slow_s)
        if self.progress is not None:
            loop.progress = self.progress
        await loop.run(self.stop, self.ready.append)

    @property
    def ids(self) -> list[str]:
        """The ids of all packed events, in order."""
        return [
            event["id"] for each in self.log.of("events.clean") for event in orjson.loads(each.value or b"")["events"]
        ]


async def test_every_record_is_packed_or_dead_and_done(keys: Keys, caplog: pytest.LogCaptureFixture) -> None:
    """Batch by batch, with one log line each that tells nobody's data."""
    caplog.set_level(logging.INFO)
    bench = Bench(keys)
    await bench.run()
    assert bench.ids == [str(number) for number in range(250)]
    assert len(bench.log.of("dlq.ingest")) == 1
    assert [record.__dict__["records"] for record in caplog.records if record.message == "batch"] == [100, 100, 51]
    assert set(bench.ready) == {True}


async def test_offsets_stay_while_the_log_is_away(keys: Keys) -> None:
    """It is tried again until it is kept; readiness tells."""
    bench = Bench(keys)
    bench.log.is_away = True
    waits: list[dict[Any, int]] = []

    def on_wait() -> None:
        waits.append(dict(bench.records.committed))
        bench.log.is_away = len(waits) < 3

    bench.on_wait = on_wait
    await bench.run()
    assert waits == [{}, {}, {}]
    assert bench.ids == [str(number) for number in range(250)]
    assert False in bench.ready
    assert bench.ready[-1]


async def test_a_stop_while_away_leaves_the_batch_undone(keys: Keys) -> None:
    """It comes again after the restart, and nothing is missing."""
    bench = Bench(keys, ends_when_away=True)
    bench.log.is_away = True
    await bench.run()
    assert bench.records.committed == {}
    bench.log.is_away = False
    bench.records.restart()
    bench.stop.clear()
    await bench.run()
    assert bench.ids == [str(number) for number in range(250)]


async def test_a_stop_ends_an_endless_append(keys: Keys) -> None:
    """A broker that never answers must not keep the process."""
    bench = Bench(keys, slow_s=0.0)
    asked = asyncio.Event()

    async def never(batch: Batch) -> None:
        assert batch.packs
        asked.set()
        await asyncio.Event().wait()

    bench.log.append_batch = never  # type: ignore[method-assign]
    running = asyncio.create_task(bench.run())
    await asked.wait()
    bench.stop.set()
    await running
    assert bench.records.committed == {}
    assert bench.ready[-1] is False


async def test_a_batch_at_work_is_seen_and_one_that_is_done_is_not(keys: Keys) -> None:
    """A batch that is never kept is no life: the process's watch knows how much is at work."""
    bench, held = Bench(keys), list[int]()
    progress = Progress(60, lambda: 0.0)
    append = bench.log.append_batch

    async def look(batch: Batch) -> None:
        held.append(progress.held)
        await append(batch)

    bench.log.append_batch = look  # type: ignore[method-assign]
    bench.progress = progress
    await bench.run()
    assert held == [100, 100, 51]
    assert progress.held == 0


async def test_reading_is_tried_again(keys: Keys) -> None:
    """A broker that hands out nothing is away, not an error."""
    bench = Bench(keys)
    take, failures = bench.records.take, [Unavailable("away"), Unavailable("away")]

    async def flaky() -> Sequence[Record]:
        if failures:
            raise failures.pop()
        return await take()

    bench.records.take = flaky  # type: ignore[method-assign]
    await bench.run()
    assert len(bench.ids) == 250


@pytest.mark.parametrize("arguments", [[], ["server"], ["collector", "consumer"]])
def test_an_unknown_command_says_what_is_expected(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Status 78, which no supervisor restarts."""
    assert main(arguments) == 78
    assert "python -m services.ingest collector" in capsys.readouterr().err


async def test_a_collector_without_write_keys_says_what_to_set() -> None:
    """It would refuse every tracker."""
    settings = IngestSettings.model_validate({"secret": "a secret of a test", "ingest_write_keys": ""})
    with pytest.raises(Misconfigured, match="KINDLING_INGEST_WRITE_KEYS"):
        await collector(settings, Process("ingest-collector", asyncio.Event(), Health("ingest-collector")))


@pytest.mark.parametrize(
    ("named", "accepts_gap"),
    [(None, False), ("KINDLING_ACCEPT_GAP", True), ("KINDLING_INGEST_ACCEPT_GAP", True)],
)
def test_a_gap_is_accepted_by_either_setting(
    monkeypatch: pytest.MonkeyPatch, named: str | None, *, accepts_gap: bool
) -> None:
    """The one that stands in the README for every service, and ingest's own."""
    monkeypatch.setenv("KINDLING_SECRET", "a secret of a test")
    if named is not None:
        monkeypatch.setenv(named, "true")
    assert reading_of(load(IngestSettings)).accepts_gap is accepts_gap
