"""Each bad input of mails, models, records and feedback has a test that shows its outcome."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

OF_EVENTS = (*range(34, 57), 60)  # 57 to 59 are the redrive command's and the loops'
FEEDBACK = (
    "duplicate", "reordered", "forged", "unknown message id", "future time", "machine clicks",
    "complaint after erasure", "bounce of another tenant",
)  # fmt: skip
ROWS: tuple[int | str, ...] = (*OF_EVENTS, *range(61, 113), 115, *FEEDBACK)
ID = re.compile(r"^(?P<path>tests/[\w/]+\.py)::(?P<name>test_\w+)(?:\[(?P<number>\d+)\])?$")

Trees = Mapping[str, ast.Module]


@pytest.fixture(scope="session")
def shown_by(root: Path) -> dict[int | str, list[str]]:
    """The tests of each row."""
    table: dict[int | str, Any] = yaml.safe_load((root / "tests" / "bad_inputs.yaml").read_text(encoding="utf-8"))
    return {row: each["shown_by"] for row, each in table.items()}


@pytest.mark.parametrize("row", ROWS)
def test_a_bad_input_has_a_test_of_its_outcome(row: int | str, shown_by: dict[int | str, list[str]]) -> None:
    """By its number, or its name where it has none."""
    assert shown_by.get(row)


def test_every_test_named_is_collected(shown_by: dict[int | str, list[str]], trees: Trees) -> None:
    """File and function are there, and where a case is named, the file holds a case of that row's number."""
    assert [id_ for row, ids in shown_by.items() for id_ in ids if not _is_there(id_, row, trees)] == []


@pytest.mark.parametrize(
    "id_",
    [
        "tests/unit/nowhere.py::test_what_came_too_late_expires",
        "tests/unit/composer/test_pipeline.py::test_nothing_of_that_name",
        "tests/unit/composer/test_pipeline.py::_refusal",
        "tests/unit/composer/test_planted.py::test_a_planted_attack_reaches_no_mail[99]",
        "tests/unit/composer/test_planted.py::test_a_planted_attack_reaches_no_mail[83]",
        "tests/unit/composer/test_planted.py",
    ],
)
def test_a_test_that_is_not_there_is_noticed(id_: str, trees: Trees) -> None:
    """A file, a function, a case, or one of another row."""
    assert not _is_there(id_, 84, trees)


def _is_there(id_: str, row: int | str, trees: Trees) -> bool:
    found = ID.match(id_)
    if found is None or found["path"] not in trees:
        return False
    tree = trees[found["path"]]
    if found["name"] not in _tests(tree):
        return False
    return found["number"] is None or (int(found["number"]) == row and row in _numbers(tree))


def _tests(tree: ast.Module) -> Iterator[str]:
    """The functions of the file itself: what pytest collects."""
    return (each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def _numbers(tree: ast.Module) -> Iterator[object]:
    return (each.value for each in ast.walk(tree) if isinstance(each, ast.Constant))
