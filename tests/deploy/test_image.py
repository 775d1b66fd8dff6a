"""The image without an engine: its file is clean, and what it is made of starts every service."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from deploy.local.kafka import free_port
from deploy.local.processes import Processes
from tests.deploy.image import CONTAINERFILE, ROOT, Image, NotHereError, copied, installed, read_image

SERVICES = {
    "collector": ("services.ingest", "collector"),
    "consumer": ("services.ingest", "consumer"),
    "profile": ("services.profile",),
    "recommender": ("services.recommender",),
    "composer": ("services.composer",),
    "console": ("services.console",),
}
CONNECTOR = "connector"
LIVE_S = 60.0
pytestmark = pytest.mark.xdist_group("image")


@dataclass(frozen=True, slots=True)
class Made:
    """The image's folders on this machine: the interpreter of its environment, its `/app`, and a folder of data."""

    python: Path
    app: Path
    data: Path


@pytest.fixture(scope="module")
def image() -> Image:
    """What the Containerfile says."""
    return read_image()


@pytest.fixture(scope="module")
def made(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The services' lock alone, installed; what the image copies, copied."""
    folder = tmp_path_factory.mktemp("image")
    try:
        python = installed(folder / "venv", image.locks[:1])
    except NotHereError as error:
        pytest.skip(str(error))
    return Made(python, copied(image, folder / "app"), folder / "data")


@pytest.fixture
def processes(made: Made, image: Image) -> Iterator[Processes]:
    """Processes with the image's environment, `/data` on this machine, and no broker; bytecode is kept beside."""
    made.data.mkdir(exist_ok=True)
    own = {name: value.replace("/data", str(made.data)) for name, value in image.environment.items() if name != "PATH"}
    own |= {
        "KINDLING_HEALTH_HOST": "127.0.0.1",
        "KINDLING_KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}",
        "KINDLING_SECRET": "a secret of the image's test",
        "KINDLING_PROGRAM": str(ROOT / "examples" / "academy"),
        "KINDLING_LLM": "none",
        "KINDLING_INGEST_WRITE_KEYS": "a-write-key",
        "KINDLING_INGEST_PORT": "0",
        "KINDLING_CONSOLE_PORT": "0",
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(made.data / "bytecode"),
        "PYTHONPATH": "",
    }
    running = Processes(made.data, own)
    yield running
    running.end()


def test_containerfile_is_clean() -> None:
    """The linter of Containerfiles has nothing to say, and no rule of it is switched off."""
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([linter, "--no-color", CONTAINERFILE], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)
    assert "hadolint ignore" not in CONTAINERFILE.read_text(encoding="utf-8")


def test_image_installs_by_hash_with_the_uv_of_the_makefile(image: Image) -> None:
    """One version of uv in both, every lock with hashes, and nothing is built: a wheel or an error."""
    text = CONTAINERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    (pinned,) = re.findall(r"uv==(\S+)", text)
    assert f"UV_VERSION := {pinned}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")
    (sync,) = re.findall(r"uv pip sync (.+)", text)
    assert {"--require-hashes", "--no-build"} <= {*sync.split()}
    named = [Path(each).name for each in sync.split() if each.startswith("/locks/")]
    assert named == [Path(each).name for each in image.locks]
    assert image.locks[0] == "requirements/services.txt"


def test_image_runs_as_nobody_special(image: Image) -> None:
    """A number, so that an orchestrator can see that it is not root; the last user of the file."""
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", image.user)


def test_what_the_image_copies_is_there_and_not_ignored(image: Image) -> None:
    """The build's context holds each source, and no more than those."""
    wanted = {*image.locks, *(source for source, _ in image.sources)}
    assert [each for each in sorted(wanted) if not (ROOT / each).exists()] == []
    assert image.ignored[0] == "*"
    assert {each.removeprefix("!") for each in image.ignored if each.startswith("!")} == wanted


def test_version_of_the_image_is_the_projects() -> None:
    """The label is what `/version` says."""
    (label,) = re.findall(r'image\.version="([^"]+)"', CONTAINERFILE.read_text(encoding="utf-8"))
    assert f'\nversion = "{label}"\n' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.timeout(300)
def test_every_service_starts_from_the_image(made: Made, image: Image, processes: Processes) -> None:
    """Of the services' lock alone, in a folder that nothing is written to, each comes to answer `/live`.

    The SMTP connector needs the lock beside it, which the image has too. There is no broker: it is waited for.
    """
    before = _tree(made.app)
    ports = {name: _start(processes, made, name, words) for name, words in SERVICES.items()}
    _until_live(processes, ports)
    assert {_answer(port, "ready") for port in ports.values()} == {503}
    try:
        installed(made.python.parents[1], image.locks)
    except NotHereError as error:
        pytest.skip(f"of the connector: {error}")
    _until_live(processes, {CONNECTOR: _start(processes, made, CONNECTOR, (f"services.{CONNECTOR}",))})
    assert _tree(made.app) == before


@pytest.mark.skipif(not (ROOT / "services" / "cli").exists(), reason="expected services/cli: the command `kindling`")
def test_command_starts_from_the_image(made: Made, processes: Processes) -> None:
    """`--help` of the command for people needs nothing that the services' lock does not bring."""
    done = subprocess.run(
        [made.python, "-m", "services.cli", "--help"], cwd=made.app, env={**os.environ, **processes.environment},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def _start(processes: Processes, made: Made, name: str, words: tuple[str, ...]) -> int:
    port = free_port()
    command = [
        "/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(made.app), str(made.python), "-m", *words
    ]  # fmt: skip
    processes.start(name, command, KINDLING_HEALTH_PORT=str(port))
    return port


def _until_live(processes: Processes, ports: dict[str, int]) -> None:
    deadline = time.monotonic() + LIVE_S
    waiting = dict(ports)
    while waiting:
        processes.check()
        waiting = {name: port for name, port in waiting.items() if _answer(port, "live") != 200}
        assert time.monotonic() < deadline, f"not live after {LIVE_S:.0f} s: {', '.join(waiting)}"
        if waiting:
            time.sleep(0.1)


def _answer(port: int, path: str) -> int:
    try:
        with urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as response:
            return int(response.status)
    except HTTPError as error:
        return error.code
    except (URLError, OSError):
        return 0


def _tree(folder: Path) -> dict[str, int]:
    return {each.relative_to(folder).as_posix(): each.stat().st_mtime_ns for each in folder.rglob("*")}
