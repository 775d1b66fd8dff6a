"""The index in Qdrant: on a server by URL, else embedded in a folder that is thrown away when it does not open.

Both are asked by the same blocking client, in threads: one for the embedded store, which is not thread-safe.
"""

import asyncio
import json
import logging
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from qdrant_client import QdrantClient
from qdrant_client import models as qdrant
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from services.recommender.adapters.index_folder import Claim, claim
from services.recommender.core.fusion import in_order
from services.recommender.core.values import Entry, Filter, Hit, Search, Terms, Vector
from services.runtime.outcome import Misconfigured, Unavailable

DENSE, SPARSE = "dense", "words"
OPEN = "open"  # a keyword: booleans in filters match nothing in one of Qdrant's engines
COURSES = uuid.UUID("6f1f3c52-6b0f-5c57-9d0b-4b1c6f5d5a10")  # namespace of point ids, for life
PAGE = 1_000  # points of one scroll
BATCH = 256  # points of one upsert
SERVER_THREADS = 8
REFUSED = {401, 403}
AWAY = (ResponseHandlingException, ResourceExhaustedResponse, json.JSONDecodeError, TimeoutError, sqlite3.Error)

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Server:
    """A Qdrant server; `timeout_s` bounds a whole call, which the client's own does not."""

    url: str
    api_key: str | None
    timeout_s: float


class QdrantIndex:
    """One generation: one collection. Made by `open_index`."""

    def __init__(self, client: QdrantClient, generation: str, timeout_s: float | None, held: Claim | None) -> None:
        self.generation = generation
        self._client = client
        self._timeout_s = timeout_s
        self._held = held
        self._threads = ThreadPoolExecutor(SERVER_THREADS if held is None else 1, "qdrant")

    async def prepare(self, dimension: int) -> None:
        """Make the collection where it is missing.

        Raises:
            Misconfigured: it is there with vectors of another length, or the server refuses the key.
        """
        await self._run(lambda: _prepare(self._client, self.generation, dimension, is_server=self._held is None))

    async def hashes(self) -> dict[str, str]:
        """Course id → content hash of every entry."""
        return await self._run(lambda: _hashes(self._client, self.generation))

    async def write(self, entries: Sequence[Entry]) -> None:
        """Put the entries in, at most 256 at once."""
        for start in range(0, len(entries), BATCH):
            points = [_point(each) for each in entries[start : start + BATCH]]
            await self._run(partial(self._client.upsert, self.generation, points, wait=True))

    async def remove(self, course_ids: Sequence[str]) -> None:
        """Take the courses out."""
        ids: list[Any] = [point_id(each) for each in course_ids]
        await self._run(lambda: self._client.delete(self.generation, qdrant.PointIdsList(points=ids), wait=True))

    async def search(self, searches: Sequence[Search]) -> tuple[tuple[Hit, ...], ...]:
        """The hits of each search, in one round trip."""
        if not searches:
            return ()
        requests = [_request(each) for each in searches]
        replies = await self._run(lambda: self._client.query_batch_points(self.generation, requests))
        return tuple(in_order(_hits(reply), search.limit) for reply, search in zip(replies, searches, strict=True))

    async def vectors(self, course_ids: Sequence[str]) -> dict[str, Vector]:
        """The stored vectors of those courses that are there."""
        ids = [point_id(each) for each in course_ids]
        records = await self._run(
            lambda: self._client.retrieve(self.generation, ids, with_payload=["course"], with_vectors=[DENSE])
        )
        return {str((each.payload or {})["course"]): _dense(each.vector) for each in records}

    async def close(self) -> None:
        """Close the client and let go of the folder."""
        await self._run(self._client.close)
        self._threads.shutdown(wait=False)
        if self._held is not None:
            self._held.release()

    async def _run(self, call: Callable[[], T]) -> T:
        """The call's result from a thread; every trouble of Qdrant's as one of ours."""
        try:
            async with nullcontext() if self._timeout_s is None else asyncio.timeout(self._timeout_s):
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except UnexpectedResponse as error:
            if error.status_code in REFUSED:
                raise Misconfigured(f"Qdrant refuses us ({error.status_code}): set KINDLING_QDRANT_API_KEY") from error
            raise Unavailable(f"Qdrant: status {error.status_code} {error.reason_phrase}") from error
        except AWAY as error:
            raise Unavailable(f"Qdrant: {type(error).__name__}: {error}") from error


async def open_index(where: Server | Path, generation: str, dimension: int) -> QdrantIndex:
    """The index of one generation, ready to be asked; an embedded one that does not open is begun anew.

    Raises:
        Misconfigured: no folder, a refused key, or vectors of another length.
        Unavailable: the server is away.
    """
    if isinstance(where, Server):
        client = QdrantClient(
            url=where.url, api_key=where.api_key, timeout=max(1, round(where.timeout_s)), check_compatibility=False
        )
        index = QdrantIndex(client, generation, where.timeout_s, None)
    else:
        held = claim(where)
        index = QdrantIndex(_embedded(held.folder), generation, None, held)
    try:
        await index.prepare(dimension)
    except (Unavailable, Misconfigured):
        await index.close()
        raise
    return index


def generation_name(embedder: str, words: str) -> str:
    """The collection of an embedding model, its version, and a tokenizer: `courses-<embedder>-<words>`."""
    return "".join(each if each.isalnum() or each in "-." else "_" for each in f"courses-{embedder}-{words}")


def point_id(course_id: str) -> str:
    """UUIDv5 of the course id: Qdrant takes numbers and UUIDs only."""
    return str(uuid.uuid5(COURSES, course_id))


def _embedded(folder: Path) -> QdrantClient:
    try:
        _check_files(folder)
        return QdrantClient(path=str(folder), force_disable_check_same_thread=True)
    except Exception as error:  # noqa: BLE001 whatever broke it: the folder is a cache, and its errors are of any type
        log.warning("index folder begun anew", extra={"folder": str(folder), "reason": repr(error)})
        shutil.rmtree(folder, ignore_errors=True)
        return QdrantClient(path=str(folder), force_disable_check_same_thread=True)


def _check_files(folder: Path) -> None:
    """Raise where a SQLite file does not read; the client would do so too, but leave its connection open."""
    for each in folder.rglob("*.sqlite"):
        with closing(sqlite3.connect(each)) as found:
            if (verdict := found.execute("PRAGMA quick_check").fetchone()) != ("ok",):
                raise sqlite3.DatabaseError(f"{each.name}: {verdict}")


def _prepare(client: QdrantClient, name: str, dimension: int, *, is_server: bool) -> None:
    if client.collection_exists(name):
        vectors = client.get_collection(name).config.params.vectors
        size = vectors[DENSE].size if isinstance(vectors, dict) and DENSE in vectors else None
        if size != dimension:
            raise Misconfigured(
                f"collection {name} holds vectors of {size} dimensions, the embedder makes {dimension}: "
                "set the embedder it was made with, or delete the collection"
            )
        return
    client.create_collection(
        name,
        vectors_config={DENSE: qdrant.VectorParams(size=dimension, distance=qdrant.Distance.COSINE)},
        sparse_vectors_config={SPARSE: qdrant.SparseVectorParams(modifier=qdrant.Modifier.IDF)},
    )
    for field in ("language", "level", "status", "topics") if is_server else ():
        client.create_payload_index(name, field, qdrant.PayloadSchemaType.KEYWORD)


def _hashes(client: QdrantClient, name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    after: Any = None
    while True:
        page, after = client.scroll(name, limit=PAGE, offset=after, with_payload=["course", "hash"])
        found |= {str((each.payload or {})["course"]): str((each.payload or {})["hash"]) for each in page}
        if after is None:
            return found


def _point(entry: Entry) -> qdrant.PointStruct:
    return qdrant.PointStruct(
        id=point_id(entry.course_id),
        vector={DENSE: list(entry.vector), SPARSE: _sparse(entry.terms)},
        payload={
            "course": entry.course_id,
            "hash": entry.content_hash,
            "language": entry.language,
            "level": entry.level,
            "status": OPEN,
            "topics": list(entry.topics),
        },
    )


def _request(search: Search) -> qdrant.QueryRequest:
    near = search.near
    return qdrant.QueryRequest(
        query=_sparse(near) if isinstance(near, Terms) else list(near),
        using=SPARSE if isinstance(near, Terms) else DENSE,
        filter=_filter(search.where),
        limit=search.limit,
        with_payload=["course"],
    )


def _filter(where: Filter) -> qdrant.Filter:
    must: list[Any] = [
        qdrant.FieldCondition(key="status", match=qdrant.MatchValue(value=OPEN)),
        qdrant.FieldCondition(key="language", match=qdrant.MatchAny(any=list(where.languages))),
    ]
    if where.topics:
        must.append(qdrant.FieldCondition(key="topics", match=qdrant.MatchAny(any=list(where.topics))))
    without: list[Any] = [point_id(each) for each in sorted(where.without)]
    return qdrant.Filter(must=must, must_not=[qdrant.HasIdCondition(has_id=without)] if without else None)


def _sparse(terms: Terms) -> qdrant.SparseVector:
    return qdrant.SparseVector(indices=list(terms.ids), values=list(terms.weights))


def _hits(reply: qdrant.QueryResponse) -> list[Hit]:
    return [Hit(str((each.payload or {})["course"]), float(each.score)) for each in reply.points]


def _dense(vector: Any) -> Vector:
    return tuple(float(value) for value in vector[DENSE])
