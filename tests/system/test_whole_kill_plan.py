"""Everything on one broker under a seeded nemesis: nothing accepted is lost, nothing is done twice, nobody hangs.

`make test ARGS="-k whole_kill_plan --blows 200 --conversions 10000 --seed 7 --timeout 3600"` goes on for longer.
"""

import asyncio
import contextlib
import logging
import random
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import decode
from schemas.errors import DecodeError
from schemas.topics import EMAIL_OUTBOUND
from services.runtime.kafka_clients import Kafka
from tests.conftest import Node
from tests.llm_server import Serve, says
from tests.system.conftest import StartWorker
from tests.system.plan import Watch
from tests.system.whole_blows import ENDED_WITHIN_S, Nemesis, Struck
from tests.system.whole_crowd import Crowd, pause
from tests.system.whole_ends import statuses, unexplained
from tests.system.whole_mailbox import Mailbox
from tests.system.whole_oracle import GROUPS, WATCHED, Offsets, Oracle
from tests.system.whole_vitals import Vitals
from tests.system.whole_world import World

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.kafka, pytest.mark.system]
BLOW_S = 4.5  # what a blow takes in the end, its round and recovery shared with others
BEGUN_WITHIN_S = 120.0
QUIET_WITHIN_S = 90.0
LOOK_S = 0.3
SILENT_S = 60.0  # a process that is asleep for 12 s, or starts on a full machine, has answered by then


async def test_nothing_is_lost_or_done_twice(
    node: Node, topics: str, worker: StartWorker, serve: Serve, tmp_path: Path, request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Each conversion has one end, each decision one mail, nobody hangs: kills, stops, outages, deferrals, refusals."""
    seed, blows, conversions = (int(request.config.getoption(name)) for name in ("seed", "blows", "conversions"))
    with capsys.disabled():
        sys.stdout.write(f"\nwhole kill plan: --seed {seed} --blows {blows} --conversions {conversions}\n")
    with _noted(f"--seed {seed} --blows {blows} --conversions {conversions}"):
        mailbox, server, world = Mailbox(), await serve(says("{}")), World(tmp_path, topics)
        await world.start(worker, server, await mailbox.start())
        watch = Watch(topics, WATCHED, world.kept)
        vitals = Vitals(world.ports)
        nemesis = Nemesis(world, vitals, node, mailbox, server, random.Random(seed))  # noqa: S311 no secret
        crowd = Crowd(seed, conversions, topics, world.player)
        oracle = Oracle(watch.records, crowd.acked, mailbox.mails, world.rules)
        await watch.start()
        async with _running(vitals.watch_for_ever(), _refuse_for_ever(crowd, watch)) as tasks:
            await _meanwhile(watch, tasks, vitals.until_ready(world.ports, time.monotonic(), BEGUN_WITHIN_S))
            playing = asyncio.create_task(crowd.play(blows * BLOW_S / conversions))
            await _meanwhile(watch, [*tasks, playing], nemesis.strike(blows))
            crowd.hurry()
            await _meanwhile(watch, tasks, playing)
            await _meanwhile(watch, tasks, _quiet(topics, oracle))
            world.kept.clear()
            ended = await asyncio.gather(*(each.end(ENDED_WITHIN_S) for each in world.workers.values()))
        await watch.catch_up()
        await watch.stop()
        mailbox.stop()
        silent = [f"{name}: {silent_s:.0f} s" for name, silent_s in vitals.silent_s.items() if silent_s > SILENT_S]
        faults = {
            **oracle.faults(), "not alive": vitals.dead, "silent": silent,
            "ended unexplained": list(unexplained(world.workers, nemesis.struck, nemesis.kills)),
        }  # fmt: skip
        asked = f"{mailbox.deferrals} deferrals; {len(server.bodies)} questions to the model; {vitals.polls} polls"
        log.info("%s; %s; ended with %s", oracle.figures(), asked, dict(statuses(world.workers)))
        for line in _ready(nemesis.struck):
            log.info(line)
        assert {name: (len(each), each[:4]) for name, each in faults.items() if each} == {}
        assert set(ended) == {0}
        assert len(nemesis.struck) == blows
        assert len(crowd.acked.conversions) >= conversions
        assert mailbox.deferrals


@contextlib.contextmanager
def _noted(words: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        error.add_note(f"whole kill plan: {words}")
        raise


@contextlib.asynccontextmanager
async def _running(*acts: Coroutine[Any, Any, None]) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(each) for each in acts]
    try:
        yield tasks
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _meanwhile(watch: Watch, tasks: Sequence[asyncio.Task[None]], act: Any) -> None:
    """Follow the topics and keep the workers alive until the act has ended, or one of the tasks has failed."""
    acting = asyncio.ensure_future(act)
    try:
        while not acting.done():
            await watch.during(LOOK_S)
            for each in tasks:
                if each.done():
                    each.result()
        await acting
    finally:
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)


async def _refuse_for_ever(crowd: Crowd, watch: Watch) -> None:
    """Unsubscribe some of who is to get a mail, as soon as the mail is written."""
    seen = 0
    while True:
        records = watch.records[EMAIL_OUTBOUND.name][seen:]
        seen += len(records)
        mails = []
        for record in records:
            with contextlib.suppress(DecodeError):
                mails.append(decode(EMAIL_OUTBOUND, record.value))
        await crowd.refuse(mails)
        await pause(LOOK_S)


async def _quiet(bootstrap: str, oracle: Oracle) -> None:
    """Return when everything is read and has its end; what never gets there is for the oracle to tell."""
    admin = Kafka(bootstrap).admin()
    await admin.start()
    try:
        async with asyncio.timeout(QUIET_WITHIN_S):
            while oracle.unread(await _committed(admin)) or oracle.loose():
                await pause(LOOK_S)
    finally:
        await admin.close()


async def _committed(admin: Any) -> dict[str, Offsets]:
    found: dict[str, Offsets] = defaultdict(dict)
    for group in GROUPS:
        offsets = await admin.list_consumer_group_offsets(group)
        found[group] = {(each.topic, each.partition): at.offset for each, at in offsets.items()}
    return found


def _ready(struck: Sequence[Struck]) -> Iterator[str]:
    """How long it took to be ready after each kind of blow."""
    by_kind: dict[str, list[float]] = defaultdict(list)
    for each in struck:
        by_kind[f"{each.blow} {each.victim.partition('-')[0]}"].append(each.ready_s)
    for kind, times_s in sorted(by_kind.items()):
        yield f"{kind}: {len(times_s)} times, ready after {sum(times_s) / len(times_s):.1f} s, at most {max(times_s):.1f} s"
