"""Any catalogue and any leads are decided from files, and what cannot be read is named."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench.decide.workload import SOME_LEFT_OUT, UNREADABLE, main

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "bench" / "decide" / "example"
WHOLE = json.loads((ROOT / "schemas" / "examples" / "recommendation.requests" / "conversion.json").read_text("utf-8"))


class Bench:
    """The workload over the three-course example, with the hashed embedder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys
        self.said = ""

    def file(self, name: str, *lines: Any) -> Path:
        """A file of these lines; what is no text is written as JSON."""
        path = self._folder / name
        path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
        return path

    def run(self, *words: Any, status: int = 0, **files: Path) -> list[dict[str, Any]]:
        """The lines of standard output, decoded; `said` is then what stood on standard error."""
        named = {"catalogue": EXAMPLE / "catalogue.jsonl", "requests": EXAMPLE / "requests.jsonl", **files}
        paths = [word for name, path in named.items() for word in (f"--{name}", str(path))]
        assert main([*paths, "--embedder", "hashed", "--vectors", str(self._folder / "vectors"), *words]) == status
        out, self.said = self._capsys.readouterr()
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def bench(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Bench:
    """The workload, its files and vectors in a folder of the test."""
    return Bench(tmp_path, capsys)


def test_each_request_is_one_line(bench: Bench) -> None:
    """With id, candidates and the lists they stand in, pick and rungs; a course taken is no candidate."""
    mira, jonas = bench.run()
    assert (mira["id"], jonas["id"], mira["end"]) == ("mira", "jonas", None)
    assert {"id", "title", "score", "lists"} == mira["candidates"][0].keys()
    assert "payroll-basics" in {each["id"] for each in mira["candidates"]}
    assert all(each["lists"] for each in mira["candidates"])
    assert "payroll-basics" not in {each["id"] for each in jonas["candidates"]}
    assert mira["pick"]["course_id"] in {each["id"] for each in mira["candidates"]}
    assert (mira["pick"]["is_exploration"], mira["rungs"]["job"], mira["rungs"]["pick"]) == (
        False,
        "rules",
        "posterior",
    )


def test_answers_take_the_models_place(bench: Bench) -> None:
    """By lead and stage; of preferred courses the first that was found; who has none is decided without a model."""
    mira, jonas = bench.run(answers=EXAMPLE / "answers.jsonl")
    assert (mira["rungs"]["job"], mira["rungs"]["imagine"], mira["rungs"]["pick"]) == ("llm", "llm", "llm")
    assert mira["imagined"] == "Your first month of payroll"
    assert mira["pick"]["course_id"] == "payroll-abroad"
    assert (jonas["rungs"]["company"], jonas["rungs"]["job"]) == ("llm", "rules")


def test_the_page_shows_what_is_taken(bench: Bench) -> None:
    """The request, the answers and the enrolment that the page writes down are used, every one."""
    page = (EXAMPLE.parent / "README.md").read_text("utf-8")
    request, answers = re.findall(r"```json\n(.*?)\n```", page, re.DOTALL)
    jonas = (EXAMPLE / "requests.jsonl").read_text("utf-8").splitlines()[1]
    enrolment = re.findall(r"`(\{.course[^`]*)`", page)
    assert len(enrolment) == 1
    mira, _ = bench.run(
        requests=bench.file("requests.jsonl", request.replace("\n", " "), jonas),
        answers=bench.file("answers.jsonl", answers),
        enrolments=bench.file("enrolments.jsonl", *enrolment),
    )
    assert (mira["rungs"]["imagine"], mira["pick"]["course_id"]) == ("llm", "payroll-abroad")


def test_of_several_answers_for_a_stage_the_last_counts(bench: Bench) -> None:
    """And one that does not hold is told as invalid, with the reason; the next rung decides."""
    good = {"lead": "mira", "stage": "pick", "prefers": ["payroll-abroad"]}
    last = {"lead": "mira", "stage": "job+imagine", "answer": {"job": "x"}}
    first = json.loads((EXAMPLE / "answers.jsonl").read_text("utf-8").splitlines()[0])
    mira, _ = bench.run(answers=bench.file("answers.jsonl", first, good, last))
    assert (mira["rungs"]["job"], mira["asked"][0]["outcome"]) == ("rules", "invalid")
    assert mira["asked"][0]["detail"]
    assert mira["pick"]["course_id"] == "payroll-abroad"


def test_enrolments_are_folded(bench: Bench) -> None:
    """What many took after the lead's own course stands in a list for them; without enrolments it does not."""
    taken = {"kind": "taken", "course_id": "hiring", "earlier": ["payroll-basics"], "occurred_ms": 1_790_000_000_000}
    _, alone = bench.run()
    _, jonas = bench.run(enrolments=bench.file("enrolments.jsonl", *[taken] * 30))
    assert "hiring" not in {each["id"] for each in alone["candidates"]}
    assert "hiring" in {each["id"] for each in jonas["candidates"]}


def test_short_enrolments_are_as_many_people(bench: Bench) -> None:
    """One line of so many times is as so many lines of one."""
    once = bench.run(enrolments=bench.file("once.jsonl", {"course": "hiring", "times": 3, "days_ago": 2}))
    each = bench.run(enrolments=bench.file("each.jsonl", *[{"course": "hiring", "days_ago": 2}] * 3))
    assert once == each


def test_bad_lines_are_named_and_the_rest_decided(bench: Bench) -> None:
    """Each with file, line, what was expected, what came and what to do; the status says that some were left out."""
    lines = (EXAMPLE / "requests.jsonl").read_text("utf-8").splitlines()
    requests = bench.file("r.jsonl", lines[0], "{", {"id": "x", "language": "English"}, "[1]", "", lines[1])
    courses = (EXAMPLE / "catalogue.jsonl").read_text("utf-8").splitlines()
    catalogue = bench.file("c.jsonl", *courses, {"id": "x"})
    found = bench.run(catalogue=catalogue, requests=requests, status=SOME_LEFT_OUT)
    assert [each["id"] for each in found] == ["mira", "jonas"]
    said = bench.said
    assert "c.jsonl:4: title: expected, and nothing came" in said
    assert "r.jsonl:2: expected a request as recommendation.requests has it" in said
    assert "no JSON came" in said
    assert 'language: expected a language in two or three small letters, as en, "English" came' in said
    assert "conversion: expected, and nothing came" in said
    assert "r.jsonl:4: " in said
    assert "[1] came; write one JSON object a line" in said
    assert "4 rows or lines were left out" in said


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"lead": "nobody", "stage": "pick", "prefers": []}, "lead 'nobody' came, which no request names"),
        ({"lead": "mira", "stage": "copy", "answer": {}}, "stage 'copy' came; it is one of job+imagine, pick, company"),
        ({"lead": "mira", "stage": "pick"}, "both or neither of answer and prefers came"),
        ({"lead": "mira", "stage": "job+imagine", "prefers": ["hiring"]}, "it is for the stage 'pick' alone"),
    ],
)
def test_answers_that_fit_nothing_are_named(bench: Bench, line: Any, problem: str) -> None:
    """Nobody wonders why an answer was not used."""
    assert len(bench.run(answers=bench.file("answers.jsonl", line), status=SOME_LEFT_OUT)) == 2
    assert problem in bench.said


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"course": "none"}, "course 'none' came, which is not in the catalogue"),
        ({"course": "hiring", "times": 0}, "times: expected at least 1, 0 came"),
        ({"kind": "seen", "course_id": "hiring"}, "kind 'seen' came; it is taken or outcome"),
    ],
)
def test_enrolments_that_fit_nothing_are_named(bench: Bench, line: Any, problem: str) -> None:
    """As answers."""
    assert len(bench.run(enrolments=bench.file("enrolments.jsonl", line), status=SOME_LEFT_OUT)) == 2
    assert problem in bench.said


def test_a_whole_request_is_taken_as_it_is(bench: Bench) -> None:
    """Its id is the decision's; one of whom no mail is to come tells the end's reason instead of a pick."""
    held = {**WHOLE, "arm": "holdout"}
    decided, ended = bench.run(requests=bench.file("requests.jsonl", WHOLE, held))
    assert decided["id"] == ended["id"] == WHOLE["decision_id"]
    assert decided["pick"]["course_id"] in {each["id"] for each in decided["candidates"]}
    assert (ended["pick"], ended["candidates"]) == (None, [])
    assert ended["end"] == {"ending": "held_out", "reason": "holdout"}


def test_topics_are_named_by_a_file(bench: Bench) -> None:
    """As a program's signals, or by catalogue; the words of the job then name the title."""
    payroll = "{title: {en: Paying people}, keywords: [payslip]}"
    flat = bench.file("signals.yaml", "version: 1", "topics:", f"  payroll: {payroll}", "rules: []")
    deep = bench.file("topics.yaml", "topics:", "  catalogue:", f"    payroll: {payroll}")
    of_flat, of_deep = bench.run(topics=flat)[0], bench.run(topics=deep)[0]
    assert "paying people" in of_flat["job"]
    assert of_flat == of_deep


def test_a_file_that_is_not_there_is_one_sentence(bench: Bench, tmp_path: Path) -> None:
    """And so is a catalogue of no course, and topics of another catalogue."""
    assert bench.run(requests=tmp_path / "none.jsonl", status=UNREADABLE) == []
    assert "none.jsonl: No such file" in bench.said
    assert bench.run(catalogue=bench.file("empty.jsonl"), status=UNREADABLE) == []
    assert "expected at least one open course" in bench.said
    other = bench.file("topics.yaml", "topics:", "  other:", "    payroll: {title: {en: Payroll}}")
    assert bench.run(topics=other, status=UNREADABLE) == []
    assert "or those of 'catalogue'; there is other" in bench.said


def test_exploration_is_off_unless_asked_for(bench: Bench) -> None:
    """With `--explore` the shipped share holds of what a model calls fitting, and a pick's propensity says so."""
    answers = bench.file("fitting.jsonl", {"lead": "mira", "stage": "pick", "prefers": ["payroll-abroad", "hiring"]})
    assert {each["pick"]["propensity"] for each in bench.run(answers=answers)} == {1.0}
    mira, jonas = bench.run("--explore", answers=answers)
    assert (mira["pick"]["propensity"], jonas["pick"]["propensity"]) == (0.95, 1.0)
