"""What the pages promise is there: targets of Make, files, topics; and nothing names the machine it was written on."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest

from schemas import topics

TARGET = re.compile(r"^([a-z][a-z-]*):(?!=).*?(?:## (.+))?$", re.MULTILINE)
TEXT = frozenset({"", ".py", ".md", ".toml", ".txt", ".json", ".jsonl", ".yaml", ".yml", ".css", ".html", ".j2", ".sh"})

# Each with one letter in brackets, so that this page is not its own finding.
FORBIDDEN = re.compile(
    r"p[y]pi\.org|p[y]thonhosted\.org|n[p]mjs\.org|repo1?\.m[a]ven|m[a]ven\.org|d[o]cker\.io|g[h]cr\.io|q[u]ay\.io"
    r"|(?<![\w.])/w[o]rk/|(?<![\w.])/h[o]me/[a-z]|(?<![\w.])/r[o]ot/|(?<![\w.])/U[s]ers/[a-z]"
)


@pytest.fixture(scope="session")
def targets(root: Path) -> dict[str, str]:
    """The targets of the Makefile, with the comment of each."""
    return dict(TARGET.findall((root / "Makefile").read_text(encoding="utf-8")))


def test_every_target_has_a_comment(targets: dict[str, str]) -> None:
    """`make help` has something to say of each."""
    assert targets
    assert [name for name, comment in targets.items() if not comment] == []


def test_help_lists_every_target(targets: dict[str, str], root: Path) -> None:
    """What can be made is what `make help` prints, and nothing else."""
    done = subprocess.run(
        [_make(), "--no-print-directory", "help"], cwd=root, capture_output=True, text=True, check=True
    )
    assert dict(line.split(maxsplit=1) for line in done.stdout.splitlines()) == targets


def test_page_names_only_targets_that_exist(kept: tuple[Path, ...], targets: dict[str, str]) -> None:
    """A command of a page can be typed."""
    assert [
        f"{path.name}: make {name}"
        for path in kept
        if path.suffix == ".md"
        for code in _code(path.read_text(encoding="utf-8"))
        for name in re.findall(r"\bmake ([a-z][a-z-]*)", code)
        if name not in targets
    ] == []


def test_page_names_only_files_that_exist(kept: tuple[Path, ...], root: Path) -> None:
    """A path of a page at the root can be opened; one with a placeholder or a pattern is no path."""
    assert [
        f"{page.name}: {path}"
        for page in kept
        if page.suffix == ".md" and page.parent == root
        for path in _paths(page.read_text(encoding="utf-8"))
        if not (root / path).exists()
    ] == []


def test_file_names_no_machine_and_no_registry(kept: tuple[Path, ...], root: Path) -> None:
    """What is committed is true on every machine, and where a library comes from is the reader's choice."""
    assert [
        f"{path.relative_to(root)}:{number}"
        for path in kept
        if path.suffix in TEXT
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if FORBIDDEN.search(line)
    ] == []


def test_table_of_the_schemas_is_the_topic_table(root: Path) -> None:
    """The page for connector authors has one row a topic, in the table's order."""
    page = (root / "schemas" / "README.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `kindling.")]
    expected = [
        (f"`{topic.name}`", ", ".join(topic.makers), ", ".join(topic.readers), topic.key_is)
        for topic in topics.ALL
        if not topic.short.startswith("dlq.")
    ]
    assert [tuple(each.strip() for each in row[1:5]) for row in rows] == expected


def _make() -> str:
    found = which("make")
    assert found is not None
    return found


def _code(page: str) -> Iterator[str]:
    """The code of a page: fenced blocks, then spans."""
    yield from re.findall(r"^```.*?^```", page, re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", page)


def _paths(page: str) -> Iterator[str]:
    roots = r"(?:schemas|services|deploy|tests|bench|examples|requirements)"
    yield from re.findall(rf"`({roots}/[\w./-]+)`", page)
