"""The leash at its ends: nothing of it stays, and nothing starts on it too late. `test_supervisor.py` has its use."""

import os
import select
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SOON_S = 20.0  # a second on an idle machine
GUARDED_AND_OVER = """
import os
from services.runtime.leash import guard
pipe, _ = os.pipe()
guard(pipe)
os.execv("/bin/true", ["true"])
"""


def test_the_guard_ends_with_whom_it_guards() -> None:
    """No process stays behind where the service ends by itself."""
    alive, held = os.pipe()
    done = subprocess.run(
        [sys.executable, "-c", GUARDED_AND_OVER], cwd=ROOT, check=False, pass_fds=(held,), timeout=SOON_S
    )
    os.close(held)
    ready, _, _ = select.select([alive], [], [], SOON_S)
    os.close(alive)
    assert done.returncode == 0
    assert ready, "the guard still holds what it inherited"


def test_nothing_runs_on_the_leash_of_a_parent_that_is_gone(tmp_path: Path) -> None:
    """The parent ended between fork and knot."""
    reading, writing = os.pipe()
    os.close(writing)
    leash, nobody = ROOT / "services" / "runtime" / "leash.py", str(2**22 + 1)
    command = [sys.executable, str(leash), nobody, str(reading), "/usr/bin/touch", str(tmp_path / "ran")]
    done = subprocess.run(command, check=False, pass_fds=(reading,), timeout=SOON_S)
    os.close(reading)
    assert done.returncode == 1
    assert not (tmp_path / "ran").exists()
