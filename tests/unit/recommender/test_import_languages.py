"""The import of rows that lie about their language."""

from collections.abc import Callable, Sequence
from pathlib import Path

import orjson
import pytest

from schemas.course import Course
from services.recommender.__main__ import main
from services.recommender.adapters.catalogue.import_summary import json_lines, sentences
from services.recommender.adapters.catalogue.importing import import_catalogue
from services.recommender.commands import SOME_ROWS_BAD, imported
from services.runtime.fake_language import FakeLanguage
from services.runtime.outcome import Send

CourseOf = Callable[..., Course]
FileOf = Callable[..., Path]

LIE = {"title": "El arte de vender", "description": "Un curso para una persona que vende y un equipo."}
DOUBT = {"title": "El inglés de los negocios", "description": ""}
TRUE = {"title": "The art of selling", "description": "A course for the seller and the team of a shop."}


@pytest.fixture
def path(file_of: FileOf, course_of: CourseOf) -> Path:
    """A right row, a lie, a bad row, and one whose text is less sure."""
    rows = [course_of(name, **fields).model_dump_json() for name, fields in (("true", TRUE), ("lie", LIE))]
    return file_of(*rows, "{bad", course_of("doubt", **DOUBT).model_dump_json())


async def test_each_difference_is_said_and_the_course_taken_by_its_text(path: Path) -> None:
    """By file, line and id, and only of the rows that differ; a bad row is none of them."""
    sent: list[Send] = []
    said: list[str] = []

    async def publish(sends: Sequence[Send]) -> None:
        sent.extend(sends)

    done = await import_catalogue(path, publish, said.append, detect=FakeLanguage())
    assert {each.event.id: each.event.language for each in sent} == {"true": "en", "lie": "es", "doubt": "en"}
    assert [(each.line, each.id, each.taken) for each in done.differences] == [(2, "lie", "es"), (4, "doubt", "en")]
    lines = [each for each in said if ": warning: " in each]
    assert lines[0] == (
        f"{path}:2: warning: lie: language: the row says 'en', its text seems to be 'es' (99% sure): 'es' is taken, "
        "since the text is long enough, and sure"
    )
    assert lines[1].startswith(f"{path}:4: warning: doubt: language: ")
    assert len(lines) == 2
    assert [each.line for each in done.bad] == [3]


async def test_without_a_detector_the_rows_word_is_taken(path: Path) -> None:
    """And nothing is said of it."""
    said: list[str] = []
    done = await import_catalogue(path, None, said.append)
    assert (done.courses, done.differences, [each for each in said if "language" in each]) == (3, [], [])


async def test_a_course_that_is_there_as_it_would_be_taken_is_unchanged(path: Path, course_of: CourseOf) -> None:
    """An import done twice sends nothing the second time."""
    there = {"lie": course_of("lie", **LIE, language="es"), "doubt": course_of("doubt", **DOUBT)}
    done = await import_catalogue(path, None, lambda _: None, there, detect=FakeLanguage())
    assert (done.courses, done.unchanged, len(done.differences)) == (1, 2, 2)


async def test_the_end_counts_both(path: Path) -> None:
    """In a sentence that names the way out, and in the sum; a problem each, with the row's fields."""
    done = await import_catalogue(path, None, lambda _: None, detect=FakeLanguage())
    first, last = sentences(path, done, is_dry_run=True)
    assert first == (
        f"{path}: warning: 2 rows say another language than their text is in: 1 taken by their text, 1 by their "
        "word; --trust-language takes all by theirs"
    )
    assert last == "3 courses are good, 0 unchanged, 1 rows are bad"
    row, lie, doubt, total = map(orjson.loads, json_lines(done, is_dry_run=True))
    assert row["problem"] == "row"
    assert lie == {
        "problem": "language",
        "line": 2,
        "id": "lie",
        "says": "en",
        "text_in": "es",
        "confidence": 1.0,
        "taken": "es",
        "why": "the text is long enough, and sure",
    }
    assert (doubt["id"], doubt["says"], doubt["text_in"], doubt["taken"]) == ("doubt", "en", "es", "en")
    assert (total["sum"]["language_taken"], total["sum"]["language_kept"], total["sum"]["bad"]) == (1, 1, 1)


@pytest.fixture
def lies(file_of: FileOf, course_of: CourseOf, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One good row, of a language that is not its text's."""
    monkeypatch.delenv("KINDLING_PROGRAM", raising=False)
    return file_of(
        course_of("lie", title="Gestión del tiempo", description="Para quien nunca llega.").model_dump_json()
    )


def test_the_exit_status_is_by_bad_rows_alone(lies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A row that lies is a good one; beside a bad row it changes nothing."""
    assert imported(lies, is_dry_run=True) == 0
    assert "'es' is taken" in capsys.readouterr().out
    lies.write_bytes(lies.read_bytes() + b"\n{bad")
    assert imported(lies, is_dry_run=True) == SOME_ROWS_BAD


def test_a_command_may_trust_the_rows(lies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its option; without it the text is asked, and JSON has what was found."""
    assert main(["import", "--dry-run", "--json", str(lies)]) == 0
    out, beside = capsys.readouterr()
    found, total = map(orjson.loads, out.splitlines())
    assert (found["problem"], found["id"], found["taken"], total["sum"]["language_taken"]) == (
        "language",
        "lie",
        "es",
        1,
    )
    assert "its text seems to be 'es'" in beside
    assert main(["import", "--dry-run", "--trust-language", str(lies)]) == 0
    out, _ = capsys.readouterr()
    assert "its text" not in out
    assert out.splitlines()[-1] == "1 courses are good, 0 unchanged, 0 rows are bad"
