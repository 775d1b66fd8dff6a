"""One log for many processes: each line whole, with the name of who wrote it."""

import sys
from pathlib import Path

import pytest

from deploy.local.one_log import OneLog
from deploy.local.processes import DemoError, Processes

MANY = 500
WRITES = f"for number in range({MANY}): print(sys.argv[1], number, 'x' * 200, flush=number % 7 == 0)"


async def test_lines_of_many_processes_do_not_mix(tmp_path: Path) -> None:
    """All of them are there, in the order of each."""
    log = OneLog(tmp_path / "log")
    processes = Processes(tmp_path, {}, output=log)
    for name in ("one", "two"):
        processes.start(name, [sys.executable, "-c", f"import sys\n{WRITES}", name])
    started = list(processes.running.values())
    assert [process.wait(30) for process in started] == [0, 0]
    log.close()
    lines = (tmp_path / "log").read_text().splitlines()
    for name in ("one", "two"):
        assert [each for each in lines if each.startswith(f"{name} |")] == [
            f"{name} | {name} {number} {'x' * 200}" for number in range(MANY)
        ]
    assert len(lines) == 2 * MANY


async def test_who_ends_unasked_is_named_with_its_last_line(tmp_path: Path) -> None:
    """And with the one log to look into; what has no line end is a line too."""
    processes = Processes(tmp_path, {}, output=OneLog(tmp_path / "log"))
    processes.start("one", [sys.executable, "-c", "import sys; sys.stderr.write('no such thing'); sys.exit(78)"])
    with pytest.raises(DemoError, match=rf"^one is misconfigured: no such thing \(see {tmp_path}/log\)$"):
        await processes.wait_until(lambda: False, "never", 20)
    assert (tmp_path / "log").read_text() == "one | no such thing\n"
    processes.end()
