"""The supervisor on real processes: who comes back, who hears a signal, and who goes with whom."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.runtime.retry import Backoff
from services.runtime.supervisor import CRASH_LOOP_FROM, HEALTHY_AFTER_S, Restarts

ROOT = Path(__file__).parents[3]
SOON_S = 20.0  # a second on an idle machine
ITSELF = ("-m", "services.runtime.supervisor")
WITH_WAITS = """
import sys
from services.runtime.retry import Backoff
from services.runtime.supervisor import Restarts, Supervisor
sys.exit(Supervisor(sys.argv[1:], Restarts(Backoff({s}, {s}))).run())
"""
AT_ONCE = ("-c", WITH_WAITS.format(s=0.01))
IN_DAYS = ("-c", WITH_WAITS.format(s=1e6))
TOLD_BEFORE_IT_KNOWS_ITS_CHILD = """
import os, signal, sys
from services.runtime.leash import on_leash
from services.runtime.supervisor import Supervisor
def start(*words, **options):
    child = on_leash(*words, **options)
    os.kill(os.getpid(), signal.SIGTERM)
    return child
sys.exit(Supervisor(sys.argv[1:], start=start).run())
"""
GUARDED = """
import os, signal, subprocess, sys
child = '''
import os, sys
from services.runtime.leash import guard
pipe = int(sys.argv[1])
guard(pipe)
os.close(pipe)
os.execv(sys.executable, [sys.executable, "-m", sys.argv[2]])
'''
pipe, _ = os.pipe()
subprocess.Popen([sys.executable, "-c", child, str(pipe), sys.argv[1]], pass_fds=(pipe,))
signal.pause()
"""
WITH_STATUSES = """
import os, pathlib, signal, sys
statuses, log = {statuses!r}, pathlib.Path({log!r})
life = len(log.read_text()) if log.exists() else 0
log.write_text("x" * (life + 1))
print("life", os.environ.get("KINDLING_RESTARTS"), os.environ.get("KINDLING_LAST_STATUS"), flush=True)
if statuses[life] < 0:
    os.kill(os.getpid(), -statuses[life])
sys.exit(statuses[life])
"""
SERVICE = """
import os, sys
os.environ["KINDLING_SECRET"] = "a secret of a test"
from services.runtime.process import Process, run
from services.runtime.settings import ServiceSettings
async def serve(settings, process):
    if not settings.restarts:
        raise ValueError("a bug in the first life")
    await process.stop.wait()
sys.exit(run("a-service", ServiceSettings, serve))
"""
LISTENING = """
import os, signal, socket
listener = socket.create_server(("127.0.0.1", 0))
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), listener.getsockname()[1], flush=True)
"""
WAITING, BUSY = "signal.pause()", "while True: pass"

Supervise = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    """Starts a supervisor over a service with this text; its output is the service's, too."""
    made: list[subprocess.Popen[str]] = []

    def start(text: str, program: tuple[str, ...] = ITSELF) -> "subprocess.Popen[str]":
        (tmp_path / "service_of_a_test.py").write_text(text)
        environment = {"PYTHONPATH": f"{ROOT}:{tmp_path}", "PATH": "/usr/bin:/bin"}
        command = [sys.executable, *program, "service_of_a_test"]
        started = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        made.append(started)
        return started

    yield start
    for each in made:
        each.kill()
        each.wait(SOON_S)
        if each.stdout is not None:
            each.stdout.close()


def _with_statuses(tmp_path: Path, *statuses: int) -> str:
    return WITH_STATUSES.format(statuses=statuses, log=str(tmp_path / "lives"))


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _said(shown: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shown.splitlines() if line.startswith("{")]


def _is_ended(process: "subprocess.Popen[str]") -> bool:
    """True if nobody holds the other end of the output any more: the service is gone, as its supervisor is."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], SOON_S)
    return bool(ready) and process.stdout.read() == ""


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _assert_that_both_end(supervisor: "subprocess.Popen[str]", sent: signal.Signals | None) -> None:
    pid, port = map(int, _line(supervisor).split())
    if sent is not None:
        os.kill(pid, sent)
    assert not _is_free(port)
    supervisor.kill()
    assert _is_ended(supervisor)
    assert _is_free(port)


@pytest.mark.parametrize(
    ("statuses", "lives", "last"),
    [([70, 75, 76, 0], 4, 0), ([-9, -11, 0], 3, 0), ([78], 1, 78), ([1], 1, 1), ([0], 1, 0), ([70, 78], 2, 78)],
)
def test_a_supervisor_restarts_by_status(
    supervise: Supervise, tmp_path: Path, statuses: list[int], lives: int, last: int
) -> None:
    """70, 75 and 76 come back, and whoever was killed; a configuration error and anything else do not."""
    supervisor = supervise(_with_statuses(tmp_path, *statuses), AT_ONCE)
    supervisor.communicate(timeout=SOON_S)
    assert supervisor.returncode == last
    assert len((tmp_path / "lives").read_text()) == lives


def test_a_supervisor_wants_a_module() -> None:
    """78 and one sentence."""
    command = [sys.executable, "-m", "services.runtime.supervisor"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SOON_S)
    assert done.returncode == 78
    assert "expected a module" in done.stderr


def test_a_signal_is_passed_on_and_the_status_is_the_services(supervise: Supervise) -> None:
    """SIGTERM while the service runs: no restart, whatever it ends with."""
    supervisor = supervise(
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(70))\nprint('ready', flush=True)\nsignal.pause()"
    )
    assert _line(supervisor) == "ready"
    supervisor.terminate()
    assert supervisor.wait(SOON_S) == 70
    assert _is_ended(supervisor)


def test_a_service_that_ends_by_the_signal_gives_a_shells_status(supervise: Supervise) -> None:
    """128 and the number of the signal."""
    supervisor = supervise("import signal\nprint('ready', flush=True)\nsignal.pause()")
    assert _line(supervisor) == "ready"
    supervisor.terminate()
    assert supervisor.wait(SOON_S) == 128 + signal.SIGTERM


def test_a_signal_while_nobody_runs_ends_the_supervisor_at_once(supervise: Supervise, tmp_path: Path) -> None:
    """In the wait for the next start there is nothing to wait for: 0."""
    supervisor = supervise(_with_statuses(tmp_path, 70, 70), IN_DAYS)
    assert [_line(supervisor)[:4], json.loads(_line(supervisor))["action"]] == ["life", "restarting"]
    supervisor.terminate()
    assert supervisor.wait(SOON_S) == 0
    assert len((tmp_path / "lives").read_text()) == 1


def test_a_signal_right_after_the_fork_reaches_the_service(supervise: Supervise) -> None:
    """SIGTERM comes while the supervisor does not know its child yet: it is not lost."""
    supervisor = supervise("import signal\nsignal.pause()", ("-c", TOLD_BEFORE_IT_KNOWS_ITS_CHILD))
    assert supervisor.wait(SOON_S) == 128 + signal.SIGTERM
    assert _is_ended(supervisor)


@pytest.mark.parametrize(("doing", "sent"), [(WAITING, None), (BUSY, None), (WAITING, signal.SIGSTOP)])
def test_a_service_ends_with_its_killed_supervisor(
    supervise: Supervise, doing: str, sent: signal.Signals | None
) -> None:
    """SIGKILL of the supervisor: a service that waits, works or is stopped is gone, and its port is free."""
    supervisor = supervise(LISTENING + doing)
    _assert_that_both_end(supervisor, sent)


@pytest.mark.parametrize(("doing", "sent"), [(WAITING, None), (BUSY, None), (WAITING, signal.SIGSTOP)])
def test_a_service_ends_with_its_killed_supervisor_where_no_kernel_helps(
    supervise: Supervise, doing: str, sent: signal.Signals | None
) -> None:
    """As on macOS: a process of its own sees the pipe end."""
    supervisor = supervise(LISTENING + doing, ("-c", GUARDED))
    _assert_that_both_end(supervisor, sent)


def test_a_restart_is_a_line_and_a_loop_is_another(supervise: Supervise, tmp_path: Path) -> None:
    """JSON like the services' own; from the fifth short life in a row on it is a crash loop."""
    supervisor = supervise(_with_statuses(tmp_path, 70, 75, -9, 76, 70, 70, 0), AT_ONCE)
    shown, _ = supervisor.communicate(timeout=SOON_S)
    lines = _said(shown)
    assert [(each["action"], each["status"], each["tries"]) for each in lines] == [
        ("restarting", 70, 1), ("restarting", 75, 2), ("restarting", 137, 3), ("restarting", 76, 4),
        ("crash loop", 70, 5), ("crash loop", 70, 6),
    ]  # fmt: skip
    assert {each["service"] for each in lines} == {"service_of_a_test"}
    assert all(0 <= each["wait_s"] <= 0.01 and each["timestamp"] and each["level"] for each in lines)


def test_a_service_is_told_of_its_restarts(supervise: Supervise, tmp_path: Path) -> None:
    """How many, and the status before this life."""
    supervisor = supervise(_with_statuses(tmp_path, 75, -9, 0), AT_ONCE)
    shown, _ = supervisor.communicate(timeout=SOON_S)
    assert [line for line in shown.splitlines() if line.startswith("life")] == ["life 0 ", "life 1 75", "life 2 137"]


def test_a_service_shows_its_restarts(supervise: Supervise) -> None:
    """As a metric at its own port, with the status of the life before."""
    supervisor = supervise(SERVICE, AT_ONCE)
    actions = [json.loads(_line(supervisor)) for _ in ("started", "bug", "ended", "ended", "restarting", "started")]
    assert [each["action"] for each in actions][-2:] == ["restarting", "started"]
    with urllib.request.urlopen(f"http://127.0.0.1:{actions[-1]['health_port']}/metrics", timeout=SOON_S) as shown:
        assert 'kindling_restarts{last_status="70"} 1.0\n' in shown.read().decode()
    supervisor.terminate()
    assert supervisor.wait(SOON_S) == 0


def test_a_log_that_nobody_reads_stops_no_restart(supervise: Supervise, tmp_path: Path) -> None:
    """The reader of the pipe is gone: the service comes back all the same."""
    silent = [line for line in _with_statuses(tmp_path, 70, 0).splitlines() if not line.startswith("print")]
    supervisor = supervise("\n".join(silent), AT_ONCE)
    assert supervisor.stdout is not None
    supervisor.stdout.close()
    assert supervisor.wait(SOON_S) == 0
    assert len((tmp_path / "lives").read_text()) == 2


def test_the_first_wait_is_the_shortest() -> None:
    """Half a second at the most, for a first failure and for one after a minute of life."""
    assert all(0 <= Restarts().count(70, 1.0) <= 0.5 for _ in range(100))
    for _ in range(100):
        restarts = Restarts(quick=20)
        assert 0 <= restarts.count(70, HEALTHY_AFTER_S) <= 0.5
        assert 0 <= restarts.count(70, 1.0) <= 0.5
        assert (restarts.total, restarts.quick) == (2, 1)


def test_waits_grow_while_lives_are_short() -> None:
    """Up to the longest; a life just under a minute is short."""
    restarts = Restarts(Backoff(0.5, 30.0))
    loops = []
    for _ in range(CRASH_LOOP_FROM):
        loops.append(restarts.is_loop)
        restarts.count(75, HEALTHY_AFTER_S - 0.1)
    assert (loops, restarts.is_loop) == ([False] * CRASH_LOOP_FROM, True)
    assert max(Restarts(quick=20).count(70, 1.0) for _ in range(100)) > 0.5
    assert all(Restarts(quick=1).count(70, 1.0) <= 1.0 for _ in range(100))
