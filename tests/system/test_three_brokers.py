"""Everything on three brokers, of which each leader is killed in turn: nothing accepted is lost or done twice.

`make test ARGS="-k three_brokers --brokers 3 --blows 6 --conversions 100 --timeout 900 -n 0"` restarts all and kills
each leader once; `--blows 18 --conversions 300` strikes everything, and
`--blows 90 --conversions 1500 --timeout 5400` five times.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import BROKERS, LEADERS, Cluster, running
from tests.conftest import PARTITIONS
from tests.llm_server import Serve, says
from tests.system.conftest import StartWorker
from tests.system.test_whole_kill_plan import options, played
from tests.system.whole_play import Options
from tests.system.whole_world import World

__all__ = ("options",)
pytestmark = [pytest.mark.kafka, pytest.mark.system]


@pytest.fixture
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cluster]:
    """Three brokers, where they are asked for: two cores have other work to do."""
    if request.config.getoption("--brokers") != BROKERS:
        pytest.skip(f"runs where it is asked for: --brokers {BROKERS}")
    yield from running(tmp_path)


@pytest.fixture
async def topics(cluster: Cluster) -> str:
    """Every topic of the table on all three; their addresses."""
    await cluster.make_topics(PARTITIONS)
    return cluster.address


@pytest.fixture
def world(topics: str, tmp_path: Path) -> World:
    """Nothing runs yet."""
    return World(tmp_path, topics)


async def test_nothing_is_lost_where_a_leader_is_away(
    options: Options, world: World, cluster: Cluster, worker: StartWorker, serve: Serve
) -> None:
    """Of events, of the profile's state, of groups and of transactions: others lead on, and all is as with one."""
    play = await played(options, world, cluster, worker, await serve(says("{}")))
    leaders = [each for each in play.nemesis.struck if each.victim.startswith("the leader of")]
    assert len(leaders) >= min(len(LEADERS), options.blows - 1)  # all are restarted first
