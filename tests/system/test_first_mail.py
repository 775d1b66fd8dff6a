"""`docs/first-mail.md` as a newcomer follows it: its own files, its own commands, and the mail they lead to.

The folder they are run in is the repository by links. `make` is the real one with the real Makefile, told by `-o` that
the libraries are there (`.venv/local`); `ARGS`, which every target passes on, chooses ports that are free.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import NamedTuple

import pytest

from deploy.local.place import PORTS
from deploy.local.ports import free_port

pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.xdist_group("first_mail"), pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "first-mail.md"
LINKED = (".venv", "Makefile", "pyproject.toml", "deploy", "services", "schemas")
BLOCK = re.compile(r"^```([^\n`]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BROWSER = """
globalThis.localStorage = {getItem: () => null, setItem: () => {}};
globalThis.location = {href: "https://www.millrace.example/articles/finishing/which-oil"};
globalThis.navigator ??= {language: "en-GB"};
globalThis.document = {title: "Which oil?"};
globalThis.COLLECTOR = process.env.COLLECTOR;
globalThis.WRITE_KEY = process.env.WRITE_KEY;
"""
SENDS = "\nconst answer = await send('page');\nconsole.log(answer.status, await answer.text());\n"


class Block(NamedTuple):
    """One fenced block: its language, the file it is, if it is one, and its text."""

    language: str
    file: str | None
    text: str


class Followed(NamedTuple):
    """What came of following the page: the folder, and what was printed by each bash block."""

    folder: Path
    printed: list[str]
    tracker: str


def blocks() -> list[Block]:
    """The blocks of the page, in order."""
    found = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    return [Block(words.split()[0], (words.split()[1:] or [None])[0], text) for words, text in found]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    """The page, followed once to its end."""
    if missing := [each for each in ("make", "bash", "curl", "openssl") if which(each) is None]:
        pytest.skip(f"the page needs {', '.join(missing)}")
    folder = _clone(tmp_path_factory.mktemp("clone"))
    steps = [each.text for each in blocks() if each.language == "bash"]
    tracker = f"{BROWSER}{next(each.text for each in blocks() if each.language == 'js')}{SENDS}"
    (folder / "tracker.mjs").write_text(tracker)
    after = "node tracker.mjs > tracker.txt 2>&1 || true\n" if which("node") else ""
    ended = "\necho '=== end of step'\n"
    script = ended.join([*steps[:-1], after + steps[-1]]) + ended
    ports = " ".join(f"--{name}-port {free_port()}" for name in PORTS if name != "kafka")
    kafka = free_port()
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "KINDLING_", "MAKE"))}
    environment = {**bare, "PATH": f"{folder / 'bin'}:{bare['PATH']}", "ARGS": f"--kafka-port {kafka} {ports}"}
    done = subprocess.run(
        [_tool("bash"), "-eu", "-o", "pipefail", "-c", script],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        timeout=240,
    )  # fmt: skip
    try:
        log = folder / ".local" / "up" / "log"
        assert done.returncode == 0, done.stdout[-4_000:] + (log.read_text()[-4_000:] if log.exists() else "")
        seen = folder / "tracker.txt"
        yield Followed(folder, done.stdout.split("=== end of step\n"), seen.read_text() if seen.exists() else "")
    finally:
        subprocess.run(
            [str(folder / "bin" / "make"), "down"],
            cwd=folder,
            env=environment,
            check=False,
            capture_output=True,
            timeout=90,
        )


def test_page_leads_to_a_mail_of_the_business(followed: Followed) -> None:
    """To who converted, about a course of the page's catalogue, in the words of the page's signals."""
    [mail] = (followed.folder / ".local" / "up" / "mail").glob("*.eml")
    text = next(each for each in followed.printed if each.startswith("To: "))
    assert text.startswith("To: Ida <ida@example.com>\nSubject: ")
    assert "Thank you for downloading “A wall cabinet in oak”." in text
    assert re.search(r"https://www\.millrace\.example/courses/[a-z-]+", text)
    assert "Millrace Workshop, 3 Sluice Lane" in mail.read_text()


def test_up_says_where_everything_is_and_what_is_missing(followed: Followed) -> None:
    """With the write key, and without a model which rungs are left."""
    said = followed.printed[0]
    for name in ("collector", "write key", "console", "mails", "log"):
        assert re.search(rf"^up: {name} +\S", said, re.MULTILINE), said
    assert "model       none is set; these rungs answer: job: rules" in said
    assert "catalogue: 5 courses published, 0 unchanged, 0 rows are bad" in said


def test_explain_says_what_led_to_the_mail(followed: Followed) -> None:
    """The visit, the goal and the conversion of the page are in it, and nobody is held out."""
    said = next(each for each in followed.printed if each.startswith("decision "))
    for part in ("read: Box joints", "fact:goal: Build a cabinet", "Plan Downloaded: A wall cabinet", "of none"):
        assert part in said, said


def test_lines_of_the_page_are_a_tracker(followed: Followed) -> None:
    """What stands in the page for a browser is taken by the collector."""
    if not followed.tracker:
        pytest.skip("node is not here, which stands for the browser")
    status, _, answer = followed.tracker.partition(" ")
    assert status == "200", followed.tracker
    assert json.loads(answer)["accepted"] == 1


def test_down_ends_all_without_an_error(followed: Followed) -> None:
    """No line of the log is one, no process is left, and a second `down` has nothing to do."""
    assert followed.printed[-2].splitlines() == [
        "down: every service ended, and the mail sink",
        "kafka: stopped",
    ]
    log = (followed.folder / ".local" / "up" / "log").read_text()
    assert log.splitlines()[-1] == "up | all ended in order"
    assert [line for line in log.splitlines() if '"level": "ERROR"' in line or "Traceback" in line] == []
    assert _processes_of(followed.folder) == []


def _tool(name: str) -> str:
    found = which(name)
    assert found is not None
    return found


def _clone(folder: Path) -> Path:
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    for block in blocks():
        if block.file is not None:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    shim = folder / "bin" / "make"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {_tool("make")} -o .venv/local "$@"\n')
    shim.chmod(0o755)
    return folder


def _processes_of(folder: Path) -> list[str]:
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder).encode() in each.read_bytes():
                found.append(each.parent.name)
        except OSError:
            continue
    return found
