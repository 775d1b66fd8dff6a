"""Who acts faster than a person is a machine, by the time of the records; what is told of nobody is forgotten."""

import sys
import tracemalloc
from collections.abc import Callable
from itertools import count
from typing import Any

import orjson
import pytest

from schemas import topics
from schemas.clean import CleanEvent
from services.ingest.core.batch import batch_of
from services.ingest.core.pace import (
    HELD_MS,
    LATE_MS,
    MINUTE_MS,
    MOST_BYTES,
    MOST_EVENTS,
    MOST_MINUTES,
    MOST_PAGES,
    WINDOW_MS,
    Pace,
)
from services.ingest.core.reasons import Outcome
from services.ingest.core.source import Keys
from services.ingest.core.window import Windows

BEGAN_MS = 1_793_696_400_000  # a whole minute
Said = list[str | None]
Judge = Callable[..., Said]


def event(at_ms: int, offset: int, kind: str = "track", late_ms: int = 0) -> CleanEvent:
    """An event of somebody, as far as a pace looks at it."""
    return {
        "id": "m", "person": "a:b", "kind": kind, "name": "E", "time_ms": at_ms - late_ms, "received_ms": at_ms,
        "at": ("events.raw", 0, offset, 0), "trusted": False,
    }  # fmt: skip


@pytest.fixture
def pace() -> Pace:
    """Of nobody yet."""
    return Pace()


@pytest.fixture
def judge(pace: Pace) -> Judge:
    """What is told of one event at each of these times, in milliseconds from the beginning."""
    offsets = count()

    def of(*times_ms: int, visitor: str = "b", **said: Any) -> Said:
        return [pace.judge(visitor, event(BEGAN_MS + each, next(offsets), **said)) for each in times_ms]

    return of


def pages(minutes: range, each: int) -> list[int]:
    """The times of so many pages in each of the minutes, evenly: too slow for a window."""
    return [minute * MINUTE_MS + number * MINUTE_MS // each for minute in minutes for number in range(each)]


def test_more_events_than_a_person_makes_tell_a_machine(judge: Judge) -> None:
    """200 in ten seconds are a person's; the next tells, and whoever is told stays told."""
    assert judge(*[0] * MOST_EVENTS) == [None] * MOST_EVENTS
    assert judge(WINDOW_MS - 1, WINDOW_MS, HELD_MS) == [Outcome.BOT_RATE] * 3
    assert judge(0, visitor="another") == [None]


def test_who_was_told_is_a_person_again_after_quiet(judge: Judge) -> None:
    """Half an hour from the last event on; the count begins anew."""
    assert judge(*[0] * (MOST_EVENTS + 1))[-1] == Outcome.BOT_RATE
    assert judge(HELD_MS - 1, 2 * HELD_MS - 1) == [Outcome.BOT_RATE, None]
    assert judge(*[2 * HELD_MS] * (MOST_EVENTS + 1))[-2:] == [None, Outcome.BOT_RATE]


def test_as_many_in_a_longer_time_are_a_persons(judge: Judge) -> None:
    """A window begins where the one before it ends."""
    assert set(judge(*range(0, 4 * WINDOW_MS, WINDOW_MS // MOST_EVENTS))) == {None}


def test_pages_for_too_many_minutes_tell_a_machine(judge: Judge) -> None:
    """One page every two seconds is a person's for ever; more in each of ten minutes is nobody's."""
    assert set(judge(*pages(range(30), MOST_PAGES), kind="page")) == {None}
    told = judge(*pages(range(MOST_MINUTES), MOST_PAGES + 1), kind="page", visitor="fast")
    assert (set(told[:-1]), told[-1]) == ({None}, Outcome.BOT_PAGES)


def test_a_quieter_minute_begins_the_row_anew(judge: Judge) -> None:
    """Also one without any page; what is no page counts for none."""
    fast = MOST_PAGES + 1
    for visitor, minutes in {"quiet": 1, "slow": 0}.items():
        first = judge(*pages(range(MOST_MINUTES - 1), fast), kind="page", visitor=visitor)
        slow = judge(*pages(range(9, 10), MOST_PAGES), kind="page", visitor=visitor) if not minutes else []
        rest = judge(*pages(range(10, 19), fast), kind="page", visitor=visitor)
        assert {*first, *slow, *rest} == {None}
    assert set(judge(*pages(range(MOST_MINUTES), fast), visitor="tracks")) == {None}


def test_what_was_kept_offline_says_nothing_of_a_pace(judge: Judge) -> None:
    """A telephone that was in a tunnel sends all at once what happened over an hour."""
    assert set(judge(*[0] * 1_000, late_ms=LATE_MS + 1)) == {None}
    assert judge(*[0] * 201, late_ms=LATE_MS)[-1] == Outcome.BOT_RATE


def test_records_out_of_order_count_all_the_same(judge: Judge) -> None:
    """A little disorder is usual; a jump of the producer's clock begins anew, and tells nobody."""
    assert judge(*[MINUTE_MS, MINUTE_MS - 5_000] * 101)[-2:] == [Outcome.BOT_RATE] * 2
    assert set(judge(*[10 * HELD_MS] * 150, *[0] * 150, visitor="jump")) == {None}
    edge = [each for minute in range(1, 11) for each in (minute * MINUTE_MS, *[minute * MINUTE_MS - 1] * 30)]
    assert judge(*edge, kind="page", visitor="edge", late_ms=0)[-1] == Outcome.BOT_PAGES


def test_records_that_are_read_again_are_counted_anew(pace: Pace) -> None:
    """As after a restart: nobody is told for what was counted twice."""
    said = [pace.judge("b", event(BEGAN_MS, offset)) for offset in range(150)]
    again = [pace.judge("b", event(BEGAN_MS, offset)) for offset in range(150)]
    assert {*said, *again} == {None}
    assert [pace.judge("b", event(BEGAN_MS, offset)) for offset in range(150, 202)][-2:] == [Outcome.BOT_RATE] * 2


def test_who_acts_is_kept_when_others_are_forgotten(judge: Judge, pace: Pace) -> None:
    """A flood of visitors, each seen once, makes no machine a person."""
    assert judge(*[0] * 201)[-1] == Outcome.BOT_RATE
    for number in range(40_000):
        pace.judge(f"visitor-{number}", event(BEGAN_MS, 1_000 + 2 * number))
        if number % 1_000 == 0:
            pace.judge("b", event(BEGAN_MS, 1_001 + 2 * number))
    assert pace.judge("b", event(BEGAN_MS, 90_000)) == Outcome.BOT_RATE
    assert len(pace.events.rows) < 20_000


@pytest.mark.skipif(sys.gettrace() is not None, reason="what traces lines holds memory of its own")
@pytest.mark.parametrize("visitor", ["{}", "\U0001f600" * 60 + "{}"], ids=["narrow", "wide"])
def test_what_is_held_has_bounded_bytes(visitor: str) -> None:
    """Whatever the ids look like."""
    pace = Pace()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(30_000):
            pace.judge(visitor.format(number), event(BEGAN_MS, number, "page"))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < MOST_BYTES


CALL = {"type": "track", "event": "E", "anonymousId": "b-1"}


@pytest.fixture
def packed(record: Any, keys: Keys) -> Any:
    """The events and the tally of calls at rising offsets, all of one moment."""
    offsets = count()

    def of(*calls: Any, windows: Windows, **rest: Any) -> tuple[list[dict[str, Any]], dict[str, int]]:
        batch = batch_of([record(each, offset=next(offsets), **rest) for each in calls], keys, windows, lambda _: 0)
        return [each for pack in batch.packs for each in orjson.loads(pack.value or b"")["events"]], batch.tally

    return of


def flood(calls: int, **said: Any) -> list[dict[str, Any]]:
    """Calls of one visitor."""
    return [{**CALL, "messageId": str(number), **said} for number in range(calls)]


def test_events_of_a_fast_visitor_say_so_and_are_counted(packed: Any) -> None:
    """By reason; in whatever batches the records come."""
    windows = Windows(1_000)
    found = [packed(*flood(300)[part : part + 7], windows=windows) for part in range(0, 300, 7)]
    assert [each.get("bot", False) for events, _ in found for each in events] == [False] * 200 + [True] * 100
    assert sum(tally["bot_by_rate"] for _, tally in found) == sum(tally["bots"] for _, tally in found) == 100
    whole, tally = packed(*flood(300), windows=Windows(1_000))
    assert [each.get("bot", False) for each in whole] == [False] * 200 + [True] * 100
    assert (tally["bot_by_rate"], tally["bot_by_pages"], tally["bot_by_agent"]) == (100, 0, 0)


def test_a_fast_visitor_links_nobody_and_may_still_withdraw(packed: Any) -> None:
    """Whoever is told, also as somebody known: nothing of it is folded but that mail is refused."""
    said = {"type": "identify", "userId": "7", "traits": {"consent": {"news": False}}}
    events, _ = packed(*flood(201), {**CALL, **said, "messageId": "i"}, windows=Windows(1_000))
    assert [(each["kind"], each["name"], each.get("bot", False)) for each in events[201:]] == [
        ("identify", "identify", True),
        ("linked", "identity.linked", True),
        ("identify", "consent.withdrawn", False),
    ]


def test_neither_servers_nor_known_machines_nor_repeats_have_a_pace(packed: Any) -> None:
    """A server may send what it will, a crawler is told by its name, a client may try again."""
    server = packed(*flood(300), windows=Windows(1_000), topic=topics.CONVERSIONS_RAW)[1]
    crawler = packed(*flood(300, context={"userAgent": "Googlebot/2.1"}), windows=Windows(1_000))[1]
    repeats = packed(*flood(1) * 300, windows=Windows(1_000))[1]
    assert [each["bot_by_rate"] for each in (server, crawler, repeats)] == [0, 0, 0]
