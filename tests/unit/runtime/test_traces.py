"""A record's line names its trace and decision, a handler's questions belong to that trace, and the page is true."""

import io
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka.structs import ConsumerRecord

from schemas.topics import EMAIL_OUTBOUND
from schemas.trace import child, of_call, span_id, trace_id
from services.runtime import logs, spans
from services.runtime.kafka_ends import Ends
from services.runtime.kafka_handle import Fuse, Handler
from services.runtime.kafka_told import tell
from services.runtime.outcome import Emit, Message, Outcome, Reject
from services.runtime.spans import Span

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "traces.md"
EXAMPLE = ROOT / "schemas" / "examples" / "email.outbound" / "course.json"
GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
DECISION = orjson.loads(EXAMPLE.read_bytes())["decision_id"]
PLACE = f"{EMAIL_OUTBOUND.name}/0/7"


class Why(StrEnum):
    """Why it is refused."""

    BROKEN = "broken"


class Sink:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Span] = []

    def tell(self, span: Span) -> None:
        """Keep it."""
        self.told.append(span)

    def stop(self) -> None:
        """Nothing is queued."""


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Who listens while the test runs."""
    sink = Sink()
    spans.listen(sink)
    yield sink
    spans.stop()


def _record(value: bytes) -> Any:
    headers = (("traceparent", GIVEN.encode()),)
    return ConsumerRecord(EMAIL_OUTBOUND.name, 0, 7, 0, 0, b"u:1", value, None, 0, 0, headers)


async def _handled(value: bytes, outcome: Outcome, asked: list[str | None]) -> None:
    async def handle(_: Message) -> Outcome:
        asked.append(spans.within.get())
        return outcome

    handler = Handler(Ends("connector"), handle, Fuse(None), lambda _: None)
    handled = await handler(_record(value))
    assert handled is not None
    tell("connector", _record(value), handled, 0.25)


def _line(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    return vars(next(each for each in caplog.records if each.message == "handled"))


async def test_a_line_names_trace_and_decision(caplog: pytest.LogCaptureFixture) -> None:
    """By both the mail is found; where nobody listens no span is made."""
    caplog.set_level(logging.INFO)
    await _handled(EXAMPLE.read_bytes(), Emit(()), [])
    line = _line(caplog)
    assert (line["trace_id"], line["decision_id"]) == (trace_id(GIVEN), DECISION)


async def test_a_record_that_nobody_can_read_names_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    """And no decision, since none is known."""
    caplog.set_level(logging.INFO)
    await _handled(b"no JSON", Emit(()), [])
    line = _line(caplog)
    assert (line["trace_id"], "decision_id" in line, line["reason"]) == (trace_id(GIVEN), False, "undecodable")


async def test_a_span_is_the_parent_of_what_its_handler_asks(sink: Sink) -> None:
    """And the child of what its header says; it holds neither key nor address."""
    asked: list[str | None] = []
    await _handled(EXAMPLE.read_bytes(), Emit(()), asked)
    (span,) = sink.told
    assert asked == [span.traceparent] == [child(GIVEN, PLACE)]
    assert (span.parent, span.ended_ns - span.began_ns, span.fault) == (GIVEN, 250_000_000, "")
    assert span_id(span.traceparent) != span_id(GIVEN)
    assert span.attributes["kindling.decision_id"] == DECISION
    told = str(span.attributes)
    assert orjson.loads(EXAMPLE.read_bytes())["to"]["address"] not in told
    assert "u:1" not in told


async def test_a_rejected_record_is_a_span_with_its_fault(sink: Sink) -> None:
    """By the reason's word."""
    await _handled(EXAMPLE.read_bytes(), Reject(Why.BROKEN, "a test"), [])
    assert [each.fault for each in sink.told] == ["broken"]


def _blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def _run(command: str, **words: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=ROOT, env={"PATH": path, **words}, capture_output=True, text=True, check=True
    )
    return done.stdout


async def test_the_commands_of_the_page_find_a_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On lines as a service writes them: by the call's message id, and by the decision."""
    of_message, of_decision = _blocks()
    assert _run(of_message).strip() == trace_id(of_call("m-1"))
    written, root = io.StringIO(), logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook)
    monkeypatch.setattr(sys, "stdout", written)
    logs.configure("connector", "INFO")
    try:
        await _handled(EXAMPLE.read_bytes(), Emit(()), [])
        await _handled(b"no JSON", Emit(()), [])  # of the same trace, and of no decision
    finally:
        root.handlers[:], root.level, sys.excepthook = before
    (tmp_path / "connector.log").write_text(written.getvalue(), encoding="utf-8")
    found = [orjson.loads(each) for each in _run(of_decision, LOGS=str(tmp_path), DECISION=DECISION).splitlines()]
    assert [each["outcome"] for each in found] == ["emit", "reject"]
    assert {each["trace_id"] for each in found} == {trace_id(GIVEN)}
