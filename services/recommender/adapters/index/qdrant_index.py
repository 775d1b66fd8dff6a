"""One generation of the index on a Qdrant server: one collection, asked by the asynchronous client."""

import asyncio
import json
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

from qdrant_client import AsyncQdrantClient
from qdrant_client import models as qdrant
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from services.recommender.adapters.index.point import (
    DENSE,
    KEYWORDS,
    KINDS,
    OPEN,
    SHOWN,
    SPARSE,
    STATUS,
    kinds,
    payload,
    point_id,
)
from services.recommender.adapters.index.stable_top_k import whole_hits
from services.recommender.core.ranking.fusion import Pair
from services.recommender.core.retrieval.generation import Generation
from services.recommender.core.values import Entry, Filter, Hit, Search, Terms, Vector
from services.runtime.outcome import Misconfigured, Unavailable

PAGE = 1_000  # points of one scroll
BATCH = 256  # points of one upsert
REFUSED = {401, 403}
IS_OPEN = qdrant.FieldCondition(key=STATUS, match=qdrant.MatchValue(value=OPEN))
PARAMS = qdrant.SearchParams(exact=True, idf=qdrant.IdfCorpusParams(corpus=qdrant.Filter(must=[IS_OPEN])))
"""Exact: a graph over many courses would miss some. Document frequencies of the points that are there."""
AWAY = (ResponseHandlingException, ResourceExhaustedResponse, json.JSONDecodeError, TimeoutError)

T = TypeVar("T")


class QdrantIndex:
    """One collection; `timeout_s` bounds a whole call, which the client's own does not."""

    def __init__(
        self, client: AsyncQdrantClient, collection: str, generation: Generation, timeout_s: float | None
    ) -> None:
        self.generation = generation.label
        self._dimension = generation.dimension
        self._client = client
        self._collection = collection
        self._timeout_s = timeout_s

    async def prepare(self) -> None:
        """Make the collection where it is missing.

        Raises:
            Misconfigured: it is there with vectors of another length, or the server refuses the key.
            Unavailable: the server is away.
        """
        if not await self.exists():
            await self._create()
        found = await asked(self._client.get_collection(self._collection), self._timeout_s)
        vectors = found.config.params.vectors
        size = vectors[DENSE].size if isinstance(vectors, dict) and DENSE in vectors else None
        if size != self._dimension:
            raise Misconfigured(
                f"collection {self._collection} holds vectors of {size} dimensions, not of {self._dimension}: "
                "it is none of ours; delete it, or set another KINDLING_QDRANT_URL"
            )
        for field in (each for each in KEYWORDS if each not in found.payload_schema):
            index = self._client.create_payload_index(self._collection, field, qdrant.PayloadSchemaType.KEYWORD)
            await asked(index, self._timeout_s)

    async def exists(self) -> bool:
        """Whether the collection is there."""
        return await asked(self._client.collection_exists(self._collection), self._timeout_s)

    async def hashes(self) -> dict[str, str]:
        """Course id → content hash of every entry."""
        found: dict[str, str] = {}
        after: Any = None
        while True:
            call = self._client.scroll(self._collection, limit=PAGE, offset=after, with_payload=list(SHOWN))
            page, after = await asked(call, self._timeout_s)
            found |= {_course(each): str((each.payload or {})["hash"]) for each in page}
            if after is None:
                return found

    async def write(self, entries: Sequence[Entry]) -> None:
        """Put the entries in, at most 256 at once."""
        for start in range(0, len(entries), BATCH):
            points = [_point(each) for each in entries[start : start + BATCH]]
            await asked(self._client.upsert(self._collection, points, wait=True), self._timeout_s)

    async def remove(self, course_ids: Sequence[str]) -> None:
        """Take the courses out."""
        ids: list[Any] = [point_id(each) for each in course_ids]
        if not ids:
            return
        call = self._client.delete(self._collection, qdrant.PointIdsList(points=ids), wait=True)
        await asked(call, self._timeout_s)

    async def search(self, searches: Sequence[Search]) -> tuple[tuple[Hit, ...], ...]:
        """The hits of each search, in one round trip; a vector of another length finds nothing."""
        return await whole_hits(searches, self._ask)

    async def vectors(self, course_ids: Sequence[str]) -> dict[str, Vector]:
        """The stored vectors of those courses that are there and have one."""
        ids = [point_id(each) for each in course_ids]
        call = self._client.retrieve(self._collection, ids, with_payload=["course"], with_vectors=[DENSE])
        found = ((_course(each), _dense(each.vector)) for each in await asked(call, self._timeout_s))
        return {course_id: vector for course_id, vector in found if vector is not None}

    async def close(self) -> None:
        """Nothing of its own is held: the client is the store's."""

    async def _ask(self, searches: Sequence[tuple[Search, int]]) -> list[list[Pair]]:
        fitting = [_request(search, limit) for search, limit in searches if self._fits(search)]
        if not fitting:
            return [[] for _ in searches]
        replies = iter(await asked(self._client.query_batch_points(self._collection, fitting), self._timeout_s))
        return [_hits(next(replies)) if self._fits(search) else [] for search, _ in searches]

    def _fits(self, search: Search) -> bool:
        return isinstance(search.near, Terms) or len(search.near) == self._dimension

    async def _create(self) -> None:
        call = self._client.create_collection(
            self._collection,
            vectors_config={DENSE: qdrant.VectorParams(size=self._dimension, distance=qdrant.Distance.COSINE)},
            sparse_vectors_config={SPARSE: qdrant.SparseVectorParams(modifier=qdrant.Modifier.IDF)},
        )
        try:
            await asked(call, self._timeout_s)
        except Unavailable:
            if not await self.exists():  # another replica may have made it in the same second
                raise


async def asked(call: Awaitable[T], timeout_s: float | None) -> T:
    """The call's answer in time; every trouble of Qdrant's as one of ours.

    Raises:
        Misconfigured: the server refuses the key.
        Unavailable: it is away, slow, or answers what is no answer.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await call
    except UnexpectedResponse as error:
        if error.status_code in REFUSED:
            raise Misconfigured(f"Qdrant refuses us ({error.status_code}): set KINDLING_QDRANT_API_KEY") from error
        raise Unavailable(f"Qdrant: status {error.status_code} {error.reason_phrase}") from error
    except AWAY as error:
        raise Unavailable(f"Qdrant: {type(error).__name__}: {error}") from error


def _point(entry: Entry) -> qdrant.PointStruct:
    dense = {} if entry.vector is None else {DENSE: list(entry.vector)}
    vectors: Any = dense | {SPARSE: _sparse(entry.terms)}
    return qdrant.PointStruct(id=point_id(entry.course_id), vector=vectors, payload=payload(entry))


def _request(search: Search, limit: int) -> qdrant.QueryRequest:
    near = search.near
    return qdrant.QueryRequest(
        query=_sparse(near) if isinstance(near, Terms) else list(near),
        using=SPARSE if isinstance(near, Terms) else DENSE,
        filter=_filter(search.where),
        params=PARAMS,
        limit=limit,
        with_payload=["course"],
    )


def _filter(where: Filter) -> qdrant.Filter:
    return qdrant.Filter(must=[qdrant.FieldCondition(key=KINDS, match=qdrant.MatchAny(any=kinds(where)))])


def _sparse(terms: Terms) -> qdrant.SparseVector:
    return qdrant.SparseVector(indices=list(terms.ids), values=list(terms.weights))


def _hits(reply: qdrant.QueryResponse) -> list[Pair]:
    return [(_course(each), float(each.score)) for each in reply.points]


def _course(point: qdrant.Record | qdrant.ScoredPoint) -> str:
    return str((point.payload or {})["course"])


def _dense(vectors: Any) -> Vector | None:
    held = (vectors or {}).get(DENSE)
    return None if held is None else tuple(float(value) for value in held)
