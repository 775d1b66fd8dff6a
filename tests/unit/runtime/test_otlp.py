"""Spans as a receiver gets them; and what becomes of them where nobody listens."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from schemas.trace import child, of_call
from services.runtime import spans
from services.runtime.otlp import Otlp
from services.runtime.spans import Span
from tests.otlp_receiver import receiving

ROOT = Path(__file__).parents[3]
GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNWANTED = "00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-00"


def _span(traceparent: str, parent: str | None) -> Span:
    words: dict[str, str | int | float] = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 7}
    return Span("chat small", "client", traceparent, parent, 1_000, 2_000, words, (of_call("m-1"),), "timeout")


def test_a_span_arrives_with_the_ids_of_its_header() -> None:
    """So that what Kafka carries and what is shown are one trace; what is not sampled is not sent."""
    own = child(GIVEN, "t/0/1")
    with receiving() as received:
        sink = Otlp("composer", f"{received.url}/")
        sink.tell(_span(own, GIVEN))
        sink.tell(_span(child(UNWANTED, "t/0/1"), UNWANTED))
        sink.stop()
    (came,) = received.spans
    assert (came.service, came.name) == ("composer", "chat small")
    assert (came.trace, came.span, came.parent) == (GIVEN[3:35], own[36:52], GIVEN[36:52])
    assert came.attributes == {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 7}
    assert came.links == (of_call("m-1")[3:35],)


def test_a_receiver_that_is_away_holds_nobody_up() -> None:
    """Spans are lost, and a process ends in seconds."""
    sink = Otlp("composer", "http://127.0.0.1:9")
    began_s = time.monotonic()
    for _ in range(10):
        sink.tell(_span(child(GIVEN, "t/0/1"), GIVEN))
    assert time.monotonic() - began_s < 1
    sink.stop()
    assert time.monotonic() - began_s < 8


def test_nobody_listens_until_told() -> None:
    """And nobody any more after the end."""

    class Sink:
        def __init__(self) -> None:
            self.told: list[Span] = []

        def tell(self, span: Span) -> None:
            """Keep it."""
            self.told.append(span)

        def stop(self) -> None:
            """Nothing is queued."""

    sink, span = Sink(), _span(GIVEN, None)
    assert not spans.is_on()
    spans.tell(span)
    spans.listen(sink)
    try:
        assert spans.is_on()
        spans.tell(span)
    finally:
        spans.stop()
    spans.tell(span)
    assert (sink.told, spans.is_on()) == ([span], False)


@pytest.mark.parametrize("service", ["connector"])
def test_services_run_without_the_library(service: str) -> None:
    """Where it is wanted and absent, one sentence says what to install, with status 78; else nobody imports it."""
    blocked = (
        "import sys; sys.modules['opentelemetry'] = None; from services.{0}.__main__ import main; sys.exit(main([]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", blocked.format(service)], cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=60,
        env={
            "KINDLING_SECRET": "a secret of a test", "KINDLING_CONNECTOR_DATA": "unused", "PATH": "/usr/bin:/bin",
            "KINDLING_OTLP_ENDPOINT": "http://127.0.0.1:9",
        },
    )  # fmt: skip
    assert (done.returncode, "install requirements/otel.txt" in done.stderr) == (78, True), done.stderr
