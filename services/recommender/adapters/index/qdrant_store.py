"""The generations on a Qdrant server: a collection each, and an alias that names the one in force."""

from dataclasses import dataclass

from qdrant_client import AsyncQdrantClient
from qdrant_client import models as qdrant

from services.recommender.adapters.index.qdrant_index import QdrantIndex, asked
from services.recommender.core.retrieval.generation import SEPARATOR, Generation

ALIAS = "courses"


@dataclass(frozen=True, slots=True)
class Server:
    """A Qdrant server; `timeout_s` bounds a whole call."""

    url: str
    api_key: str | None
    timeout_s: float


class QdrantStore:
    """Collections `<alias>~<label>` of one server, shared by every replica."""

    is_shared = True

    def __init__(self, client: AsyncQdrantClient, timeout_s: float | None, alias: str = ALIAS) -> None:
        self._client = client
        self._timeout_s = timeout_s
        self._alias = alias

    async def prepare(self, generation: Generation) -> QdrantIndex:
        """The generation's index, its collection made where it is missing."""
        index = self._index(generation)
        await index.prepare()
        return index

    async def existing(self, generation: Generation) -> QdrantIndex | None:
        """The generation's index as it is there."""
        index = self._index(generation)
        return index if await index.exists() else None

    async def current(self) -> Generation | None:
        """The generation that the alias names."""
        found = await asked(self._client.get_aliases(), self._timeout_s)
        names = (each.collection_name for each in found.aliases if each.alias_name == self._alias)
        return self._generation(next(names, ""))

    async def point(self, generation: Generation) -> None:
        """Move the alias, in one request: there is no instant without it."""
        was = await self.current()
        gone = qdrant.DeleteAliasOperation(delete_alias=qdrant.DeleteAlias(alias_name=self._alias))
        new = qdrant.CreateAlias(collection_name=self._name(generation), alias_name=self._alias)
        come = qdrant.CreateAliasOperation(create_alias=new)
        call = self._client.update_collection_aliases([come] if was is None else [gone, come])
        await asked(call, self._timeout_s)

    async def kept(self) -> tuple[Generation, ...]:
        """Every generation that has a collection."""
        found = await asked(self._client.get_collections(), self._timeout_s)
        names = sorted(each.name for each in found.collections)
        return tuple(made for each in names if (made := self._generation(each)) is not None)

    async def drop(self, generation: Generation) -> None:
        """Take the generation's collection away."""
        await asked(self._client.delete_collection(self._name(generation)), self._timeout_s)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _index(self, generation: Generation) -> QdrantIndex:
        return QdrantIndex(self._client, self._name(generation), generation, self._timeout_s)

    def _name(self, generation: Generation) -> str:
        return f"{self._alias}{SEPARATOR}{generation.label}"

    def _generation(self, name: str) -> Generation | None:
        prefix = f"{self._alias}{SEPARATOR}"
        return Generation.parsed(name.removeprefix(prefix)) if name.startswith(prefix) else None


def open_qdrant_store(server: Server) -> QdrantStore:
    """The store of a server; it is not asked yet, so that nothing is raised."""
    timeout_s = max(1, round(server.timeout_s))
    client = AsyncQdrantClient(url=server.url, api_key=server.api_key, timeout=timeout_s, check_compatibility=False)
    return QdrantStore(client, server.timeout_s)
