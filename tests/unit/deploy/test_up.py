"""`make up PROGRAM=…` says why it cannot stand before it starts anything, and keeps what it generates."""

import fcntl
import json
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest
import yaml

from deploy.local import stand, up
from deploy.local.place import PORTS, Place, environment_of, words_of
from deploy.local.ports import free_port

ACADEMY = Path(__file__).parents[3] / "examples" / "academy"
Run: TypeAlias = Callable[..., tuple[int, str, str]]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder and ports of the test's own."""
    return Place(tmp_path / "up", ACADEMY, {name: free_port() for name in PORTS})


@pytest.fixture
def run(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command: its status, and what it printed."""

    def act(act: str, program: Path | None = None) -> tuple[int, str, str]:
        words = words_of(Place(place.folder, program or place.program, place.ports))
        monkeypatch.setattr(sys, "argv", ["up", act, *words])
        status = up.main()
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return act


@pytest.mark.parametrize("name", ["collector", "console", "mails"])
def test_busy_port_is_named_and_nothing_starts(place: Place, run: Run, name: str) -> None:
    """With what listens there in our words, and how to choose another."""
    with socket.create_server(("127.0.0.1", place.ports[name])):
        status, _, said = run("start")
    assert (status, said) == (
        1,
        (
            f"up: port {place.ports[name]}, of {name}, is in use: end what listens there, or choose another by "
            f'ARGS="--{name}-port N"\n'
        ),
    )
    assert not place.broker.folder.exists()


def test_wrong_program_is_told_before_anything_starts(place: Place, run: Run, tmp_path: Path) -> None:
    """As every service would tell it, with the status of a misconfiguration; a folder without courses is one too."""
    status, _, said = run("start", tmp_path / "none")
    assert (status, said) == (78, f"up: KINDLING_PROGRAM: expected a folder with brand.yaml; {tmp_path}/none is none\n")
    shutil.copytree(ACADEMY, tmp_path / "own", ignore=shutil.ignore_patterns("catalogue.*"))
    status, _, said = run("start", tmp_path / "own")
    assert status == 1
    assert said.startswith("up: expected the courses as catalogue.jsonl or catalogue.csv in ")
    assert not place.broker.folder.exists()


def test_what_is_up_already_is_said(place: Place, run: Run) -> None:
    """With where it is; another business is refused, and what is only starting says no more than that."""
    place.folder.mkdir(parents=True)
    with _stands(place.folder):
        assert run("start") == (0, "up: starts already (process 7)\n", "")
        place.ready.write_text(json.dumps({"program": str(ACADEMY)}))
        status, said, _ = run("start")
        assert (status, said.splitlines()[0]) == (0, "up: is up already (process 7); `make down` ends it")
        assert f"up: collector   {place.url('collector')}" in said
        shutil.copytree(ACADEMY, place.folder / "other")
        status, _, said = run("start", place.folder / "other")
        assert (status, said.partition(":")[2].strip()[: len(str(ACADEMY))]) == (1, str(ACADEMY))
    assert stand.holder(place.folder) is None


def test_down_where_nothing_is_up_is_no_error(run: Run) -> None:
    """It says so."""
    assert run("stop") == (0, "kafka: does not run\n", "")


def test_one_stands_at_a_time(tmp_path: Path) -> None:
    """Whoever comes second is told, and who stands is known by its process."""
    with stand.held(tmp_path) as first, stand.held(tmp_path) as second:
        assert (first, second) == (True, False)
        assert stand.holder(tmp_path) is not None
    assert stand.holder(tmp_path) is None


def test_generated_secrets_stay_and_are_their_owners_alone(place: Place) -> None:
    """The same the next time; a shell has them, and the file of keys is one that the collector reads."""
    told = place.settings({})
    assert place.settings({}) == told
    secrets = [Path(told["KINDLING_SECRET_FILE"]), Path(told["KINDLING_INGEST_KEYS"]), place.folder / "server-key"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in secrets} == {0o600}
    keys = yaml.safe_load(secrets[1].read_text())
    assert keys["write_keys"] == [{"key": place.secret_of("write-key"), "origins": ["*"]}]
    assert keys["server_keys"] == [{"name": "back-office", "secret": place.secret_of("server-key")}]
    assert f"export WRITE_KEY='{place.secret_of('write-key')}'\n" in place.shell({})


def test_own_secret_and_keys_stay_the_operators(place: Place) -> None:
    """Nothing is generated beside them, and the shell's lines name no key."""
    own = {"KINDLING_SECRET": "a secret of a test", "KINDLING_INGEST_WRITE_KEYS": "mine"}
    assert not {"KINDLING_SECRET_FILE", "KINDLING_INGEST_KEYS"} & place.settings(own).keys()
    assert not place.folder.exists()
    assert "WRITE_KEY" not in place.shell(own)


def test_no_mail_leaves_the_machine(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever mail server the environment names, the connector is told the sink, without a login."""
    monkeypatch.setenv("KINDLING_CONNECTOR_SMTP_HOST", "mail.example.com")
    monkeypatch.setenv("KINDLING_CONNECTOR_SMTP_USER", "somebody")
    environment = environment_of(place)
    smtp = {name: value for name, value in environment.items() if "_SMTP_" in name}
    assert smtp == {
        "KINDLING_CONNECTOR_SMTP_HOST": "127.0.0.1",
        "KINDLING_CONNECTOR_SMTP_PORT": str(place.ports["smtp"]),
    }


@contextmanager
def _stands(folder: Path) -> Iterator[None]:
    """A process stands in the folder: the lock is held, and names it."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("7")
        lock.flush()
        yield
