"""What a process shows of itself: where it stands, how old things are, what is free, and which trace a time is of."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from prometheus_client import REGISTRY

from schemas.aside import Aside
from schemas.llm import Fault
from schemas.topics import EVENTS_CLEAN
from services.runtime import metrics, spans
from services.runtime.clock import now_ms
from services.runtime.clock_offset import tell_clock
from services.runtime.disk import show_disks
from services.runtime.exemplars import current, exemplar
from services.runtime.health import Health
from services.runtime.kafka_aside import Pointers
from services.runtime.kafka_lag import Lag, asking
from services.runtime.kafka_owned import Owned
from services.runtime.kafka_told import tell_time_lag
from services.runtime.labels import bounded
from services.runtime.llm_budget import Amount, Budgets, Cap, Scope, Spending, Spent
from services.runtime.llm_limits import BREAKER_FAULTS, Breaker
from services.runtime.recovery import recovering
from tests.llm_server import ASK, Serve, says

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
CLEAN = EVENTS_CLEAN.name
FIRST, SECOND = TopicPartition(CLEAN, 0), TopicPartition(CLEAN, 1)


def _value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def _lag(stage: str, partition: int) -> float | None:
    return _value("kindling_lag_records", stage=stage, topic="events.clean", partition=str(partition))


@pytest.mark.parametrize("header", [None, "", "nonsense", f"00-{'0' * 32}-b7ad6b7169203331-01", PARENT.upper()])
def test_only_a_trace_is_an_exemplar(header: str | None) -> None:
    """What is no traceparent of W3C's is left out: a label of an exemplar is not a stranger's to make."""
    assert exemplar(header) is None
    assert exemplar(PARENT) == {"trace_id": TRACE}


def test_within_a_record_its_trace_is_known() -> None:
    """A question to a model is told by the trace of the record that asks it, and after it by none."""
    token = spans.within.set(PARENT)
    assert current() == {"trace_id": TRACE}
    spans.within.reset(token)
    assert current() is None


def test_a_strange_word_is_other() -> None:
    """A label has the values that we gave it."""
    assert (bounded("a", {"a"}), bounded("b", {"a"})) == ("a", "other")


async def test_exemplars_are_for_who_asks_for_open_metrics() -> None:
    """The plain text has none, since its readers take none; both forms come from one place."""
    metrics.END_TO_END.labels(metrics.Path.DUE_TO_MAIL).observe(3, {"trace_id": TRACE})
    health = Health("a-service")
    port = await health.start("127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession() as session:
            plain = await _scraped(session, port, "text/plain")
            opened = await _scraped(session, port, "application/openmetrics-text; version=1.0.0, text/plain; q=0.5")
    finally:
        await health.stop()
    assert plain[0].startswith("text/plain")
    assert TRACE not in plain[1]
    assert "_created" not in plain[1]
    assert opened[0].startswith("application/openmetrics-text")
    assert f'# {{trace_id="{TRACE}"}} 3.0' in opened[1]
    assert opened[1].endswith("# EOF\n")


async def _scraped(session: aiohttp.ClientSession, port: int, accept: str) -> tuple[str, str]:
    async with session.get(f"http://127.0.0.1:{port}/metrics", headers={"Accept": accept}) as answer:
        return answer.headers["Content-Type"], await answer.text()


def test_lag_of_a_partition_that_went_is_shown_no_more() -> None:
    """Its next owner shows it: two numbers of one partition would add up to nonsense."""
    lag = Lag("a stage")
    lag.show({FIRST: 3, SECOND: 0})
    assert (_lag("a stage", 0), _lag("a stage", 1)) == (3, 0)
    lag.show({SECOND: 0})
    assert (_lag("a stage", 0), _lag("a stage", 1)) == (None, 0)


def test_who_has_nothing_to_do_gets_on_and_who_has_does_not() -> None:
    """The time of the last progress stands while records wait: without it an idle stage would look stuck."""
    lag, progress = Lag("idle"), "kindling_last_progress_timestamp_seconds"
    metrics.LAST_PROGRESS.labels("idle").set(1)
    lag.show({FIRST: 1})
    assert _value(progress, stage="idle") == 1
    lag.show({FIRST: 0})
    assert time.time() - (_value(progress, stage="idle") or 0) < 60


def _owned(**facts: Any) -> Owned:
    return cast("Owned", SimpleNamespace(is_open=True, committed=0, in_flight=0, aside_since=None, **facts))


async def test_lag_is_what_was_not_taken_and_what_is_not_committed() -> None:
    """A partition that is read yet counts from its committed offset; one that is open from where reading stands."""
    ends, positions = {FIRST: 10, SECOND: 10}, {FIRST: 8, SECOND: 99}

    async def end_offsets(_: object) -> Mapping[TopicPartition, int]:
        return ends

    async def position(each: TopicPartition) -> int:
        return positions[each]

    since = datetime.now(UTC) - timedelta(hours=1)
    consumer = SimpleNamespace(end_offsets=end_offsets, position=position)
    facts = {"is_open": False, "committed": 4, "aside_since": since}
    second = cast("Owned", SimpleNamespace(in_flight=0, **facts))
    first = cast("Owned", SimpleNamespace(is_open=True, committed=0, in_flight=3, aside_since=None))
    assert await asking("asked", consumer, {FIRST: first, SECOND: second})() == {FIRST: 5, SECOND: 6}
    assert 3600 <= (_value("kindling_aside_oldest_seconds", stage="asked") or 0) < 3700
    assert await asking("asked", consumer, {})() == {}
    assert _value("kindling_aside_oldest_seconds", stage="asked") == 0


async def test_lag_stands_while_nobody_answers() -> None:
    """A broker that is away ends no task, and takes nothing back."""
    asked = asyncio.Event()

    async def away() -> Mapping[TopicPartition, int]:
        asked.set()
        raise KafkaConnectionError("away")

    lag = Lag("away")
    lag.show({FIRST: 7})
    following = asyncio.create_task(lag.follow(away))
    await asyncio.wait_for(asked.wait(), 5)
    assert not following.done()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert _lag("away", 0) == 7


def test_time_lag_is_the_age_of_a_record() -> None:
    """One to come is 0 old, and one without a time says nothing."""
    for timestamp_ms in (now_ms() - 5_000, now_ms() + 60_000, -1):
        tell_time_lag("aged", CLEAN, timestamp_ms)
    labels = {"stage": "aged", "topic": "events.clean"}
    assert _value("kindling_time_lag_seconds_count", **labels) == 2
    assert 5 <= (_value("kindling_time_lag_seconds_sum", **labels) or 0) < 6


def test_disk_is_told_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    """By the name of its setting, since a path names a machine."""
    show_disks({"profile_data": tmp_path / "not" / "yet"})
    free, size = (_value(f"kindling_disk_{each}_bytes", folder="profile_data") or 0 for each in ("free", "size"))
    assert 0 < free < size


def test_recovery_tells_what_is_left_and_how_long_it_took() -> None:
    """While it goes on the records that are left; one that breaks off leaves them, and its time is nobody's."""
    with recovering("reader") as left:
        left(40)
        assert _value("kindling_recovering_records", stage="reader") == 40
    assert _value("kindling_recovering_records", stage="reader") == 0
    assert 0 <= (_value("kindling_recovery_seconds", stage="reader") or -1) < 60
    with pytest.raises(OSError, match="away"):
        _break_off()
    assert _value("kindling_recovering_records", stage="breaker") == 5


def _break_off() -> None:
    with recovering("breaker") as left:
        left(5)
        raise OSError("away")


def test_clock_is_held_against_who_dates_records() -> None:
    """What we dated ourselves says nothing; what the broker dated says how far before it we are."""
    dated, ours = SimpleNamespace(timestamp=now_ms() - 5_000, timestamp_type=1), SimpleNamespace(timestamp_type=0)
    before = _value("kindling_clock_offset_seconds")
    tell_clock([ours], now_ms())
    assert str(_value("kindling_clock_offset_seconds")) == str(before)
    tell_clock([dated, ours], now_ms())
    assert 4.9 < (_value("kindling_clock_offset_seconds") or 0) < 6


def _pointer(offset: int, since: datetime) -> Aside:
    return Aside(topic="t", partition=0, offset=offset, due=since, tries=1, reason="r", since=since)


def test_oldest_of_what_is_set_aside() -> None:
    """By when it was set aside first, however often it was put again; nobody's once it is gone."""
    first, second = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    pointers = Pointers()
    assert pointers.since is None
    pointers.put(_pointer(2, second))
    pointers.put(_pointer(1, first))
    pointers.put(_pointer(1, first))
    assert pointers.since == first
    pointers.drop("t/0/1")
    assert pointers.since == second
    pointers.put(_pointer(2, first))  # the same record, another time: of another log
    assert pointers.since is None or pointers.since == first


@pytest.mark.parametrize(
    ("cap", "left"),
    [
        (Cap(), 1.0),
        (Cap(tokens=100), 0.75),
        (Cap(tokens=100, cost_micros=40), 0.5),
        (Cap(tokens=0), 0.0),
        (Cap(tokens=10), 0.0),
    ],
)
def test_what_is_left_of_a_budget(cap: Cap, left: float) -> None:
    """The smaller share of tokens and cost; all of one that is not set."""
    spending = Spending(Budgets(day=cap))
    spending.add(Spent(0, "u:ana", "2026-11-03", Amount(25, 20)))
    assert spending.left("2026-11-03") == {Scope.DAY: left, Scope.TOTAL: 1.0}


def test_a_breaker_is_open_until_a_probe_has_shown_better() -> None:
    """Also when its rest is over: nobody knows yet whether the model answers."""
    breaker = Breaker()
    assert not breaker.is_open(0)
    for _ in range(BREAKER_FAULTS):
        breaker.leave("call", 0, Fault.TIMEOUT)
    assert breaker.is_open(1)
    assert breaker.is_open(10_000)
    breaker.leave("probe", 10_000, None)
    assert not breaker.is_open(10_000)


async def test_what_may_be_spent_and_who_is_left_alone_is_shown(serve: Serve) -> None:
    """When somebody asks: what was spent is gone from the budget that is set, and a model that answers is not away."""
    client = (await serve(says("{}"))).client(llm_day_tokens=100_000)
    budget = {"stage": "", "scope": "day"}
    assert _value("kindling_llm_budget_left_ratio", **budget) == 1
    await client.ask(ASK, within_s=5)
    assert 0.99 < (_value("kindling_llm_budget_left_ratio", **budget) or 0) < 1
    assert _value("kindling_llm_budget_left_ratio", stage="", scope="total") == 1
    breaker = {"model": client.lanes[0].model.name, "stage": ""}
    assert _value("kindling_llm_breaker_open", **breaker) == 0
    client.lanes[0].breaker.open_until_s = time.monotonic() + 60
    assert _value("kindling_llm_breaker_open", **breaker) == 1
