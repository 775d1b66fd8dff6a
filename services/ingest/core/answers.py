"""The collector's questions and answers as values, without a web framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import orjson

from services.ingest.core.intake import Intake
from services.ingest.core.reasons import Reason, Refusal

JSON = "application/json"
HTML = "text/html"
STATUS: dict[Reason, int] = {
    Reason.UNKNOWN_KEY: 401,
    Reason.BAD_SIGNATURE: 401,
    Reason.FOREIGN_ORIGIN: 403,
    Reason.UNKNOWN_PATH: 404,
    Reason.BAD_TOKEN: 404,
    Reason.TOO_SLOW: 408,
    Reason.TOO_LARGE: 413,
    Reason.TOO_MANY_CALLS: 413,
    Reason.BAD_ENCODING: 415,
    Reason.RATE_LIMITED: 429,
}
KINDS = {
    name: kind
    for kind in ("track", "page", "screen", "identify", "group", "alias", "batch")
    for name in (kind, kind[0])
    if name != "s" or kind == "screen"
}
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request to take calls: its kind (a call's type or `batch`), headers in lower case, and whole body."""

    kind: str
    headers: Mapping[str, str]
    body: bytes


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


def away() -> Answer:
    """503: nothing is lost by sending it again."""
    said = {"success": False, "code": "unavailable", "message": "events cannot be kept just now; send them again"}
    return _answer(503, said, {"Retry-After": "5"})


def page(html: str, status: int = 200) -> Answer:
    """A page for a person: no script, no frame, no referrer, kept nowhere."""
    return Answer(status, html.encode(), HTML, _PAGE_HEADERS)


def source_config(key: str) -> Answer:
    """What RudderStack's browser SDK asks for first: a source that is on, with no destination of its own."""
    source = {
        "id": key, "name": "kindling", "writeKey": key, "enabled": True, "workspaceId": "kindling",
        "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
        "destinations": [], "connections": [],
    }  # fmt: skip
    return _answer(200, {"source": source, "updatedAt": "2026-01-01T00:00:00.000Z"})


def _said(refusal: Refusal) -> dict[str, Any]:
    return {"success": False, "code": refusal.reason, "message": refusal.detail}


def _answer(status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, orjson.dumps(body), JSON, headers or {})
