"""A mistake in a program folder is answered with file, line or field, and what was expected."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from schemas.program import Brand, Playbook
from services.runtime.outcome import Misconfigured
from services.runtime.program import read_catalogue, read_program, read_yaml

ACADEMY = Path(__file__).parents[3] / "examples" / "academy"


def test_the_example_is_read() -> None:
    """The whole folder."""
    program = read_program(ACADEMY)
    assert program.brand.name
    assert len(program.playbooks) == 3
    assert len(list(read_catalogue(ACADEMY / "catalogue.jsonl"))) >= 80


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\nname: [a\n", "line 3: not YAML"),
        ("version: 2\n", "version: expected 1; 2 came"),
        ("version: 1\nnaem: x\n", "naem: expected no field of this name: mend the name or take it out; 'x' came"),
    ],
)
def test_a_bad_file_says_where(tmp_path: Path, text: str, said: str) -> None:
    """And what was expected there."""
    path = tmp_path / "brand.yaml"
    path.write_text(text)
    with pytest.raises(Misconfigured, match=r"brand\.yaml") as error:
        read_yaml(path, Brand)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://" + "a" * 244 + ".io", None),
        ("https://" + "a" * 245 + ".io", "at most 255 characters"),
        ("https://münchen.example", "a link that begins with https://, in ASCII"),
        ("https://a.example/", "a link that begins with https://, in ASCII"),
    ],
)
def test_public_url_has_to_fit_the_unsubscribe_link(tmp_path: Path, url: str, said: str | None) -> None:
    """Too long a one, or one that no header can carry, is found when the program is read, not at the first mail."""
    path = tmp_path / "brand.yaml"
    good = yaml.safe_load((ACADEMY / "brand.yaml").read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**good, "public_url": url}), encoding="utf-8")
    if said is None:
        assert read_yaml(path, Brand).public_url == url
        return
    with pytest.raises(Misconfigured, match=rf"brand\.yaml: public_url: .*{said}"):
        read_yaml(path, Brand)


@pytest.mark.parametrize("came", ["0", "6", "true", "two", "2.5", "null"])
def test_a_playbooks_number_of_courses_is_one_to_five(tmp_path: Path, came: str) -> None:
    """The error names the playbook's file, the field, and what came instead."""
    path = tmp_path / "enrolment.yaml"
    good = (ACADEMY / "playbooks" / "guide.yaml").read_text()
    path.write_text(f"{good}courses: 5\n")
    assert read_yaml(path, Playbook).courses == 5
    assert read_yaml(ACADEMY / "playbooks" / "guide.yaml", Playbook).courses == 1
    path.write_text(f"{good}courses: {came}\n")
    with pytest.raises(Misconfigured, match=r"enrolment\.yaml: courses: expected .*; .* came$") as error:
        read_yaml(path, Playbook)
    assert repr(yaml.safe_load(came)) in str(error.value)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    """No folder, no playbook, no file, no UTF-8."""
    with pytest.raises(Misconfigured, match="KINDLING_PROGRAM"):
        read_program(tmp_path / "none")
    with pytest.raises(Misconfigured, match="at least one"):
        read_program(tmp_path)
    with pytest.raises(Misconfigured, match="readable"):
        read_yaml(tmp_path / "brand.yaml", Brand)
    (tmp_path / "brand.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured, match="UTF-8"):
        read_yaml(tmp_path / "brand.yaml", Brand)


def test_a_bad_course_says_its_line(tmp_path: Path) -> None:
    """Line and field."""
    path = tmp_path / "catalogue.jsonl"
    good = (ACADEMY / "catalogue.jsonl").read_text().splitlines()[0]
    path.write_text(f'{good}\n\n{{"id": "x"}}\n')
    with pytest.raises(Misconfigured, match=r"line 3: title"):
        list(read_catalogue(path))
    with pytest.raises(Misconfigured, match="readable"):
        list(read_catalogue(tmp_path / "none.jsonl"))
    path.write_bytes(b"\xff\n")
    with pytest.raises(Misconfigured, match=r"line 1: the whole"):
        list(read_catalogue(path))
    path.write_text("x" * 1_000_001)
    with pytest.raises(Misconfigured, match=r"line 1: expected at most 1000000 bytes"):
        list(read_catalogue(path))


def test_a_text_of_a_course_may_hold_any_separator(tmp_path: Path) -> None:
    """Only a line feed ends a line of JSON; Unicode's others stand in the text as they are."""
    path = tmp_path / "catalogue.jsonl"
    course = json.loads((ACADEMY / "catalogue.jsonl").read_text().splitlines()[0])
    course["description"] = f"A first line\u2028and a second. {course['description']}"
    path.write_text(f"{json.dumps(course, ensure_ascii=False)}\n", encoding="utf-8")
    assert next(read_catalogue(path)).description.startswith("A first line")


def test_what_an_operator_misspells_is_said(tmp_path: Path) -> None:
    """Also in a value that events hold too, which readers of topics take with fields they do not know."""
    path = tmp_path / "catalogue.jsonl"
    course = json.loads((ACADEMY / "catalogue.jsonl").read_text().splitlines()[0])
    for typo in ({"durration_minutes": 7}, {"status": "withdrwan"}):
        path.write_text(json.dumps(course | typo))
        with pytest.raises(Misconfigured, match=next(iter(typo))):
            list(read_catalogue(path))
    brand = tmp_path / "brand.yaml"
    fields = yaml.safe_load((ACADEMY / "brand.yaml").read_text())
    hours = {"time_zone": "Europe/Lisbon", "start": 21, "end": 8, "untill": 9}
    brand.write_text(yaml.safe_dump(fields | {"quiet_hours": hours}))
    with pytest.raises(Misconfigured, match=r"quiet_hours\.untill: expected no field of this name"):
        read_yaml(brand, Brand)


def test_content_may_be_left_out_and_is_checked_where_it_is(tmp_path: Path) -> None:
    """The error names file, piece and field; a topic has to be one of the business's."""
    shutil.copytree(ACADEMY, tmp_path / "own")
    content = tmp_path / "own" / "content.yaml"
    assert read_program(tmp_path / "own").content[0].title == "Welcome series that get replies"
    content.unlink()
    without = read_program(tmp_path / "own")
    assert without.content == ()
    assert "content" not in without.model_dump(mode="json")  # records keep the hash they had
    piece = "version: 1\ncontent:\n  - {id: a, title: A, language: en, "
    for rest, said in (
        ("topics: [nowhere]}", r"content\.yaml: the whole: .*content a: topic 'nowhere' is not in topics"),
        ("titel: B}", r"content\.yaml: content\.0\.titel: expected no field of this name"),
        ("url: x}", r"content\.yaml: content\.0\.url: .*; 'x' came"),
    ):
        content.write_text(piece + rest)
        with pytest.raises(Misconfigured, match=said):
            read_program(tmp_path / "own")
