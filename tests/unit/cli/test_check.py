"""`kindling check`: every mistake of a program folder in one run, each once, with file, line and field."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.cli.app import run

ACADEMY = Path(__file__).parents[3] / "examples" / "academy"
COURSE = {
    "id": "some-course", "title": "Some course", "url": "https://www.tidewell.example/courses/some-course",
    "topics": ["seo"], "level": "beginner", "language": "en", "updated_at": "2026-11-01T00:00:00Z",
}  # fmt: skip
Edit = Callable[[str, str, str], int]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The academy's program in one language, which is proved four times as fast, with a catalogue of one course."""
    copy = tmp_path / "academy"
    shutil.copytree(ACADEMY, copy, ignore=shutil.ignore_patterns("recorded", "catalogue.jsonl", "story.yaml"))
    (copy / "catalogue.jsonl").write_text(f"{json.dumps(COURSE)}\n", encoding="utf-8")
    brand = (copy / "brand.yaml").read_text(encoding="utf-8")
    assert "languages: [en, es, de, fr]" in brand
    brand = re.sub(r"(?m)^  address: {.*\n", "", brand.replace("languages: [en, es, de, fr]", "languages: [en]"))
    (copy / "brand.yaml").write_text(brand, encoding="utf-8")
    return copy


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Puts other words in place of the first such words of a file; the line they begin in."""

    def put(file: str, old: str, new: str) -> int:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        before, _, after = text.partition(old)
        assert after, old
        path.write_text(before + new + after, encoding="utf-8")
        return before.count("\n") + 1

    return put


@pytest.fixture
def checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[dict[str, Any]], Any]]:
    """The status of a check as JSON, its mistakes and its sum."""

    def check(*words: str) -> tuple[int, list[dict[str, Any]], Any]:
        status = run(["check", str(folder), "--json", *words])
        *rows, total = map(json.loads, capsys.readouterr().out.splitlines())
        return status, rows, total["sum"]

    return check


def test_a_folder_that_is_right_ends_with_the_count(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was read is said; status 0."""
    assert run(["check", str(folder)]) == 0
    assert capsys.readouterr().out == "all is right, 0 warnings: 7 files, 1 good course\n"


def test_every_mistake_is_told_once_in_one_run(folder: Path, edit: Edit, checked: Callable[..., Any]) -> None:
    """Twenty of all kinds: values, fields, YAML, links, words, lexicons, rows. None hides another."""
    _spoil(folder, edit)
    status, told, total = checked()
    assert status == 65
    assert {(each["file"], each["field"]) for each in told} == {
        ("brand.yaml", "list_id"),
        ("brand.yaml", "colour"),
        ("brand.yaml", "reply_to"),
        ("signals.yaml", "topics.email-marketing.neighbours.0"),
        ("signals.yaml", "half_life_days"),
        ("content.yaml", "content.0.topics.0"),
        ("content.yaml", f"content.{_count(folder)}.id"),
        ("content.yaml", f"content.{_count(folder)}.language"),
        ("playbooks/trial.yaml", "name"),
        ("playbooks/trial.yaml", "otherwise"),
        ("playbooks/enrolment.yaml", "version"),
        ("playbooks/torn.yaml", None),
        ("words/english.yaml", None),
        ("lexicons/en.yaml", "nouns"),
        ("lexicons/safety/en.yaml", None),
        ("catalogue.jsonl", "url"),
        ("catalogue.jsonl", "id"),
        ("catalogue.jsonl", "level"),
        ("catalogue.jsonl", "line"),
    }
    places = [(each["file"], each["line"], each["field"]) for each in told]
    assert len(set(places)) == len(places) == total["mistakes"]
    assert total == {"mistakes": 20, "warnings": 0, "files": 8, "courses": 1}


def test_a_mistake_says_where_what_was_expected_and_what_came(
    folder: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `file:line: field: expected …; 'x' came`, which editors and terminals open."""
    line = edit("brand.yaml", "reply_to: advisers@tidewell.example", "reply_to: nobody")
    assert run(["check", str(folder)]) == 65
    first, last = capsys.readouterr().out.splitlines()
    assert first == f"brand.yaml:{line}: reply_to: expected a bare address, as name@example.com; 'nobody' came"
    assert last.startswith("1 mistake, 0 warnings")


def test_words_are_held_to_the_gate_language_by_language(folder: Path, edit: Edit, checked: Callable[..., Any]) -> None:
    """What a service would end with at its start, of two languages at once."""
    edit("brand.yaml", "languages: [en]", "languages: [en, de]")
    (folder / "words").mkdir()
    for language in ("en", "de"):
        (folder / "words" / f"{language}.yaml").write_text("no_such_phrase: x\n", encoding="utf-8")
    status, told, _ = checked()
    assert (status, [each["file"] for each in told]) == (65, ["words/de.yaml", "words/en.yaml"])
    assert {each["field"] for each in told} == {"no_such_phrase"}


def test_a_zone_that_nobody_knows_is_a_mistake(folder: Path, checked: Callable[..., Any]) -> None:
    """The profile would not start with it; it is told once."""
    with (folder / "brand.yaml").open("a", encoding="utf-8") as file:
        file.write("quiet_hours: {time_zone: Atlantis/Main, start: 21, end: 8}\n")
    status, [told], _ = checked()
    assert (status, told["field"]) == (65, "quiet_hours.time_zone")


def test_a_field_that_is_none_is_told_with_the_nearest(edit: Edit, checked: Callable[..., Any]) -> None:
    """A slip of the pen is mended at a glance."""
    line = edit("brand.yaml", "website: https", "web_site: https")
    status, told, _ = checked()
    assert (status, [each["field"] for each in told]) == (65, ["website", "web_site"])
    assert (told[1]["line"], "perhaps website is meant" in told[1]["expected"]) == (line, True)


def test_a_course_that_goes_otherwise_is_open(folder: Path, edit: Edit, checked: Callable[..., Any]) -> None:
    """One that is withdrawn could not be mailed."""
    edit("playbooks/trial.yaml", "name: trial", "name: trial\notherwise: some-course")
    assert checked()[0] == 0
    row = json.dumps(COURSE | {"status": "withdrawn"})
    (folder / "catalogue.jsonl").write_text(f"{row}\n", encoding="utf-8")
    status, [told], _ = checked()
    assert (status, told["field"], told["came"]) == (65, "otherwise", "some-course")


def test_what_an_import_warns_of_is_a_warning(folder: Path, checked: Callable[..., Any]) -> None:
    """A topic that nobody has, and a text in another language; status 0."""
    english = "How to plan a calendar of posts that people look forward to, week after week, with a small team."
    row = json.dumps(COURSE | {"topics": ["alchemy"], "language": "de", "title": english[:60], "description": english})
    (folder / "catalogue.jsonl").write_text(f"{row}\n", encoding="utf-8")
    status, told, total = checked()
    assert (status, {each["problem"] for each in told}) == (0, {"warning"})
    assert {each["field"] for each in told} >= {"topics"}
    assert (total["mistakes"], total["warnings"]) == (0, len(told))


def test_a_catalogue_from_elsewhere_is_checked_in_its_place(
    folder: Path, tmp_path: Path, checked: Callable[..., Any]
) -> None:
    """A table, too; one that is not there is the operator's."""
    table = tmp_path / "other.csv"
    table.write_text("id,title\n", encoding="utf-8")
    status, [told], _ = checked("--catalogue", str(table))
    assert (status, told["file"]) == (65, str(table))
    assert "missing" in told["expected"]
    assert (folder / "catalogue.jsonl").exists()


def test_without_files_each_is_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Brand, signals and playbooks are told of; a catalogue need not be."""
    assert run(["check", str(tmp_path), "--json"]) == 65
    *rows, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert [each["file"] for each in rows] == ["brand.yaml", "playbooks", "signals.yaml"]


def test_a_folder_that_is_none_is_the_operators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named or not: status 78, and what was expected. Without a word the folder of the settings is checked."""
    monkeypatch.delenv("KINDLING_PROGRAM", raising=False)
    assert run(["check"]) == 78
    assert run(["check", str(tmp_path / "none")]) == 78
    assert capsys.readouterr().err.count("expected a program folder") == 2
    monkeypatch.setenv("KINDLING_PROGRAM", str(tmp_path))
    assert run(["check"]) == 65


def _spoil(folder: Path, edit: Edit) -> None:
    """Twenty mistakes in twelve files."""
    edit("brand.yaml", "list_id: next-step.tidewell.example", "list_id: Not A Host!\ncolour: red")
    edit("brand.yaml", "reply_to: advisers@tidewell.example", "reply_to: nobody")
    edit("signals.yaml", "neighbours: [lead-nurturing,", "neighbours: [led-nurturing,")
    edit("signals.yaml", "half_life_days: 30", "half_life_days: thirty")
    edit("content.yaml", "topics: [", "topics: [no-such-topic, ")
    first = re.findall(r"id: ([\w.-]+)", (folder / "content.yaml").read_text(encoding="utf-8"))[0]
    with (folder / "content.yaml").open("a", encoding="utf-8") as file:
        file.write(f"  - {{id: {first}, title: Quite another, language: english}}\n")
    edit("playbooks/trial.yaml", "name: trial", "name: guide\notherwise: no-such-course")
    edit("playbooks/enrolment.yaml", "version: 1", "version: 1\nversion: 1")
    (folder / "playbooks" / "torn.yaml").write_text("name: [torn\n", encoding="utf-8")
    (folder / "words").mkdir()
    (folder / "words" / "english.yaml").write_text("greeting: Hi\n", encoding="utf-8")
    (folder / "lexicons" / "safety").mkdir(parents=True)
    (folder / "lexicons" / "en.yaml").write_text("nouns: some\n", encoding="utf-8")
    (folder / "lexicons" / "safety" / "en.yaml").write_text("curses: some\n", encoding="utf-8")
    rows = [
        COURSE,
        COURSE | {"id": "elsewhere", "url": "https://www.elsewhere.example/x"},
        COURSE,
        COURSE | {"id": "two things", "level": "godlike"},
    ]
    text = "".join(f"{json.dumps(each)}\n" for each in rows) + "{\n"
    (folder / "catalogue.jsonl").write_text(text, encoding="utf-8")


def _count(folder: Path) -> int:
    """The number of the last piece of content."""
    return len(re.findall(r"(?m)^ *- (?:\{)?id:", (folder / "content.yaml").read_text(encoding="utf-8"))) - 1
