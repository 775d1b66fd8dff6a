"""A switch as it is fed: what it tells, whom it holds, and who may go on waiting."""

import asyncio
from datetime import UTC, datetime

import pytest
from aiokafka.structs import ConsumerRecord
from prometheus_client import REGISTRY

from schemas.codec import encode
from schemas.control import MAIL, SwitchSet
from schemas.errors import DecodeError
from schemas.topics import CONTROL
from services.runtime.hold import NEVER
from services.runtime.kafka_records import RawRecord, to_view_message
from services.runtime.switch import Switch
from tests.processes import new_process

AT = datetime(2026, 11, 3, 9, 31, tzinfo=UTC)


def give(switch: Switch, value: SwitchSet | bytes | None) -> None:
    """Hand over a record as a view does."""
    raw = encode(CONTROL, value) if isinstance(value, SwitchSet) else value
    record: RawRecord = ConsumerRecord(CONTROL.name, 0, 3, 0, 0, MAIL.encode(), raw, None, 0, 0, ())
    try:
        switch.apply(to_view_message(record))
    except DecodeError as error:
        switch.undecodable(record, error)


def said(*, is_paused: bool) -> SwitchSet:
    """A record of the switch."""
    return SwitchSet(switch=MAIL, is_paused=is_paused, at=AT, by="on call", why="a list")


def _gauge() -> float | None:
    return REGISTRY.get_sample_value("kindling_paused", {"switch": MAIL})


def test_a_pause_is_told_and_the_process_stays_ready(caplog: pytest.LogCaptureFixture) -> None:
    """In the metric, in what `/ready` says more, and once in the log; it is no fault."""
    process = new_process()
    process.health.set_ready("kafka", is_ready=True)
    switch = Switch(MAIL, process)
    assert (switch.is_on, _gauge()) == (False, 0)
    for _ in range(2):
        give(switch, said(is_paused=True))
    assert (switch.is_on, _gauge(), process.health.is_ready) == (True, 1, True)
    words = {"switch": "mail", "since": AT.isoformat(), "by": "on call", "reason": "a list"}
    assert process.health._details == {"pause of mail": words}
    give(switch, said(is_paused=False))
    assert (switch.is_on, _gauge(), process.health._details) == (False, 0, {})
    assert [each.message for each in caplog.records if each.name == "services.runtime.switch"] == ["paused", "resumed"]


def test_a_record_that_nobody_can_read_holds_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """It names where it lies and what is wrong; a tombstone ends it."""
    process = new_process()
    switch = Switch(MAIL, process)
    give(switch, b'{"is_paused": "perhaps"}')
    assert (switch.is_on, _gauge()) == (True, 1)
    told = next(each for each in caplog.records if each.message == "switch_unreadable")
    assert vars(told)["offset"] == 3
    assert "is_paused" in str(process.health._details["pause of mail"]["reason"])
    give(switch, None)
    assert (switch.is_on, _gauge()) == (False, 0)


async def test_who_waits_goes_on_at_the_end_of_the_pause() -> None:
    """And not before; with a bound no longer than that."""
    switch = Switch(MAIL, new_process())
    assert await switch.over()
    give(switch, said(is_paused=True))
    assert not await switch.over(0.01)
    waiting = asyncio.ensure_future(switch.over())
    await asyncio.wait([waiting], timeout=0.01)
    assert not waiting.done()
    give(switch, said(is_paused=False))
    async with asyncio.timeout(20):
        assert await waiting


async def test_who_waits_hears_that_the_process_is_to_stop() -> None:
    """What was held belongs to the next owner."""
    process = new_process()
    switch = Switch(MAIL, process)
    give(switch, said(is_paused=True))
    waiting = asyncio.ensure_future(switch.over())
    process.stop.set()
    async with asyncio.timeout(20):
        assert not await waiting


async def test_a_pause_that_a_loop_does_not_know_is_a_bug() -> None:
    """Its record would be asked again and again."""
    with pytest.raises(RuntimeError, match="give the loop's policy one"):
        await NEVER.over()
