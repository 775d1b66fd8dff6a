"""The pages of operations name only what there is: verbs and their options, targets, modules, settings, statuses."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from schemas.topics import BY_SHORT
from services.cli.app import app
from services.runtime.errors import Status
from services.runtime.setting_names import NAMES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "operations"
PAGES = {**{each.stem: each for each in sorted(FOLDER.glob("*.md"))}, "capacity": ROOT / "docs" / "capacity.md"}
TREE = get_command(app)
SETTING = re.compile(r"KINDLING_[A-Z_]+[A-Z]")
TOPIC = re.compile(r"`((?:events|conversions|email|catalog|profile|courses|aside|dlq)\.[a-z.]+|decisions|control)`")


def _code(text: str) -> Iterator[str]:
    """Each line of a block, and each piece of code within a line."""
    for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def _commands(text: str) -> Iterator[list[str]]:
    """The words behind `kindling`, wherever in a line of code it stands; what a comment says is none."""
    for line in _code(text):
        words = line.strip().removeprefix("$ ").partition(" #")[0].split()
        while words and "=" in words[0] and words[0].isupper() | words[0].startswith("KINDLING_"):
            words = words[1:]
        if words[:1] == ["kindling"] and len(words) > 1:
            yield words[1:]


def _misunderstood(words: list[str]) -> str | None:
    """What in the words is neither a verb nor an option of it."""
    command, left = TREE, list(words)
    while hasattr(command, "commands"):
        if not left or left[0] not in command.commands:
            return " ".join(words)
        command = command.commands[left.pop(0)]
    options = {option for each in command.params for option in each.opts}
    return next((each for each in left if each.startswith("--") and each not in options), None)


@pytest.mark.parametrize("name", PAGES)
def test_command_of_a_page_can_be_typed(name: str) -> None:
    """Verb and options; the pages of operations have some."""
    assert [
        bad
        for words in _commands(PAGES[name].read_text(encoding="utf-8"))
        if (bad := _misunderstood(words)) is not None
    ] == []


def test_pages_have_commands_that_are_looked_at() -> None:
    """Else the test above would hold of anything; and what nobody can type is found."""
    found = [words for each in PAGES.values() for words in _commands(each.read_text(encoding="utf-8"))]
    assert {"backup", "restore", "topics", "reconcile", "pause", "resume"} <= {words[0] for words in found}
    assert _misunderstood(["restore", "backup/today", "--everywhere"]) == "--everywhere"
    assert _misunderstood(["back-up"]) == "back-up"


@pytest.mark.parametrize("name", PAGES)
def test_setting_of_a_page_exists(name: str) -> None:
    """By its whole name."""
    assert sorted(set(SETTING.findall(PAGES[name].read_text(encoding="utf-8"))) - set(NAMES)) == []


@pytest.mark.parametrize("name", PAGES)
def test_module_target_and_topic_of_a_page_exist(name: str) -> None:
    """`python -m …`, `make …`, and topics by their short names."""
    text = PAGES[name].read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    code = list(_code(text))
    modules = {found for line in code for found in re.findall(r"python -m ([\w.]+)", line)}
    assert [each for each in modules if importlib.util.find_spec(each) is None] == []
    assert {found for line in code for found in re.findall(r"\bmake ([a-z-]+)", line)} <= targets
    assert set(TOPIC.findall(text)) <= set(BY_SHORT)


@pytest.mark.parametrize("name", PAGES)
def test_link_of_a_page_leads_somewhere(name: str) -> None:
    """To a page that is there."""
    links = re.findall(r"\]\(([^)#:]+)\)", PAGES[name].read_text(encoding="utf-8"))
    assert [each for each in links if not (PAGES[name].parent / each).exists()] == []


def test_index_leads_to_every_page() -> None:
    """Each once."""
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[([\w-]+)\.md\]\(\1\.md\)", index, re.MULTILINE)
    assert sorted(rows) == sorted(set(PAGES) - {"README", "capacity"})


@pytest.mark.parametrize("name", PAGES)
def test_status_of_a_page_is_one_of_ours(name: str) -> None:
    """A number behind `status` is in the table of exit statuses."""
    found = re.findall(r"\bstatus (\d+)", PAGES[name].read_text(encoding="utf-8"))
    assert {int(each) for each in found} <= {int(each) for each in Status}
