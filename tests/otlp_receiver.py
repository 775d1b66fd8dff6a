"""A collector of spans on this machine: what services send to it by OTLP over HTTP, decoded."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Came:
    """One span as it came."""

    service: str
    name: str
    trace: str
    span: str
    parent: str
    attributes: dict[str, Any]
    links: tuple[str, ...]


@dataclass
class Received:
    """Where it listens, and what has come so far."""

    url: str
    spans: list[Came] = field(default_factory=list)


@contextmanager
def receiving() -> Iterator[Received]:
    """A receiver on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            raw = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            assert self.path == "/v1/traces"
            received.spans.extend(_spans(ExportTraceServiceRequest.FromString(raw)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received = Received(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _spans(request: Any) -> Iterator[Came]:
    for resource in request.resource_spans:
        words = {each.key: each.value.string_value for each in resource.resource.attributes}
        for span in (each for scope in resource.scope_spans for each in scope.spans):
            yield Came(
                words["service.name"], span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(),
                {each.key: _value(each.value) for each in span.attributes},
                tuple(each.trace_id.hex() for each in span.links),
            )  # fmt: skip


def _value(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))
