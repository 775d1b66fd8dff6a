"""Everything on one broker under a seeded nemesis: nothing accepted is lost, nothing is done twice, nobody hangs.

They are all told to end and come back once, by halves, and one half comes back as a later version: two versions play.

`make test ARGS="-k whole_kill_plan --blows 140 --conversions 3000 --seed 7 --timeout 1800 -n 0"` goes on for longer.
"""

import logging
import sys
from pathlib import Path

import pytest

from tests.brokers import Node
from tests.cluster import Cluster
from tests.llm_server import Serve, Server, says
from tests.system.conftest import StartWorker
from tests.system.whole_play import Options, Play
from tests.system.whole_world import World

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.kafka, pytest.mark.system]


@pytest.fixture
def options(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Options:
    """What the command line says, which is printed where tests run one by one: the same seed strikes the same."""
    said = (int(request.config.getoption(name)) for name in ("seed", "blows", "conversions"))
    found = Options(*said)
    with capsys.disabled():
        sys.stdout.write(f"\n{found}\n")
    return found


@pytest.fixture
def world(topics: str, tmp_path: Path) -> World:
    """Nothing runs yet."""
    return World(tmp_path, topics)


async def played(options: Options, world: World, node: Node | Cluster, worker: StartWorker, server: Server) -> Play:
    """The play to its end; nothing was lost, done twice or done too late, and all that was to happen has happened."""
    play = Play(options, world, node, worker, server)
    try:
        await play.run()
    except BaseException as error:
        error.add_note(str(options))
        raise
    for line in play.lines():
        log.info(line)
    faults = {name: (len(each), each[:4]) for name, each in play.faults().items() if each}
    assert not faults, f"{options}: {faults}"
    assert len(play.nemesis.struck) == options.blows
    assert len(play.crowd.acked.conversions) >= options.conversions
    assert all(later and todays for later, todays in play.versions().values()), play.versions()
    return play


async def test_nothing_is_lost_or_done_twice(
    options: Options, world: World, node: Node, worker: StartWorker, serve: Serve
) -> None:
    """Each conversion has one end, each decision one mail, nobody hangs: kills, stops, outages, deferrals, refusals."""
    play = await played(options, world, node, worker, await serve(says("{}")))
    assert play.mailbox.deferrals
    assert play.crowd.acked.refusals
