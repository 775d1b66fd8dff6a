"""The published document of the collector is up to date, and each route answers as it says."""

import asyncio
import base64
import contextlib
import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from jsonschema import Draft202012Validator

from schemas.identity import person_tag
from services.ingest.__main__ import main
from services.ingest.adapters.http_collector import Bounds, collector_app
from services.ingest.core.keyring import Keyring
from services.ingest.core.openapi import FILE, document
from services.ingest.core.rates import Rate
from services.ingest.core.routes import ROUTES
from services.ingest.pipeline import Desk

ROOT = Path(__file__).parents[3]
SAID: dict[str, Any] = orjson.loads(document())
OPERATIONS = [
    (method, path, int(status))
    for path, methods in SAID["paths"].items()
    for method, operation in methods.items()
    for status in operation["responses"]
]
BASIC = {"Authorization": "Basic " + base64.b64encode(b"demo:").decode()}
CALL = {"event": "E", "userId": "7", "messageId": "m-1", "name": "N"}
RECORD = {
    "id": "f-1", "word": "delivered", "message_id": "m-1", "person_tag": person_tag("u:42"), "source": "our connector",
    "occurred_at": "2026-11-03T08:00:00Z",
}  # fmt: skip
EVIL = {"Origin": "https://evil.example"}


def test_the_committed_document_is_up_to_date() -> None:
    """`python -m services.ingest openapi` prints it."""
    assert (ROOT / FILE).read_bytes() == document()


def test_the_command_prints_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Without settings or a broker."""
    assert main(["openapi"]) == 0
    assert capsys.readouterr().out.encode() == document()


def test_every_route_of_the_server_is_in_the_document(keys: Any, ring: Keyring) -> None:
    """And nothing else; OPTIONS and HEAD are HTTP's own."""
    app = collector_app(Desk(keys, lambda: ring, Rate(1, 1), None, None), lambda: 0)  # type: ignore[arg-type]
    served = {
        (route.method.lower(), route.resource.canonical) for route in app.router.routes() if route.resource is not None
    }
    assert {each for each in served if each[0] not in {"options", "head"}} == {
        (method, path) for method, path, _ in OPERATIONS
    }


def test_parameters_of_a_path_are_described() -> None:
    """Each of them, with the words it may have."""
    for route in ROUTES:
        operation = SAID["paths"][route.path][route.method.lower()]
        named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert named == {part[1:-1] for part in route.path.split("/") if part.startswith("{")}
        assert operation["operationId"] == route.name


def test_references_lead_somewhere() -> None:
    """Every `$ref` names a schema of the document."""
    texts = document().decode().split('"$ref": "#/components/schemas/')[1:]
    assert {each.partition('"')[0] for each in texts} <= set(SAID["components"]["schemas"])


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """Judges a body by a schema of the document."""
    return Draft202012Validator({**schema, "components": SAID["components"]})


def url_of(path: str, status: int, collector: Any) -> str:
    """The path with a word for each of its parameters, and for a pixel its data."""
    token = "forged" if status == 404 else collector.keys.seal.seal(("mail", "u:7", "k", "marketing", "en"))
    kinds = next((each.kinds for each in ROUTES if each.path == path), {})
    words = ("batch", "track", "language" if status == 400 else "pause")  # without a field no language is chosen
    kind = next((each for each in words if each in kinds), "")
    if status == 404 and "{token}" not in path:
        kind = "other"
    esp = "postmark" if status == 404 else "kindling"
    url = path.format(kind=kind, key="nobody" if status == 401 else "demo", token=token, esp=esp)
    if "pixel" not in path:
        return url
    values = {400: "!", 413: f"{base64.urlsafe_b64encode(GZIPPED).decode()}"}
    data = values.get(status, base64.urlsafe_b64encode(orjson.dumps(CALL)).decode())
    return f"{url}?data={data}" + ("" if status == 401 else "&writeKey=demo")


GZIPPED = gzip.compress(b" " * 600_000)


def headers_of(path: str, status: int) -> dict[str, str]:
    """What a client says so that it is answered by this status."""
    found = {} if status == 401 or "pixel" in path or "projects" in path else dict(BASIC)
    match status:
        case 403:
            found |= EVIL
        case 415:
            found["Content-Encoding"] = "br"
        case 400 if "projects" in path:
            found["Host"] = 'a"b'
        case _:
            pass
    return found


def body_of(status: int) -> Any:
    """The body of a POST."""

    async def endless() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    if status == 408:
        return endless()
    bodies = {400: b"{", 413: b" " * 600_000}
    return bodies.get(status, orjson.dumps({"batch": [{**CALL, "type": "track"}]}))


async def started(serve: Any, status: int) -> Any:
    """A collector in the state in which it answers so."""
    collector = await serve(bounds=Bounds(0.3, 0.3), client_rate=Rate(1, 1) if status == 429 else Rate(100, 500))
    collector.log.is_away = status == 503
    if status == 500:

        async def broken(_: Any) -> None:
            raise ValueError("a bug")

        collector.log.append = broken
    if status == 429:
        async with collector.http.get("/sourceConfig?writeKey=demo"):
            pass
    return collector


@pytest.mark.parametrize(("method", "path", "status"), OPERATIONS)
async def test_a_route_answers_as_the_document_says(serve: Any, sign: Any, method: str, path: str, status: int) -> None:
    """Each status of each route can be had, with the content and the headers that are promised."""
    collector = await started(serve, status)
    expected = SAID["paths"][path][method]["responses"][str(status)]
    data = body_of(status) if method == "post" and path != "/u/{token}" else None
    headers = headers_of(path, status)
    if "esp" in path and method == "post":
        data = data if status in {400, 408} else b" " * 1_000_001 if status == 413 else orjson.dumps(RECORD)
        signature = sign(data if isinstance(data, bytes) else b"")
        headers = {**{name: each for name, each in headers.items() if status == 415}, **signature}
        headers = {} if status == 401 else headers
    with contextlib.suppress(aiohttp.ClientConnectionError):
        async with collector.http.request(
            method, url_of(path, status, collector), data=data, headers=headers
        ) as response:
            assert response.status == status, await response.text()
            shape = expected["content"][response.content_type]
            for name, header in expected.get("headers", {}).items():
                assert int(response.headers[name]) >= header["schema"]["minimum"]
            if response.content_type == "application/json":
                validator(shape["schema"]).validate(await response.json())
            return
    pytest.fail("the connection was cut before there was an answer")


async def test_a_request_of_the_document_is_taken(collector: Any) -> None:
    """What its schemas allow as a call and as a batch."""
    call = {**CALL, "type": "Track", "properties": {"a": 1}, "context": {"page": {}}, "timestamp": 7}
    for path, body in (("/v1/track", call), ("/v1/batch", {"batch": [call], "context": {}, "sentAt": "now"})):
        shape = SAID["paths"]["/v1/{kind}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        validator(shape).validate(body)
        assert (await collector.post(path, body))[0] == 200


def test_the_document_refuses_what_is_no_call() -> None:
    """Its schemas can fail."""
    shape = SAID["components"]["schemas"]["Batch"]
    wrongs: list[dict[str, Any]] = [{}, {"batch": [{"type": 7}]}, {"batch": [{}] * 501}]
    for wrong in wrongs:
        assert not validator(shape).is_valid(wrong)
