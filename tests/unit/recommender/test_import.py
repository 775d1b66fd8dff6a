"""The import of a catalogue file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

from schemas.course import Course
from schemas.topics import CATALOG_COURSES
from services.recommender.adapters import catalogue_file
from services.recommender.adapters.catalogue_file import Publish, import_catalogue
from services.runtime.outcome import Misconfigured, Send

Told: TypeAlias = tuple[list[Send], list[str], Publish]


@pytest.fixture
def file_of(tmp_path: Path, course_of: Callable[..., Course]) -> Callable[..., Path]:
    """A file of these lines; a course by its id."""

    def build(*lines: str) -> Path:
        path = tmp_path / "catalogue.jsonl"
        rows = [course_of(each).model_dump_json() if each.isalnum() else each for each in lines]
        path.write_text("\n".join(rows), encoding="utf-8")
        return path

    return build


@pytest.fixture
def told() -> Told:
    """What was sent, what was said, and how to do both."""
    sent: list[Send] = []
    said: list[str] = []

    async def publish(sends: Sequence[Send]) -> None:
        sent.extend(sends)

    return sent, said, publish


async def test_good_rows_are_kept_and_bad_ones_named(file_of: Callable[..., Path], told: Told) -> None:
    """By line and field, the same id twice included; blank lines are none."""
    sent, said, publish = told
    done = await import_catalogue(file_of("abc", "", '{"id": "X Y"}', "{not json", "def", "abc"), publish, said.append)
    assert [(each.topic, each.event.id) for each in sent] == [(CATALOG_COURSES, "abc"), (CATALOG_COURSES, "def")]
    assert (done.courses, [each.line for each in done.bad]) == (2, [3, 4, 6])
    assert "id: String should match" in done.bad[0].problem
    assert "and 5 more" in done.bad[0].problem
    assert "also in line 1" in done.bad[2].problem
    assert said[-1] == "2 courses published"


async def test_dry_run_publishes_nothing(file_of: Callable[..., Path], told: Told) -> None:
    """It still counts."""
    sent, said, _ = told
    done = await import_catalogue(file_of("abc", "def"), None, said.append)
    assert (done.courses, sent, said) == (2, [], [])


async def test_progress_is_said_by_batch(
    file_of: Callable[..., Path], told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large catalogue goes out in batches, each acked."""
    monkeypatch.setattr(catalogue_file, "BATCH", 2)
    sent, said, publish = told
    await import_catalogue(file_of("abc", "def", "ghi"), publish, said.append)
    assert said == ["2 courses published", "3 courses published"]
    assert len(sent) == 3


async def test_a_file_that_is_not_there_is_the_operators_fault(tmp_path: Path, told: Told) -> None:
    """The message says what was expected."""
    with pytest.raises(Misconfigured, match="expected a file with one course a line"):
        await import_catalogue(tmp_path / "none.jsonl", None, told[1].append)
