"""A Qdrant server of this process: the REST calls that the recommender makes, answered by the client's local mode."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from qdrant_client import QdrantClient
from qdrant_client import models as qdrant

Call = Callable[[str, Any], Any]
EXACT = "Local mode performs exact"


@dataclass(slots=True)
class StandIn:
    """`fault` makes every answer wrong in its way; `calls` are the methods and paths asked for, in order."""

    url: str = ""
    fault: str | None = None
    calls: list[str] = field(default_factory=list)
    engine: QdrantClient = field(default_factory=lambda: QdrantClient(location=":memory:"))

    def application(self) -> web.Application:
        """The routes."""
        application = web.Application(client_max_size=64 * 2**20)
        for method, path, call in (
            ("GET", "/collections", self._collections),
            ("GET", "/aliases", self._aliases),
            ("POST", "/collections/aliases", self._move),
            ("GET", "/collections/{name}/exists", lambda name, _: {"exists": self.engine.collection_exists(name)}),
            ("GET", "/collections/{name}", lambda name, _: self.engine.get_collection(name)),
            ("PUT", "/collections/{name}", self._create),
            ("DELETE", "/collections/{name}", lambda name, _: self.engine.delete_collection(name)),
            ("PUT", "/collections/{name}/index", lambda _, __: _done()),
            ("PUT", "/collections/{name}/points", self._upsert),
            ("POST", "/collections/{name}/points/delete", self._delete),
            ("POST", "/collections/{name}/points/scroll", self._scroll),
            ("POST", "/collections/{name}/points", self._retrieve),
            ("POST", "/collections/{name}/points/query/batch", self._query),
        ):
            application.router.add_route(method, path, self._answering(call))
        return application

    def _answering(self, call: Call) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            self.calls.append(f"{request.method} {request.path}")
            if self.fault is not None:
                return await _wrong(self.fault, request)
            body = await request.json() if request.can_read_body else None
            try:
                result = call(request.match_info.get("name", ""), body)
            except ValueError as error:  # as local mode says that a collection is not there
                return web.json_response({"status": {"error": str(error)}, "time": 0.0}, status=404)
            return web.json_response({"result": _plain(result), "status": "ok", "time": 0.0})

        return answer

    def _collections(self, _: str, __: Any) -> Any:
        return self.engine.get_collections()

    def _aliases(self, _: str, __: Any) -> Any:
        return self.engine.get_aliases()

    def _move(self, _: str, body: Any) -> Any:
        actions = qdrant.ChangeAliasesOperation.model_validate(body).actions
        return self.engine.update_collection_aliases(actions)

    def _create(self, name: str, body: Any) -> Any:
        asked = qdrant.CreateCollection.model_validate(body)
        assert isinstance(asked.vectors, dict)
        return self.engine.create_collection(
            name, vectors_config=asked.vectors, sparse_vectors_config=asked.sparse_vectors
        )

    def _upsert(self, name: str, body: Any) -> Any:
        self.engine.upsert(name, qdrant.PointsList.model_validate(body).points)
        return _done()

    def _delete(self, name: str, body: Any) -> Any:
        self.engine.delete(name, qdrant.PointIdsList.model_validate(body))
        return _done()

    def _scroll(self, name: str, body: Any) -> Any:
        asked = qdrant.ScrollRequest.model_validate(body)
        page, after = self.engine.scroll(
            name, limit=asked.limit or 10, offset=asked.offset, with_payload=asked.with_payload or False
        )
        return {"points": _plain(page), "next_page_offset": after}

    def _retrieve(self, name: str, body: Any) -> Any:
        asked = qdrant.PointRequest.model_validate(body)
        return self.engine.retrieve(
            name, asked.ids, with_payload=asked.with_payload or False, with_vectors=asked.with_vector or False
        )

    def _query(self, name: str, body: Any) -> Any:
        asked = qdrant.QueryRequestBatch.model_validate(body)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", EXACT)
            return self.engine.query_batch_points(name, asked.searches)


def _done() -> dict[str, Any]:
    return {"operation_id": 1, "status": "completed"}


def _plain(result: Any) -> Any:
    if isinstance(result, list):
        return [_plain(each) for each in result]
    return result.model_dump(mode="json", exclude_none=True) if hasattr(result, "model_dump") else result


async def _wrong(fault: str, request: web.Request) -> web.StreamResponse:
    """An answer that is none, in the way that the fault names."""
    match fault:
        case "hang":
            await asyncio.Event().wait()
        case "drip":
            response = web.StreamResponse(headers={"Content-Type": "application/json"})
            await response.prepare(request)
            while request.transport is not None and not request.transport.is_closing():
                await response.write(b" ")
                await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.02)
        case "reset":
            assert request.transport is not None
            request.transport.abort()
        case "html":
            return web.Response(text="<html>welcome</html>", content_type="text/html")
        case "cut":
            return web.Response(text='{"result": {"exi', content_type="application/json")
        case status:
            return web.json_response({"status": {"error": "so it is"}}, status=int(status))
    return web.Response()


@pytest.fixture
async def qdrant_stand_in() -> AsyncIterator[StandIn]:
    """A listening stand-in, on a free port of the loopback."""
    made = StandIn()
    runner = web.AppRunner(made.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()
    made.engine.close()
