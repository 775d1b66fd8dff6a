"""`kindling decision …` as an operator types it: real processes, cases from a file, a model on this machine."""

import importlib
import json
import subprocess
import sys
import threading
import tomllib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from schemas.course import Course
from schemas.replay import Case
from services.console.__main__ import main

ROOT = Path(__file__).parents[3]
ID = "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f"
Decided = Callable[..., Awaitable[Case]]
Replies = Callable[..., dict[str, list[str]]]


@pytest.fixture
async def then(decided: Decided, replies: Replies) -> Case:
    """A decision whose every stage was answered by the model."""
    return await decided(replies())


@pytest.fixture
def kindling(secret: str) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs the command with these words; the environment is its own."""

    def run(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        settings = {"KINDLING_SECRET": secret, "KINDLING_PROGRAM": "examples/academy", "OMP_WAIT_POLICY": "passive"}
        return subprocess.run(
            [sys.executable, "-m", "services.console", "decision", *words],
            cwd=ROOT, env={**settings, **environment}, capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[..., str]:
    """A file with these cases."""

    def write(*cases: Case) -> str:
        path = tmp_path / "cases.jsonl"
        path.write_text("".join(f"{each.model_dump_json(by_alias=True)}\n" for each in cases), encoding="utf-8")
        return str(path)

    return write


class Endpoint(BaseHTTPRequestHandler):
    """An OpenAI-compatible endpoint that answers each stage by what its schema asks for."""

    replies: Mapping[str, str] = {}
    models: list[str] = []

    def do_POST(self) -> None:
        """One chat completion."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.models.append(asked["model"])
        properties = asked["response_format"]["json_schema"]["schema"]["properties"]
        stage = next(stage for name, stage in WANTS.items() if name in properties)
        message = {"content": self.replies[stage]}
        usage = {"prompt_tokens": 500, "completion_tokens": 100}
        body = json.dumps({"model": asked["model"], "choices": [{"message": message}], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the base's name
        """Silence."""


WANTS = {"picks": "pick", "sentences": "copy", "job": "job+imagine"}


@pytest.fixture
def endpoint(replies: Replies) -> Iterator[str]:
    """Its base URL; it picks another course, and its copy is refused."""
    picks = [{"course_id": "clean-records", "fits": "yes"}]
    other = replies(pick={"picks": picks, "reason": "It puts the records in order first."},
                    copy={"subject": "Visit https://evil.example now for it"})  # fmt: skip
    Endpoint.replies = {stage: texts[0] for stage, texts in other.items()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_script_is_the_module(capsys: pytest.CaptureFixture[str], file_of: Callable[..., str]) -> None:
    """`kindling` of pyproject.toml is there and is what `python -m services.console` runs."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    module, _, name = scripts["kindling"].partition(":")
    assert callable(getattr(importlib.import_module(module), name))
    assert main(["decision", "explain", ID, "--file", file_of()]) == 1
    assert f"there is no decision {ID}" in capsys.readouterr().err


def test_explain_prints_the_decision(
    then: Case, file_of: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    """For people by default, as one case with `--json`; the address only where it is asked for."""
    words = ["decision", "explain", ID, "--file", file_of(then)]
    assert main([*words, "--price", "1/2"]) == 0
    shown = capsys.readouterr().out
    assert "pick      by llm: automation-foundations" in shown
    assert "shadow    without a model:" in shown
    assert "@" not in shown
    assert main([*words, "--json"]) == 0
    assert Case.model_validate_json(capsys.readouterr().out) == then.model_copy(update={"mail": None})
    assert main([*words, "--json", "--with-mail"]) == 0
    assert Case.model_validate_json(capsys.readouterr().out) == then


def test_a_file_that_is_not_there_is_one_clear_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its name and what was expected; status 78."""
    path = tmp_path / "cases.jsonl"
    assert main(["decision", "replay", ID, "--file", str(path)]) == 78
    assert f"{path}: expected a readable file of cases" in capsys.readouterr().err


def test_a_bad_line_of_a_file_is_told_and_the_others_are_read(
    then: Case, file_of: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    """File, line and what was expected, on standard error; status 1; a text may hold any separator but a line feed."""
    notes = ("one line\u2028of JSON\x85",)
    path = file_of(then.model_copy(update={"notes": notes}))
    with Path(path).open("ab") as file:
        file.write(b"[\n\xff\n{}\n")
    assert main(["decision", "explain", ID, "--file", path, "--json"]) == 1
    said = capsys.readouterr()
    assert Case.model_validate_json(said.out) == then.model_copy(update={"mail": None})
    assert [each.split(": expected a case")[0] for each in said.err.splitlines()] == [
        f"kindling: {path}: line {number}" for number in (2, 3, 4)
    ]


@pytest.mark.parametrize("words", [["--price", "x"], ["--since", "soon"]])
def test_a_bad_word_is_a_usage_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What was expected, as argparse says it."""
    with pytest.raises(SystemExit, match="2"):
        main(["decision", "replay", *words])
    assert "expected" in capsys.readouterr().err


@pytest.mark.system
def test_replay_reproduces_the_mail_without_a_model(
    then: Case, file_of: Callable[..., str], kindling: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    """Both stages as processes; an endpoint that would be refused is never asked. A changed record ends with 1."""
    nowhere = {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    done = kindling("replay", ID, "--file", file_of(then), **nowhere)
    assert (done.stdout, done.returncode) == (f"{ID}  the same, byte for byte\n", 0), done.stderr
    asked = tuple(each.model_copy(update={"text": "{}"}) for each in then.decision.asked)
    changed = then.model_copy(update={"decision": then.decision.model_copy(update={"asked": asked})})
    done = kindling("replay", "--since", "2026-11-01", "--file", file_of(changed), "--json", **nowhere)
    said = json.loads(done.stdout)
    assert (done.returncode, said["is_same"]) == (1, False), done.stderr
    assert {"subject", "decision.refusals"} <= {*said["differs"]}


@pytest.mark.system
def test_replay_asks_another_model_over_a_range(  # noqa: PLR0913, PLR0917 the parts of one command
    then: Case,
    courses: list[Course],
    endpoint: str,
    tmp_path: Path,
    file_of: Callable[..., str],
    kindling: Callable[..., "subprocess.CompletedProcess[str]"],
) -> None:
    """Another course, a refused copy, tokens and cost: as a table of then and now; nothing is sent anywhere."""
    catalogue = tmp_path / "courses.jsonl"
    catalogue.write_text("".join(f"{each.model_dump_json()}\n" for each in courses), encoding="utf-8")
    prompt = tmp_path / "pick.v2.md"
    prompt.write_text("Pick the last one.", encoding="utf-8")
    done = kindling(
        "replay", "--until", "2027-01-01", "--limit", "5", "--model", "other", "--prompt", str(prompt),
        "--catalogue", str(catalogue), "--file", file_of(then), "--price", "other=1/2", "--price", "scripted=0/0",
        OPENAI_BASE_URL=endpoint, OPENAI_API_KEY="none",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert Endpoint.models == ["other"] * 4
    assert f"{ID}  another course" in done.stdout
    assert "  course  automation-foundations -> clean-records" in done.stdout
    assert "refused nothing -> sent (composed), refused" in done.stdout
    assert "  tokens  0 in, 0 out -> 2000 in, 400 out" in done.stdout
    assert "  cost    0.000000 -> 0.002800" in done.stdout
    assert "decisions 1, same_course 0" in done.stdout.splitlines()[-1]


@pytest.mark.system
def test_replay_without_a_secret_says_what_to_set(
    then: Case, file_of: Callable[..., str], kindling: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    """The stage's own sentence, and its status."""
    done = kindling("replay", ID, "--file", file_of(then), KINDLING_SECRET="")
    assert done.returncode == 78
    assert "recommender could not replay" in done.stderr
    assert "KINDLING_SECRET" in done.stderr


@pytest.mark.system
@pytest.mark.parametrize("stage", ["recommender", "composer"])
def test_a_stage_answers_each_line_as_it_comes(stage: str, then: Case, secret: str) -> None:
    """A row is there while the next line is not yet written; a bad line is a row, told, and status 1."""
    settings = {"KINDLING_SECRET": secret, "KINDLING_PROGRAM": "examples/academy", "OMP_WAIT_POLICY": "passive"}
    line = f"{then.model_dump_json(by_alias=True)}\n".encode()
    with subprocess.Popen(
        [sys.executable, "-m", f"services.{stage}", "replay"],
        cwd=ROOT, env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        for given in (line, b"[\n", line):
            process.stdin.write(given)
            process.stdin.flush()
            row = json.loads(process.stdout.readline())
            assert (row["skipped"] is None) == (given is line)
        _, said = process.communicate()
    assert (process.returncode, said) == (1, b"1 lines are no cases\n")
