"""An address in use: tried again for a while, said so, and given up when asked to end."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.runtime.health import Health
from services.runtime.listening import until_free
from services.runtime.outcome import AddressInUse, Misconfigured

ROOT = Path(__file__).parents[3]
SOON_S = 30.0
SERVICE = """
import sys
from services.runtime.process import Process, run
from services.runtime.settings import ServiceSettings
async def serve(settings: ServiceSettings, process: Process) -> None:
    await process.stop.wait()
sys.exit(run("a-service", ServiceSettings, serve))
"""


@dataclass
class Port:
    """Somebody's for so many tries; `asked` is set at each."""

    taken_for: int
    tries: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> int:
        """The port, once it is free."""
        self.tries += 1
        self.asked.set()
        if self.tries <= self.taken_for:
            raise AddressInUse("taken")
        return 8080


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """A port of 127.0.0.1 where somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def _service(taken: socket.socket) -> "subprocess.Popen[str]":
    environment = {"KINDLING_SECRET": "a secret of a test", "KINDLING_HEALTH_PORT": str(taken.getsockname()[1])}
    command = [sys.executable, "-c", SERVICE]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)


def _action(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return str(json.loads(process.stdout.readline())["action"])


async def test_a_port_is_had_once_it_is_free() -> None:
    """Who had it ended meanwhile."""
    port = Port(taken_for=2)
    assert await until_free(port.listen, asyncio.Event()) == 8080
    assert port.tries == 3


async def test_a_port_that_stays_taken_is_the_operators_to_mend() -> None:
    """After the patience, the last refusal is raised."""
    port = Port(taken_for=1_000_000)
    with pytest.raises(AddressInUse, match="taken"):
        await until_free(port.listen, asyncio.Event(), patience_s=0.05)
    assert port.tries > 1


async def test_who_is_told_to_end_waits_for_no_port() -> None:
    """None, at once."""
    port, stop = Port(taken_for=1_000_000), asyncio.Event()
    waiting = asyncio.create_task(until_free(port.listen, stop, patience_s=1e6))
    await port.asked.wait()
    stop.set()
    assert await asyncio.wait_for(waiting, SOON_S) is None


async def test_only_a_port_in_use_is_tried_again(taken: socket.socket) -> None:
    """An address of no machine of ours is not had by waiting."""
    health = Health("a-service")
    with pytest.raises(AddressInUse, match=r"KINDLING_HEALTH_PORT.*in use"):
        await health.start("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(Misconfigured, match="KINDLING_HEALTH_HOST") as refused:
        await health.start("192.0.2.1", 0)
    assert not isinstance(refused.value, AddressInUse)


def test_a_service_waits_for_its_health_port(taken: socket.socket) -> None:
    """A line for each try, and no status 78; it starts when the port is free."""
    with _service(taken) as service:
        assert _action(service) == "address in use"
        taken.close()
        actions = iter(lambda: _action(service), "started")
        assert set(actions) <= {"address in use"}
        service.send_signal(signal.SIGTERM)
        assert service.wait(SOON_S) == 0


def test_a_service_that_waits_for_its_port_ends_when_told(taken: socket.socket) -> None:
    """SIGTERM: 0, though the port is still taken."""
    with _service(taken) as service:
        assert _action(service) == "address in use"
        service.send_signal(signal.SIGTERM)
        assert service.wait(SOON_S) == 0
