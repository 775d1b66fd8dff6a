"""`kindling` as an operator types it: the same flags as the modules, the same ends, and errors in one sentence."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from services.cli.app import run
from services.console.commands import told
from services.ingest.__main__ import main as ingest
from services.profile.__main__ import main as profile
from services.recommender.__main__ import main as recommender

ROOT = Path(__file__).parents[3]
NOWHERE = "127.0.0.1:9"
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
VERBS = (
    "topics plan", "topics apply", "import", "import-history", "import-content", "decision explain", "decision replay",
    "decision send-time",
    "replay", "reconcile", "person show", "suppressions list", "suppressions tombstone",
    "check", "doctor", "dlq list", "dlq show", "dlq redrive", "pause mail", "pause status", "resume mail",
)  # fmt: skip
MODULES: dict[str, tuple[Callable[[list[str]], int], Sequence[str]]] = {
    "import": (recommender, ["import"]),
    "import-history": (ingest, ["import-history"]),
    "import-content": (profile, ["import-content"]),
    "person show": (profile, ["show"]),
    "decision explain": (told, ["decision", "explain"]),
    "decision replay": (told, ["decision", "replay"]),
    "decision send-time": (told, ["decision", "send-time"]),
    "reconcile": (told, ["reconcile"]),
}


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of help is as wide as it likes, and no setting of the machine counts."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERMINAL_WIDTH", "200")
    for name in [each for each in os.environ if each.startswith(("KINDLING_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KINDLING_KAFKA_BOOTSTRAP_SERVERS", NOWHERE)


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_names_its_ends_and_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What it needs is in its first lines; every exit status and one call that works stand below."""
    assert run([*verb.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"Exit status: 0 .*75 .*78 ", shown, re.DOTALL)
    assert "Example: kindling " in shown


@pytest.mark.parametrize("verb", MODULES)
def test_verb_has_the_flags_of_the_module(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m services.<name> <verb>` and `kindling <verb>` take the same words."""
    main, words = MODULES[verb]
    with pytest.raises(SystemExit, match="0"):
        main([*words, "--help"])
    expected = _options(capsys.readouterr().out)
    assert run([*verb.split(), "--help"]) == 0
    assert expected == _options(capsys.readouterr().out)
    assert len(expected) > 1


def test_replay_is_replay_of_a_decision(capsys: pytest.CaptureFixture[str]) -> None:
    """The shorter word has the same flags."""
    run(["replay", "--help"])
    short = capsys.readouterr().out
    run(["decision", "replay", "--help"])
    assert _options(short) == _options(capsys.readouterr().out)


def test_help_needs_no_service() -> None:
    """A page of help is there in a blink: nothing of a service is imported for it."""
    code = (
        "import sys; from services.cli.app import run; run(['--help']); "
        "print([each for each in sys.modules if each.startswith(('schemas', 'services.'))"
        " and not each.startswith('services.cli')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
    assert "\x1b[" not in done.stdout


@pytest.mark.parametrize(("word", "is_coloured"), [("", True), ("1", False)])
def test_colours_are_for_a_terminal_that_wants_them(word: str, is_coloured: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """A sentence at a terminal is red, and a table has a bold head; with NO_COLOR neither."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "NO_COLOR": word, "PYTHONPATH": str(ROOT)}
    code = (
        "from services.cli.verbs import complain, say_table; complain('away'); "
        "say_table(('check', 'seen'), [('broker', 'a [bold] word')], ['red'])"
    )
    with os.fdopen(ours, "rb", buffering=0) as shown:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=environment, stdout=theirs, stderr=theirs, check=False)
        text = shown.read(100_000).decode()
        os.close(theirs)
    assert done.returncode == 0
    assert "kindling: away" in text
    assert "a [bold] word" in text
    assert ("\x1b[31m" in text) == is_coloured


def test_a_broker_that_is_away_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    """Status 75, no traceback, no line of a library."""
    assert run(["topics", "plan"]) == 75
    said = capfd.readouterr()
    assert said.out == ""
    [line] = said.err.splitlines()
    assert line.startswith(f"kindling: Kafka does not answer at {NOWHERE}")


def test_settings_that_contradict_are_the_operators(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 78, and which variable is meant."""
    monkeypatch.setenv("KINDLING_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    assert run(["topics", "plan"]) == 78
    assert "KINDLING_KAFKA_SASL_MECHANISM" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["bogus"], ["topics", "paint"], ["import"], ["replay", "--since", "soon"]])
def test_a_word_that_is_none_is_a_usage_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2, and something is said."""
    assert run(words) == 2
    said = capsys.readouterr()
    assert said.out + said.err != ""


def test_a_tombstone_names_one_record(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither or both of the two ways to name it is a mistake."""
    assert run(["suppressions", "tombstone"]) == 78
    assert run(["suppressions", "tombstone", "--key", "k", "--at", "0/1"]) == 78
    assert "either --key or --at" in capsys.readouterr().err


def test_what_is_typed_reaches_the_console(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Options with their values, flags, and what has a place: the console's own parser reads them."""
    cases = tmp_path / "cases.jsonl"
    cases.write_text("", encoding="utf-8")
    assert run(["decision", "explain", "some-id", "--file", str(cases), "--json", "--price", "1/2"]) == 1
    assert "there is no decision some-id" in capsys.readouterr().err
    assert run(["replay", "--file", str(cases), "--limit", "3", "--since", "2026-11-03"]) == 1
    assert "there is no such decision" in capsys.readouterr().err


def test_an_import_is_that_of_the_service(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One bad row: 65, its line, and JSON where it is asked for."""
    file = tmp_path / "catalogue.jsonl"
    file.write_text('{"id": "x"}\n', encoding="utf-8")
    assert run(["import", str(file), "--dry-run", "--json"]) == 65
    lines = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert [each.get("line") for each in lines] == [1, None]
    assert lines[-1]["sum"]["bad"] == 1


def test_version_is_the_projects(capsys: pytest.CaptureFixture[str]) -> None:
    """As pyproject.toml says it."""
    assert run(["--version"]) == 0
    assert re.fullmatch(r"kindling \d+\.\d+\.\d+\n", capsys.readouterr().out)


def _options(text: str) -> set[str]:
    return {*FLAG.findall(text)} & {*re.findall(r"(?m)^[\s│*]*(?:-\w, )?(--[a-z][a-z-]+)", text)}
