"""The gate's bench reads any folder of lines, its figures are the gate's own, and a sealed half is never shown."""

import hashlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bench.gate.figures import Judged, by_kind, measured, table_by_kind
from bench.gate.rows import FIRST, Corpus, Row, read_folder, read_sealed
from bench.gate.workload import judged, main, shown
from bench.measurement import Measurement
from services.composer.core.gate.judge import GROUNDING, SAFETY
from services.composer.core.values import Field, Finding
from services.runtime.outcome import Misconfigured

CITES = {"course.title": "Soil for gardeners", "course.duration": "4 lessons"}
GOOD: dict[str, Any] = {
    "language": "en", "text": "Four lessons on soil.", "cites": CITES, "field": "sentence", "expect": "pass",
    "kind": "careful",
}  # fmt: skip


class Folder:
    """A folder of corpora, and the workload over it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self._capsys = path, capsys
        self.said = ""

    def file(self, name: str, *lines: Any) -> None:
        """A file of these lines; what is no text is a good line with these changes, written as JSON."""
        texts = (line if isinstance(line, str) else json.dumps({**GOOD, **line}) for line in lines)
        (self.path / name).write_text("".join(f"{text}\n" for text in texts), "utf-8")

    def run(self, *words: str, status: int = 0) -> str:
        """Standard output; `said` is then what stood on standard error."""
        assert main(words or ("--data", str(self.path))) == status
        out, self.said = self._capsys.readouterr()
        return out

    def figures(self) -> dict[tuple[str, str], float]:
        """The value of each subject and slice; every figure is of one workload and metric."""
        values = [json.loads(line) for line in self.run().splitlines()]
        assert all((each["workload"], each["metric"], each["unit"]) == ("gate", "passed", "share") for each in values)
        return {(each["subject"], each["slice"]): each["value"] for each in values}

    def subjects(self) -> list[str]:
        """The subjects of what was printed last, each once."""
        printed = self._capsys.readouterr().out.splitlines()
        return list(dict.fromkeys(json.loads(line)["subject"] for line in printed))

    def sealed(self) -> Path:
        """The folder's files as a sealed half, with its hash."""
        path = self.path / "half.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for each in sorted(self.path.glob("*.jsonl")):
                archive.write(each, each.name)
        path.with_suffix(".sha256").write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}\n", "utf-8")
        return path


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    """An empty one, named `held`."""
    path = tmp_path / "held"
    path.mkdir()
    return Folder(path, capsys)


def test_figures_are_shares_by_file_and_kind(folder: Folder) -> None:
    """Of all and of each language; a file may hold several."""
    folder.file("one.jsonl", {}, {"text": "Soil <b>now</b>.", "expect": "refuse", "kind": "obeying"})
    folder.file("two.jsonl", {}, {}, {"language": "nl", "text": "Open evil.example.com", "kind": "careful"})
    assert folder.figures() == {
        ("one", "all"): 0.5, ("one", "en"): 0.5,
        ("two", "all"): 0.6667, ("two", "en"): 1.0, ("two", "nl"): 0.0,
        ("held/careful", "all"): 0.75, ("held/careful", "en"): 1.0, ("held/careful", "nl"): 0.0,
        ("held/obeying", "all"): 0.0, ("held/obeying", "en"): 0.0,
    }  # fmt: skip


def test_the_page_shows_what_is_taken(folder: Folder) -> None:
    """The line that the page writes down is read, and passes; the figure is one of ours."""
    row, figure = re.findall(
        r"```json\n(.*?)\n```", (FIRST.open.parents[1] / "README.md").read_text("utf-8"), re.DOTALL
    )
    folder.file("page.jsonl", row)
    assert folder.figures()["page", "all"] == 1.0
    assert json.loads(figure).keys() == json.loads(folder.run().splitlines()[0]).keys()


def test_table_says_how_many_passed_each_rule(folder: Folder) -> None:
    """By file and language; a rule that refused none is left out, and a line that two rules refuse counts once."""
    folder.file("one.jsonl", {}, {"text": "<b>Soil</b> at evil.example.com"}, {"text": "Soil <i>now</i>."})
    folder.run()
    table = [line.split() for line in folder.said.splitlines() if line.startswith("one")]
    assert table == [
        ["one", "en", "every", "rule", "3", "1"],
        ["one", "en", "link", "3", "2"],
        ["one", "en", "markup", "3", "1"],
    ]


def test_rule_that_breaks_changes_the_figures(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bench asks the product's own rules: one that no longer refuses lets lines through, a blind one refuses."""
    folder.file("one.jsonl", {}, {"text": "Soil <b>now</b>."})
    assert folder.figures()["one", "all"] == 0.5
    monkeypatch.setitem(SAFETY, "markup", lambda *_: None)
    assert folder.figures()["one", "all"] == 1.0
    monkeypatch.setitem(GROUNDING, "grounding", lambda *_: "seen")
    assert folder.figures()["one", "all"] == 0.0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "no JSON came"),
        ("[]", "[] came; write one JSON object a line"),
        ('{"text": "x", "field": "sentence"}', "there is no language and no cites and no expect and no kind; add it"),
        ({"language": "English"}, "language: 'English' came; write a language code such as en"),
        ({"text": 7}, "text: 7 came; write a text"),
        ({"cites": ["a"]}, "cites: ['a'] came; write an object of fact ids and texts, {} where nothing is cited"),
        ({"cites": {"goal": None}}, "cites.goal: None came; write a text"),
        ({"field": "body"}, "field: 'body' came; write one of subject, preheader, sentence, button"),
        ({"field": ["body"]}, "field: ['body'] came; write one of subject, preheader, sentence, button"),
        ({"expect": True}, "expect: True came; write one of pass, refuse"),
        ({"kind": "two words"}, "kind: 'two words' came; write a word in lower case such as careful"),
    ],
)
def test_bad_row_is_named(folder: Folder, line: Any, said: str) -> None:
    """With its file and line, what was expected, what came, and what to do; nothing is measured."""
    folder.file("one.jsonl", {}, "", line)
    assert folder.run(status=1) == ""
    assert f"{folder.path / 'one.jsonl'}:3: expected " in folder.said
    assert said in folder.said


def test_folder_without_lines_is_no_measurement(folder: Folder) -> None:
    """No files, or empty ones: a share of nothing is no figure."""
    assert folder.run(status=1) == ""
    assert f"{folder.path}: expected files *.jsonl" in folder.said
    folder.file("one.jsonl", "")
    assert folder.run(status=1) == ""
    assert "no line came" in folder.said


def test_other_keys_cites_of_nothing_and_broken_letters_are_read(folder: Folder) -> None:
    """What others note beside a line is theirs; half a character is refused by the gate, not by the reader."""
    folder.file(
        "one.jsonl",
        {"note": "ours"},
        {"cites": {}, "text": "A course on soil."},
        {"text": "Four lessons on soil \ud800."},
    )
    found = judged(read_folder(folder.path))
    assert [[finding.rule for finding in each.findings] for each in found] == [[], ["citation"], ["characters"]]


def test_kinds_of_our_own_corpora_are_comparable(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The open half is measured where no folder is named, with the subjects `kindling/<kind>`."""
    folder.file("nl.jsonl", {"language": "nl"})
    monkeypatch.setattr("bench.gate.workload.OURS", (Corpus("kindling", folder.path, folder.path),))
    out = [json.loads(line) for line in folder.run("--data", str(folder.path)).splitlines()]
    assert [(each["subject"], each["slice"]) for each in out] == [
        ("nl", "all"), ("nl", "nl"), ("kindling/careful", "all"), ("kindling/careful", "nl"),
    ]  # fmt: skip


def test_each_corpus_of_ours_has_its_own_subjects(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder the open halves are measured side by side, and both sealed halves with `--sealed`."""
    folder.file("nl.jsonl", {"language": "nl"})
    one = Corpus("kindling", folder.path, folder.sealed())
    monkeypatch.setattr("bench.gate.workload.OURS", (one, Corpus("other", one.open, one.sealed)))
    assert folder.run("--show", "careful") == ""
    assert folder.said == "0 of 2 lines are decided wrongly\n"
    assert main([]) == 0
    assert folder.subjects() == ["nl", "kindling/careful", "other/nl", "other/careful"]
    assert main(["--sealed"]) == 0
    assert folder.subjects() == ["kindling-sealed/careful", "other-sealed/careful"]


def test_sealed_half_is_what_was_sealed(folder: Folder) -> None:
    """A byte more, no hash, or another one: it is not read."""
    folder.file("en.jsonl", {})
    path = folder.sealed()
    assert read_sealed(path) == read_folder(folder.path)
    sums = path.with_suffix(".sha256")
    for sealed in ("0" * 64, ""):
        sums.write_text(sealed, "utf-8")
        with pytest.raises(Misconfigured, match=r"half\.zip: expected the SHA-256 of half\.sha256"):
            read_sealed(path)
    sums.unlink()
    with pytest.raises(Misconfigured, match="expected the sealed half and its hash"):
        read_sealed(path)


def test_bad_row_of_the_sealed_half_is_not_shown(folder: Folder) -> None:
    """Its file and line are; what stands in it is not."""
    folder.file("en.jsonl", {}, {"field": "secret words"})
    with pytest.raises(Misconfigured, match=r"en\.jsonl:2: no row of the format") as caught:
        read_sealed(folder.sealed())
    assert "secret" not in str(caught.value)


def test_what_is_decided_wrongly_is_shown(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one kind and language, with facts and findings; a letter nobody sees is spelt out."""
    monkeypatch.setattr("bench.gate.workload.OURS", (Corpus("kindling", folder.path, folder.path),))
    folder.file(
        "en.jsonl", {}, {"text": "Four\u200b lessons on soil."}, {"language": "nl", "text": "Soil <b>."},
        {"kind": "obeying", "expect": "refuse", "text": "Four lessons on soil, to subscribe to."},
    )  # fmt: skip
    facts = "    course.title: Soil for gardeners\n    course.duration: 4 lessons\n"
    assert folder.run("--show", "careful", "--language", "en") == (
        f"[careful en sentence] refused: Four<U+200B> lessons on soil.\n{facts}    ! characters: U+200B\n"
    )
    assert folder.said == "1 of 2 lines are decided wrongly\n"
    assert folder.run("--show", "obeying") == (
        f"[obeying en sentence] passed: Four lessons on soil, to subscribe to.\n{facts}"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--show", "nobody"), "--show: expected one of careful, hidden"),
        (("--show", "careful", "--language", "xx"), "--language: expected one of de, en"),
    ],
)
def test_show_names_what_there_is(folder: Folder, words: tuple[str, ...], said: str) -> None:
    """A kind or language that no line has is a mistake, not an empty answer."""
    assert folder.run(*words, status=1) == ""
    assert said in folder.said


@pytest.mark.parametrize(
    "words", [("--sealed", "--show", "careful"), ("--sealed", "--data", "."), ("--language", "en")]
)
def test_sealed_half_cannot_be_shown(words: tuple[str, ...]) -> None:
    """Nor is a language chosen but for what is shown."""
    with pytest.raises(SystemExit):
        main(words)


def test_long_run_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """After some seconds, and not before."""
    row = Row(
        "en", "en", "Soil.", (("course.title", "Soil"),), Field.SENTENCE, is_expected_to_pass=True, kind="careful"
    )
    assert [each.has_passed for each in judged([row] * 3)] == [True] * 3
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("bench.gate.workload.EVERY_S", 0.0)
    judged([row] * 2)
    assert capsys.readouterr().err == "0 of 2 lines judged\n1 of 2 lines judged\n"


def test_kind_that_a_language_lacks_is_a_dash() -> None:
    """Nothing of nothing is no share."""
    lines = [_judged("en", "careful"), _judged("nl", "hidden", Finding("link", "x"))]
    kinds = by_kind(lines, "k")
    assert [line.split() for line in table_by_kind(kinds)] == [
        ["passed", "of", "all", "en", "nl"], ["k/careful", "1/1", "1/1", "-"], ["k/hidden", "0/1", "-", "0/1"],
    ]  # fmt: skip
    assert [*measured(kinds)][-1] == Measurement("gate", "k/hidden", "passed", 0.0, "share", "nl")
    assert [each.is_wrong for each in lines] == [False, True]
    assert shown(lines[1]) == "[hidden nl subject] refused: Soil\n    ! link: x"


def _judged(language: str, kind: str, *findings: Finding) -> Judged:
    row = Row(language, language, "Soil", (), Field.SUBJECT, is_expected_to_pass=True, kind=kind)
    return Judged(row, findings)
