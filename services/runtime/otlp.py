"""Spans to a collector of OpenTelemetry, by OTLP over HTTP: the one file that knows its library, the extra `otel`.

A thread of the library's sends them in batches. Where nobody takes them they are dropped, and nobody waits.
"""

from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from schemas.trace import is_sampled, span_id, trace_id
from services.runtime.spans import Kind, Span
from services.runtime.version import version

TIMEOUT_S = 2.0  # of one batch: the next one follows
STOP_MS = 2_000  # for what is left at the end
EVERY_MS = 1_000
KINDS: Mapping[Kind, SpanKind] = {
    "server": SpanKind.SERVER, "consumer": SpanKind.CONSUMER, "client": SpanKind.CLIENT, "internal": SpanKind.INTERNAL,
}  # fmt: skip


class Otlp:
    """The sink of one process."""

    def __init__(self, service: str, endpoint: str) -> None:
        words = {"service.namespace": "kindling", "service.name": service, "service.version": version()}
        self._resource = Resource(words)
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=TIMEOUT_S)
        self._processor = BatchSpanProcessor(exporter, schedule_delay_millis=EVERY_MS)

    def tell(self, span: Span) -> None:
        """Queue it; one that nobody wants sampled is passed over."""
        status = Status(StatusCode.ERROR, span.fault) if span.fault else Status(StatusCode.UNSET)
        read = ReadableSpan(
            span.name, _context(span.traceparent), None if span.parent is None else _context(span.parent),
            self._resource, dict(span.attributes), kind=KINDS[span.kind], status=status,
            links=[Link(_context(each)) for each in span.links], start_time=span.began_ns, end_time=span.ended_ns,
        )  # fmt: skip
        self._processor.on_end(read)

    def stop(self) -> None:
        """Send what is left."""
        self._processor.force_flush(STOP_MS)
        self._processor.shutdown()  # type: ignore[no-untyped-call] # the library's


def _context(traceparent: str) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED if is_sampled(traceparent) else TraceFlags.DEFAULT)
    return SpanContext(int(trace_id(traceparent), 16), int(span_id(traceparent), 16), is_remote=True, trace_flags=flags)
