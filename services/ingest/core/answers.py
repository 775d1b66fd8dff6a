"""The collector's answers as values, without a web framework."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

import orjson

from services.ingest.core.intake import Intake
from services.ingest.core.page import STYLE_SOURCE
from services.ingest.core.pixel import IMAGE
from services.ingest.core.reasons import Reason, Refusal

JSON = "application/json"
HTML = "text/html"
GIF = "image/gif"
LOCAL = frozenset({"localhost", "127.0.0.1"})  # hosts of which no browser asks TLS
AWAY_S = 5  # to come again where Kafka is away
FULL_S = 1  # and where it is there
STATUS: dict[Reason, int] = {
    Reason.UNKNOWN_KEY: 401,
    Reason.BAD_SIGNATURE: 401,
    Reason.FOREIGN_ORIGIN: 403,
    Reason.UNKNOWN_PATH: 404,
    Reason.BAD_METHOD: 405,
    Reason.BAD_TOKEN: 404,
    Reason.TOO_SLOW: 408,
    Reason.TOO_LARGE: 413,
    Reason.TOO_MANY_CALLS: 413,
    Reason.BAD_ENCODING: 415,
    Reason.RATE_LIMITED: 429,
}
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {STYLE_SOURCE}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body and what goes with it."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def accepted(intake: Intake) -> Answer:
    """200 with what was refused, by place; 400 where nothing was accepted. `success` is true only for all."""
    errors = [{"index": place, "reason": refusal.reason, "detail": refusal.detail} for place, refusal in intake.errors]
    if errors and not intake.records:
        first = intake.errors[0][1]
        return _answer(400, {**_said(first), "accepted": 0, "errors": errors})
    return _answer(200, {"success": not errors, "accepted": len(intake.records), "errors": errors})


def refused(refusal: Refusal, retry_after_s: float = 0.0) -> Answer:
    """The status of the reason, 400 for any that is the body's fault."""
    headers = {"Retry-After": str(max(1, ceil(retry_after_s)))} if refusal.reason is Reason.RATE_LIMITED else {}
    return _answer(STATUS.get(refusal.reason, 400), _said(refusal), headers)


def limited(retry_after_s: float) -> Answer:
    """429 for who sends more than the rate of a key or of an address."""
    return refused(Refusal(Reason.RATE_LIMITED, "expected fewer calls a second"), retry_after_s)


def wrong_method(allowed: Iterable[str]) -> Answer:
    """405 with the methods that the path has."""
    names = ", ".join(sorted(allowed))
    answer = refused(Refusal(Reason.BAD_METHOD, f"expected {names}"))
    return replace(answer, headers={"Allow": names})


def away() -> Answer:
    """503: Kafka does not answer. Nothing is lost by sending it again."""
    return _later(503, "unavailable", "events cannot be kept just now; send them again", AWAY_S)


def full() -> Answer:
    """429: Kafka answers too slowly for what comes in."""
    return _later(429, "queue_full", "more is waiting to be kept than may; send it again", FULL_S)


def overloaded() -> Answer:
    """503: as many bodies are on their way in as this process may hold."""
    return _later(503, "overloaded", "too much is on its way in; send it again", FULL_S)


def failed() -> Answer:
    """500: a bug of ours; what came is not kept."""
    return _answer(500, {"success": False, "code": "bug", "message": "this failed here, and is told to the operator"})


def page(html: str, status: int = 200) -> Answer:
    """A page for a person: no script, no frame, no referrer, kept and indexed nowhere."""
    return Answer(status, html.encode(), HTML, _PAGE_HEADERS)


def source_config(key: str) -> Answer:
    """What RudderStack's browser SDK asks for first: a source that is on, with no destination of its own."""
    source = {
        "id": key, "name": "kindling", "writeKey": key, "enabled": True, "workspaceId": "kindling",
        "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
        "destinations": [], "connections": [],
    }  # fmt: skip
    return _answer(200, {"source": source, "updatedAt": "2026-01-01T00:00:00.000Z"})


def project_settings(key: str, host: str) -> Answer:
    """What Segment's analytics-next asks for first: that it is to send, where to, and nothing else.

    Without `apiHost` it would send to Segment. Source: analytics-next, `CDNSettings` and its Segment.io plug-in.
    """
    is_local = host.partition(":")[0] in LOCAL
    destination: dict[str, Any] = {
        "apiKey": key, "apiHost": f"{host}/v1", "protocol": "http" if is_local else "https",
        "unbundledIntegrations": [], "addBundledMetadata": False, "maybeBundledConfigIds": {},
        "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
    }  # fmt: skip
    always = {"__default": {"enabled": True, "integrations": {}}}
    said = {
        "integrations": {"Segment.io": destination}, "plan": {"track": always, "identify": always, "group": always},
        "edgeFunction": {}, "analyticsNextEnabled": True, "middlewareSettings": {}, "enabledMiddleware": {},
        "metrics": {"sampleRate": 0}, "legacyVideoPluginsEnabled": False, "remotePlugins": [],
    }  # fmt: skip
    return _answer(200, said, {"Cache-Control": "no-store", "Vary": "Host"})


def pixel(answer: Answer) -> Answer:
    """The image for a page that asked for one; its status says what became of the call."""
    return Answer(answer.status, IMAGE, GIF, {**answer.headers, "Cache-Control": "no-store"})


def _later(status: int, code: str, message: str, after_s: int) -> Answer:
    return _answer(status, {"success": False, "code": code, "message": message}, {"Retry-After": str(after_s)})


def _said(refusal: Refusal) -> dict[str, Any]:
    return {"success": False, "code": refusal.reason, "message": refusal.detail}


def _answer(status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, orjson.dumps(body), JSON, headers or {})
