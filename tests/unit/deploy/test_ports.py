"""A port that was given stays with whom it was given to, whoever else asks before anybody listens on it."""

import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.ports import PORTS, LocalError, Ports, free_port

FEW = range(15_000, 15_040)
ASKING = """
import sys
from pathlib import Path
from deploy.local import ports
ports.PORTS = range(15_000, 15_040)
given = ports.Ports(Path(sys.argv[1]))
for _ in range(5):
    print(given.give(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> range:
    """So few that two who draw by chance alone would draw the same."""
    monkeypatch.setattr(ports, "PORTS", FEW)
    return FEW


def test_none_is_one_that_a_connection_is_given() -> None:
    """Linux gives them from 32768 on, others later."""
    found = {free_port() for _ in range(50)}
    assert len(found) == 50
    assert all(each in PORTS for each in found)
    assert max(PORTS) < 32_768


def test_of_two_processes_each_has_ports_of_its_own_until_it_ends(tmp_path: Path, few: range) -> None:
    """Nobody listens on any of them; whoever ends gives all back."""
    asking = [sys.executable, "-c", ASKING, str(tmp_path)]
    with subprocess.Popen(asking, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        theirs = {int(other.stdout.readline()) for _ in range(5)}
        ours = Ports(tmp_path)
        given = {ours.give() for _ in range(len(few) // 2)}
        assert (len(theirs), len(given)) == (5, len(few) // 2)
        assert not theirs & given
        other.communicate()
    again = subprocess.run(asking, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    assert not {int(each) for each in again.stdout.split()} & given


def test_one_that_somebody_listens_on_is_not_given(tmp_path: Path, few: range) -> None:
    """Whoever it is: all but one are taken, and then that one too."""
    held = []
    for port in few[1:]:
        held.append(socket.socket())
        with suppress(OSError):  # somebody else of this machine listens on it
            held[-1].bind(("127.0.0.1", port))
    given = Ports(tmp_path)
    found = set()
    try:
        while True:
            found.add(given.give())
    except LocalError as error:
        assert "is free: end what listens there" in str(error)
    finally:
        for each in held:
            each.close()
    assert found <= {few[0]}


def test_where_no_lock_can_be_had_it_says_so(tmp_path: Path) -> None:
    """The folder for temporary files is not there."""
    with pytest.raises(LocalError, match=r"cannot lock a port in .*Set TMPDIR"):
        Ports(tmp_path / "gone").give()
