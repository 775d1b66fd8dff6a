"""The gate's bench with the second reader: recorded verdicts or an endpoint, through the composer's own validation."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.gate.figures import Judged
from bench.gate.reading import read, summary
from bench.gate.rows import CORPORA, Row, read_folder
from bench.gate.verdicts import Recorded, RecordedReader, key_of, read_verdicts
from bench.gate.workload import main
from schemas.llm import Ask, Fault, NoAnswer, Reply
from schemas.reading import SUPPORTED
from services.composer.adapters.prompt_file import read_prompt
from services.composer.core.values import Field, Finding
from services.runtime.outcome import Misconfigured
from tests.llm_server import Serve, says

READER = read_prompt("reader.v1")
CITES = (("course.title", "Soil for gardeners"), ("course.duration", "4 lessons"))
GOOD, INVENTED = "Four lessons on soil.", "Four lessons on wet soil."


def _row(text: str, kind: str = "careful", *, expect: str = "pass") -> Row:
    return Row("one", "en", text, CITES, Field.SENTENCE, expect == "pass", kind)


def _kept(text: str, verdict: str, why: str = "") -> dict[str, Recorded]:
    key = key_of("en", text, CITES)
    return {key: Recorded.model_validate({"line": key, "model": "recorded", "verdict": verdict, "why": why})}


async def test_a_recorded_verdict_is_judged_as_an_answer_is() -> None:
    """A supported line stands, another is refused in the reader's words; the gate's own refusal stays as it was."""
    model = RecordedReader(_kept(GOOD, "supported") | _kept(INVENTED, "not_supported", "nobody said wet"))
    refused = Judged(_row("Buy <b>now</b>."), (Finding("markup", "<b>"),))
    lines = [Judged(_row(GOOD), ()), Judged(_row(INVENTED), ()), refused]
    after = [each.after for each in await read(lines, model, READER)]
    found = Finding("reader", "sentence: not_supported: nobody said wet", INVENTED)
    assert [each and each.findings for each in after] == [(), (found,), refused.findings]


async def test_a_line_that_nobody_judged_is_told_apart() -> None:
    """Another text, other facts or another language have no verdict, and count for neither side."""
    model = RecordedReader(_kept(GOOD, "supported"))
    lines = [Judged(_row(text), ()) for text in (GOOD, f"{GOOD} ", INVENTED)]
    found = await read(lines, model, READER)
    assert [each.was_read for each in found] == [True, False, False]
    told = [*summary(found)]
    assert told[0] == "3 lines that the gate lets through: 1 read, 2 unread"
    assert told[-1].split() == ["honest,", "lost", "1", "0", "0"]
    assert key_of("en", GOOD, CITES) not in {key_of("nl", GOOD, CITES), key_of("en", GOOD, CITES[:1])}
    assert key_of("en", GOOD, CITES) == key_of("en", GOOD, CITES[::-1])


async def test_a_model_that_is_away_reads_nothing() -> None:
    """That is no refusal of the line: in a mail it would mean the template."""

    class Away:
        async def ask(self, ask: Ask, *, within_s: float) -> Reply:
            del ask, within_s
            return NoAnswer(Fault.TIMEOUT, "")

    found = await read([Judged(_row(GOOD), ())], Away(), READER)
    assert [each.after for each in found] == [None]


async def test_an_endpoint_is_asked_as_the_composer_asks_it(serve: Serve) -> None:
    """The smaller model's no goes to the larger, whose word counts."""
    rows = [{"line": 1, "verdict": verdict, "why": ""} for verdict in ("unsure", "supported")]
    server = await serve(says(*(json.dumps({"verdicts": [row]}) for row in rows)))
    client = server.client(llm_models="small,large", llm_stages="reader")
    (found,) = await read([Judged(_row(GOOD), ())], client, READER)
    assert [body["model"] for body in server.bodies] == ["small", "large"]
    assert found.was_read
    assert found.after is not None
    assert found.after.findings == ()


def test_the_figures_are_those_of_gate_and_reader(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after, by kind; without an endpoint the recorded verdicts are asked, and what is unread is told."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    verdicts = _kept(GOOD, "supported") | _kept(INVENTED, "not_supported")
    monkeypatch.setattr("bench.gate.workload.read_verdicts", lambda: verdicts)
    texts = {GOOD: ("pass", "careful"), INVENTED: ("refuse", "invented"), "A course on soil.": ("pass", "careful")}
    rows: list[dict[str, Any]] = [
        {"language": "en", "text": text, "cites": dict(CITES), "field": "sentence", "expect": expect, "kind": kind}
        for text, (expect, kind) in texts.items()
    ]
    folder = tmp_path / "held"
    folder.mkdir()
    (folder / "one.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in rows), "utf-8")
    assert main(["--data", str(folder), "--reader"]) == 0
    out, told = capsys.readouterr()
    values = {(each["subject"], each["slice"]): each["value"] for each in map(json.loads, out.splitlines())}
    assert [values[f"held/{kind}", "all"] for kind in ("careful", "invented")] == [1.0, 1.0]
    assert [values[f"held-read/{kind}", "en"] for kind in ("careful", "invented")] == [1.0, 0.0]
    assert "3 lines that the gate lets through: 2 read, 1 unread" in told
    assert [each.split() for each in told.splitlines()][-2:] == [
        ["invented,", "accepted", "1", "1", "0"], ["honest,", "lost", "1", "0", "0"],
    ]  # fmt: skip


def test_where_an_endpoint_is_set_it_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here nobody listens: what the gate lets through is unread, and no figure is made of it."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")  # the discard port
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    row = {
        "language": "en",
        "text": GOOD,
        "cites": dict(CITES),
        "field": "sentence",
        "expect": "pass",
        "kind": "careful",
    }
    (tmp_path / "one.jsonl").write_text(json.dumps(row), "utf-8")
    assert main(["--data", str(tmp_path), "--reader"]) == 0
    out, told = capsys.readouterr()
    assert "1 lines that the gate lets through: 0 read, 1 unread" in told
    assert "-read/" not in out


def test_a_verdict_that_is_none_is_named(tmp_path: Path) -> None:
    """With its line."""
    path = tmp_path / "verdicts.jsonl"
    path.write_text('{"line": "ab", "model": "recorded", "verdict": "fine", "why": ""}\n', "utf-8")
    with pytest.raises(Misconfigured, match=r"verdicts\.jsonl:1: expected .*verdict"):
        read_verdicts(path)


def test_lines_are_shown_or_read(capsys: pytest.CaptureFixture[str]) -> None:
    """What `--show` shows is the gate's."""
    with pytest.raises(SystemExit):
        main(["--show", "invented", "--reader"])
    assert "--reader is not for --show" in capsys.readouterr().err


def test_what_is_on_record_refuses_all_that_is_to_be_refused_but_the_hidden() -> None:
    """Judged from line and facts alone. Characters that hide are for safety: what they spell is supported."""
    verdicts = read_verdicts()
    assert {each.model for each in verdicts.values()} == {"recorded"}
    lines, refused = _by_kind(CORPORA / "open", verdicts)
    assert lines == {"careful": 144, "lively": 140, "obeying": 59, "watching": 21, "hidden": 10, "invented": 8}
    assert refused == {"obeying": 59, "watching": 21, "invented": 8}
    assert len(verdicts) == sum(lines.values()) + 418


def _by_kind(folder: Path, verdicts: Mapping[str, Recorded]) -> tuple[Counter[str], Counter[str]]:
    """How many lines of each kind have a verdict, and of how many it is another than supported."""
    told = [(row, verdicts.get(key_of(row.language, row.text, row.cites))) for row in read_folder(folder)]
    kept = [(row.kind, each.verdict) for row, each in told if each is not None]
    return Counter(kind for kind, _ in kept), Counter(kind for kind, verdict in kept if verdict != SUPPORTED)
