"""Which calls are told as spans, and to which traces a batch is linked."""

from collections.abc import Iterator

import orjson
import pytest

from schemas.topics import CONVERSIONS_RAW, EVENTS_RAW, Topic
from schemas.trace import of_call, trace_id
from services.ingest.adapters.call_spans import MOST_CALLS, MOST_LINKS, tell_batch, tell_calls
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.intake import Intake
from services.ingest.core.records import Outgoing
from services.runtime import spans
from services.runtime.spans import Span

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACED = (("traceparent", GIVEN.encode()),)


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
def told() -> Iterator[list[Span]]:
    """What is told while the test runs."""
    sink = Sink()
    spans.listen(sink)
    yield sink.told
    spans.stop()


def _call(topic: Topic, message_id: str, headers: tuple[tuple[str, bytes], ...] = ()) -> Outgoing:
    value = orjson.dumps({"messageId": message_id, "userId": "7", "traits": {"email": "ana@example.com"}})
    return Outgoing(topic, b"7", value, headers)


def test_a_conversion_begins_the_trace_that_the_profile_goes_on_with(told: list[Span]) -> None:
    """Another call only where it came with a trace; none names who it is of."""
    calls = (_call(CONVERSIONS_RAW, "m-1"), _call(EVENTS_RAW, "m-2"), _call(EVENTS_RAW, "m-3", TRACED))
    tell_calls(Intake(calls, ()), "/v1/{kind}", 200, 1_000)
    begun, traced = told
    assert (begun.traceparent, begun.parent, begun.name) == (of_call("m-1"), None, "POST /v1/{kind}")
    assert (traced.parent, trace_id(traced.traceparent)) == (GIVEN, trace_id(GIVEN))
    assert begun.attributes["http.response.status_code"] == 200
    assert "ana" not in str(told)


def test_a_request_with_many_conversions_is_a_few_spans(told: list[Span]) -> None:
    """Whoever sends thousands at once does not flood the receiver."""
    tell_calls(Intake(tuple(_call(CONVERSIONS_RAW, f"m-{n}") for n in range(50)), ()), "/v1/{kind}", 200, 1_000)
    assert len(told) == MOST_CALLS


def test_a_batch_is_one_span_with_links(told: list[Span]) -> None:
    """To what came with a trace, bounded; an empty batch is none."""
    tell_batch([], 0.5)
    headers = [*TRACED, ("other", b"x")]
    records = [FakeRecord(EVENTS_RAW.name, 0, n, b"{}", 0, headers=headers if n else []) for n in range(300)]
    tell_batch(records, 0.5)
    (span,) = told
    assert (len(span.links), set(span.links)) == (MOST_LINKS, {GIVEN})
    assert (span.attributes["messaging.batch.message_count"], span.ended_ns - span.began_ns) == (300, 500_000_000)
