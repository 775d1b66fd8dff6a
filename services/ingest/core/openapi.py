"""The collector as an OpenAPI 3.1 document, made of the table of routes and of the published shape of a call.

`python -m services.ingest openapi` prints it; a test says when the committed file is stale, and that each route answers
as it says.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from schemas import topics
from schemas.raw import MAX_CALL_BYTES
from services.ingest.core.answers import GIF, HTML, JSON
from services.ingest.core.body import MAX_BODY_BYTES, MAX_CALLS
from services.ingest.core.envelope import MARK, ONE, SEVERAL
from services.ingest.core.form import MAX_FORM_BYTES
from services.ingest.core.hook import MAX_HOOK_BYTES, MAX_RECORDS, Esp
from services.ingest.core.page_acts import SURE, YES, PageAct
from services.ingest.core.reasons import Reason
from services.ingest.core.routes import BATCH, ROUTES, Act, Route

FILE = "schemas/openapi/collector.json"
DONE, ELSEWHERE, BUG = 200, 404, 500  # statuses: all others are refusals; neither of the last two knows of an image
FORM = "application/x-www-form-urlencoded"
PAGES = frozenset({Act.ASK, Act.UNSUBSCRIBE, Act.CHOOSE})  # answer in HTML, whatever they answer
_FIELDS = {
    "type": "object",
    "properties": {
        PageAct.LANGUAGE.value: {"type": "string", "description": "of `language`: one of those the page offers"},
        SURE: {"type": "string", "const": YES, "description": "of `forget`: without it the answer asks once more"},
    },
}
_REF = "#/components/schemas/"
_ENVELOPE = f"{_REF}Envelope"
_MEANS = {
    200: "All of it, or what `errors` does not name, is kept",
    400: "The body, or every call of it, is not as it should be",
    401: "No write key, signature or password that is known",
    403: "The write key may not be used from this page",
    404: "Another kind than the path has, or a webhook that is not configured",
    408: "The body did not come in time",
    413: f"More than {MAX_BODY_BYTES} bytes, of a webhook {MAX_HOOK_BYTES}, before or after decompression, or over "
    f"{MAX_CALLS} calls",
    415: "Encoded otherwise than by gzip or deflate",
    429: "More than the rate of the key or of the address, or Kafka is slow: send it again after `Retry-After` seconds",
    500: "A bug: nothing is kept",
    503: "Kafka is away, or too much is on its way in: send it again after `Retry-After` seconds",
}
_SAYS: Mapping[Act, tuple[int, ...]] = {
    Act.TAKE: (200, 400, 401, 403, 404, 408, 413, 415, 429, 500, 503),
    Act.PIXEL: (200, 400, 401, 403, 404, 413, 429, 500, 503),
    Act.SOURCE: (200, 401, 403, 429),
    Act.PROJECT: (200, 400, 401, 403, 429),
    Act.ASK: (200, 404),
    Act.UNSUBSCRIBE: (200, 404, 503),
    Act.CHOOSE: (200, 400, 404, 408, 413, 503),
    Act.HOOK: (200, 400, 401, 404, 408, 413, 415, 429, 500, 503),
    Act.HOOK_CHECK: (200, 404, 429),
}
_BY_KEY: list[dict[str, list[str]]] = [{"basic": []}, {"writeKeyHeader": []}, {"writeKeyQuery": []}]
_SECURITY: Mapping[Act, list[dict[str, list[str]]]] = {
    Act.TAKE: [*_BY_KEY, {"signature": []}, {}],
    Act.PIXEL: [{"writeKeyQuery": []}, {}],
    Act.SOURCE: _BY_KEY,
    Act.HOOK: [{"signature": []}, {"webhookPassword": []}, {}],
}
_SCHEMES = {
    "basic": {"type": "http", "scheme": "basic", "description": "The write key as the name, no password"},
    "webhookPassword": {
        "type": "http",
        "scheme": "basic",
        "description": "Of an ESP's webhook; other ESPs sign in a header or in the body",
    },
    "writeKeyHeader": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Write-Key",
        "description": "The write key, with or without `:secret` behind it",
    },
    "writeKeyQuery": {"type": "apiKey", "in": "query", "name": "writeKey"},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Kindling-Signature",
        "description": '`t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>." and the body without its encoding>`, '
        "and `key=<name>` where one of several keys is meant; what is signed so is a server's word",
    },
}


def document() -> bytes:
    """The document as JSON, the same at each making."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    made = {
        "openapi": "3.1.0",
        "info": {
            "title": "Kindling collector",
            "version": "1",
            "description": "Takes calls in Segment's shape and answers 200 once Kafka has them. A path may end with a "
            "slash. A write key may also stand in the body as `writeKey`.",
        },
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": _SCHEMES},
    }
    return orjson.dumps(made, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def _operation(route: Route) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "description": f"Source: {route.source}.",
        "parameters": [*_in_path(route), *_in_query(route)],
        "responses": {str(status): _response(route, status) for status in _SAYS[route.act]},
        "security": _SECURITY.get(route.act, []),
    }
    if route.act is Act.TAKE:
        shapes = [{"$ref": f"{_REF}{'Batch' if kind == BATCH else 'Call'}"} for kind in dict.fromkeys(_forms(route))]
        made["requestBody"] = {
            "required": True,
            "description": "JSON in UTF-8, whatever its content type says, but for envelopes of CloudEvents; plain, "
            "gzip or deflate",
            "content": {
                JSON: {"schema": shapes[0] if len(shapes) == 1 else {"anyOf": shapes}},
                ONE: {"schema": {"$ref": _ENVELOPE}},
                SEVERAL: {"schema": {"type": "array", "maxItems": MAX_CALLS, "items": {"$ref": _ENVELOPE}}},
            },
        }
    if route.act is Act.CHOOSE:
        made["requestBody"] = {
            "required": False,
            "description": f"The fields of the page's form, at most {MAX_FORM_BYTES} bytes",
            "content": {FORM: {"schema": _FIELDS}},
        }
    if route.act is Act.HOOK:
        made["requestBody"] = {
            "required": True,
            "description": f"What the ESP writes, of at most {MAX_HOOK_BYTES} bytes; of `kindling` a record of "
            f"email.feedback, or a list of at most {MAX_RECORDS}, signed by a server key",
            "content": {JSON: {}, "application/x-www-form-urlencoded": {}, "multipart/form-data": {}, "text/plain": {}},
        }
    return made


def _forms(route: Route) -> list[str]:
    return [BATCH if kind == BATCH else "call" for kind in route.kinds.values()]


def _in_path(route: Route) -> list[dict[str, Any]]:
    found = []
    words = {"kind": sorted(route.kinds), "esp": sorted(Esp)}
    for name in ("kind", "key", "token", "esp"):
        if f"{{{name}}}" in route.path:
            schema = {"type": "string", "enum": words[name]} if name in words else {"type": "string"}
            found.append({"name": name, "in": "path", "required": True, "schema": schema})
    return found


def _in_query(route: Route) -> list[dict[str, Any]]:
    if route.act is not Act.PIXEL:
        return []
    data = {"type": "string", "contentEncoding": "base64", "contentMediaType": JSON}
    told = "A call in base64, in either alphabet; without it each parameter is a field by its dotted name"
    return [{"name": "data", "in": "query", "required": False, "schema": data, "description": told}]


def _response(route: Route, status: int) -> dict[str, Any]:
    made: dict[str, Any] = {"description": _MEANS[status], "content": _content(route, status)}
    if route.act in PAGES:
        made["description"] = "A page for a person"
    elif status in {429, 503}:
        made["headers"] = {"Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 1}}}
    return made


def _content(route: Route, status: int) -> dict[str, Any]:
    act, refusal = route.act, {JSON: {"schema": {"$ref": f"{_REF}Refusal"}}}
    if act in PAGES:
        page = {HTML: {"schema": {"type": "string"}}}
        return page | refusal if route.kinds and status == ELSEWHERE else page  # another kind is no path of ours
    if act is Act.PIXEL and status not in {ELSEWHERE, BUG}:
        return {GIF: {}}
    if status != DONE:
        return refusal
    is_told = act in {Act.TAKE, Act.HOOK, Act.HOOK_CHECK}
    return {JSON: {"schema": {"$ref": f"{_REF}Accepted"} if is_told else {"type": "object"}}}


def _schemas() -> dict[str, Any]:
    raw = topics.ADAPTERS[topics.EVENTS_RAW.short].json_schema(by_alias=True, ref_template=_REF + "{model}")
    call = {name: each for name, each in raw.items() if name not in {"required", "$defs"}}
    fields = {**raw["properties"], "type": {"type": "string", "description": "in any case; a path that says it wins"}}
    reasons = {"type": "string", "enum": sorted(each.value for each in Reason)}
    error = {
        "type": "object",
        "properties": {"index": {"type": "integer", "minimum": 0}, "reason": reasons, "detail": {"type": "string"}},
        "required": ["index", "reason", "detail"],
    }
    errors = {"type": "array", "items": error, "description": "what was refused, by its place in the batch"}
    accepted = {"type": "integer", "minimum": 0}
    codes = {"type": "string", "enum": sorted({*reasons["enum"], "unavailable", "queue_full", "overloaded", "bug"})}
    return {
        **raw.get("$defs", {}),
        "Call": {**call, "properties": fields, "description": f"One call, of at most {MAX_CALL_BYTES} bytes as JSON"},
        "Batch": {
            "type": "object",
            "properties": {
                "batch": {"type": "array", "maxItems": MAX_CALLS, "items": {"$ref": f"{_REF}Call"}},
                "context": {"type": "object", "description": "of each call that says nothing else"},
                "sentAt": {"description": "likewise"},
                "writeKey": {"type": "string"},
            },
            "required": ["batch"],
        },
        "Envelope": _envelope(),
        "Accepted": {
            "type": "object",
            "properties": {"success": {"type": "boolean"}, "accepted": accepted, "errors": errors},
            "required": ["success", "accepted", "errors"],
        },
        "Refusal": {
            "type": "object",
            "properties": {
                "success": {"const": False},
                "code": codes,
                "message": {"type": "string"},
                "accepted": accepted,
                "errors": errors,
            },
            "required": ["success", "code", "message"],
        },
    }


def _envelope() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "CloudEvents in structured mode; its id and time are the call's where that has none",
        "properties": {
            MARK: {"type": "string", "pattern": "^1\\."},
            "id": {"type": "string"},
            "source": {"type": "string"},
            "type": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"type": "string"},
            "data": {"$ref": f"{_REF}Call"},
            "data_base64": {"type": "string", "contentEncoding": "base64", "contentMediaType": JSON},
        },
        "required": [MARK],
    }
