"""The import asks what will be asked later, and says how it ended."""

import logging
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from schemas.course import Course
from services.recommender.adapters.catalogue.importing import import_catalogue
from services.recommender.commands import SOME_ROWS_BAD, imported
from services.recommender.core.import_rows import MOST_HOSTS, Business, refusal, unknown_topics
from services.runtime import kafka_view
from services.runtime.errors import Status

BUSINESS = Business(frozenset({"academy.example.com"}), frozenset({"email-marketing"}))
PROGRAM = Path(__file__).parents[3] / "examples" / "academy"


async def test_a_course_no_mail_may_lead_to_is_bad(
    file_of: Callable[..., Path], course_of: Callable[..., Course]
) -> None:
    """The gate would refuse every mail of it; the line says which hosts there are, which came, and what to do."""
    away = course_of("away", url="https://evil.example/x").model_dump_json()
    said: list[str] = []
    done = await import_catalogue(file_of("abc", away), None, said.append, business=BUSINESS)
    assert (done.courses, [each.line for each in done.bad]) == (1, [2])
    assert "link_domains in brand.yaml (academy.example.com), came 'https://evil.example/x'" in said[0]


def test_a_course_is_withdrawn_wherever_it_was(course_of: Callable[..., Course]) -> None:
    """Of a withdrawn course nothing is asked: it leads nowhere."""
    course = course_of("abc", url="https://evil.example/x", topics=("gone",), status="withdrawn")
    assert refusal(1, course, BUSINESS) is None
    assert unknown_topics(course, BUSINESS) == ()


def test_only_some_hosts_are_named(course_of: Callable[..., Course]) -> None:
    """A line stays one that is read."""
    business = Business(frozenset(f"host{each}.example" for each in range(MOST_HOSTS + 2)), frozenset())
    found = refusal(7, course_of("abc"), business)
    assert found is not None
    assert (found.line, "host4.example and 2 more)" in found.problem, "host5.example" in found.problem) == (
        7,
        True,
        False,
    )


async def test_unknown_topics_are_counted_and_their_courses_taken(
    file_of: Callable[..., Path], course_of: Callable[..., Course]
) -> None:
    """Once a topic: a catalogue may name one a thousand times."""
    other = [course_of(each, topics=("email-marketing", "new")).model_dump_json() for each in ("one", "two")]
    done = await import_catalogue(file_of("abc", *other), None, lambda _: None, business=BUSINESS)
    assert (done.courses, done.bad, dict(done.unknown_topics)) == (3, [], {"new": 2})


@pytest.fixture
def rows(file_of: Callable[..., Path], course_of: Callable[..., Course]) -> Path:
    """A good row, one of a topic that is not there, and a foreign one."""
    url = "https://www.tidewell.example/x"
    courses = course_of("one", url=url), course_of("two", url=url, topics=("nowhere",)), course_of("three")
    return file_of(*(each.model_dump_json() for each in courses))


def test_json_is_one_object_a_problem_and_one_for_the_sum(
    rows: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Standard output holds nothing else, and the status says that some rows are bad."""
    monkeypatch.setenv("KINDLING_PROGRAM", str(PROGRAM))
    assert imported(rows, is_dry_run=True, is_json=True) == SOME_ROWS_BAD == 65
    out, beside = capsys.readouterr()
    row, topic, total = map(orjson.loads, out.splitlines())
    assert (row["problem"], row["line"], "came 'https://academy.example.com/three'" in row["why"]) == ("row", 3, True)
    assert topic == {"problem": "topic", "topic": "nowhere", "courses": 1}
    languages = {"language_taken": 0, "language_kept": 0}
    assert total == {"sum": {"courses": 2, "unchanged": 0, "bad": 1, "unsafe": 0, "is_dry_run": True} | languages}
    assert "warning: topic 'nowhere' of 1 courses is not in signals.yaml" in beside


def test_without_a_program_hosts_and_topics_are_not_asked(
    rows: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And that is said; a program that is none is the operator's fault."""
    monkeypatch.delenv("KINDLING_PROGRAM", raising=False)
    assert imported(rows, is_dry_run=True) == 0
    out, _ = capsys.readouterr()
    assert "warning: KINDLING_PROGRAM is not set" in out
    assert out.splitlines()[-1] == "3 courses are good, 0 unchanged, 0 rows are bad"
    monkeypatch.setenv("KINDLING_PROGRAM", str(rows))
    assert imported(rows, is_dry_run=True) == Status.MISCONFIGURED
    assert "expected a folder with brand.yaml" in capsys.readouterr().err


def test_a_broker_that_is_away_is_one_sentence(
    rows: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No traceback, and the status of what is worth another try."""
    caplog.set_level(logging.WARNING, logger="aiokafka")  # the command's own level ends with the test
    monkeypatch.delenv("KINDLING_PROGRAM", raising=False)
    monkeypatch.setenv("KINDLING_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setattr(kafka_view, "TRIES", 1)
    assert imported(rows, is_dry_run=False) == Status.FENCED
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0] == "asking 127.0.0.1:1 what is there; a broker that is away is waited for"
    assert lines[1].endswith("import again: it goes on where it was")
