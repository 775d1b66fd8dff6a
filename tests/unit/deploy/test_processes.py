"""The demo's processes: they end in order when it does, and at once when it is killed."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.processes import DemoError, Processes

ROOT = Path(__file__).parents[3]
ORDERLY = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(print('in order') or 0))\n"
WAITS = "print('up', flush=True)\nsignal.pause()"
DEAF = """
import signal, socket, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
line = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
signal.pause()
"""
DEMO = """
import signal, sys
from pathlib import Path
from deploy.local.processes import Processes
processes = Processes(Path(sys.argv[1]), {})
for name in ("one", "two"):
    processes.start(name, [sys.executable, "-c", sys.argv[2], sys.argv[3]])
signal.pause()
"""
SOON_S = 20.0


async def test_who_is_asked_ends_in_order(tmp_path: Path) -> None:
    """SIGTERM first: what it says at its end is in its log."""
    processes, log = Processes(tmp_path, {}), tmp_path / "one.log"
    processes.start("one", [sys.executable, "-c", ORDERLY + WAITS])
    await processes.wait_until(lambda: log.read_text() == "up\n", "it was not up", SOON_S)
    processes.end()
    assert (log.read_text(), processes.running) == ("up\nin order\n", {})


async def test_what_the_others_stand_on_ends_when_they_have(tmp_path: Path) -> None:
    """Though it was started last, and would have been the first to be asked."""
    said = tmp_path / "said"
    processes = Processes(tmp_path, {}, ends_last="broker")
    for name in ("one", "broker"):
        words = f"lambda *_: sys.exit(print({name!r}, file=open({str(said)!r}, 'a')) or 0)"
        processes.start(
            name, [sys.executable, "-c", f"import signal, sys\nsignal.signal(signal.SIGTERM, {words})\n{WAITS}"]
        )
        log = tmp_path / f"{name}.log"
        await processes.wait_until(lambda log=log: log.read_text() == "up\n", "it was not up", SOON_S)  # type: ignore[misc]
    processes.end()
    assert (said.read_text(), processes.running) == ("one\nbroker\n", {})


async def test_who_ends_unasked_is_named_with_its_last_line(tmp_path: Path) -> None:
    """The demo says which process ended, how, and where its log is."""
    processes = Processes(tmp_path, {})
    processes.start("one", ["no-such-command"])
    with pytest.raises(DemoError, match="one ended with status 1: no-such-command: No such file"):
        await processes.wait_until(lambda: False, "never", SOON_S)
    processes.end()


def test_a_killed_demo_takes_the_deaf_with_it(tmp_path: Path) -> None:
    """SIGKILL of who started them: none stays, though none listens to SIGTERM."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SOON_S)
        words = [str(tmp_path), DEAF, str(listener.getsockname()[1])]
        demo = subprocess.Popen([sys.executable, "-c", DEMO, *words], cwd=ROOT)
        lines = [listener.accept()[0] for _ in ("one", "two")]
    demo.kill()
    demo.wait(SOON_S)
    for line in lines:
        with line:
            line.settimeout(SOON_S)
            assert line.recv(1) == b""
