"""The embedded generations of one process: a folder each, and a file that names the one in force."""

from pathlib import Path

from services.recommender.adapters.index.alias_file import read_alias, write_alias
from services.recommender.adapters.index.edge_index import EdgeIndex, begin_edge, drop_edge, open_edge
from services.recommender.adapters.index.folder import Claim, claim
from services.recommender.core.retrieval.generation import Generation
from services.runtime.outcome import Unavailable

ALIAS = "current"


class EdgeStore:
    """A folder that is this process's alone; made by `open_edge_store`."""

    is_shared = False

    def __init__(self, held: Claim) -> None:
        self._held = held
        self._open: dict[Generation, EdgeIndex] = {}

    async def prepare(self, generation: Generation) -> EdgeIndex:
        """The generation's index; one that is unsound is begun anew, and is no longer in force."""
        index = await self.existing(generation)
        if index is None:
            if await self.current() == generation:
                self._alias.unlink(missing_ok=True)
            index = self._open[generation] = begin_edge(self._folder_of(generation), generation)
        return index

    async def existing(self, generation: Generation) -> EdgeIndex | None:
        """The generation's index as it is there."""
        if generation not in self._open:
            index = open_edge(self._folder_of(generation), generation)
            if index is None:
                return None
            self._open[generation] = index
        return self._open[generation]

    async def current(self) -> Generation | None:
        """The generation in force."""
        return Generation.parsed(read_alias(self._alias) or "")

    async def point(self, generation: Generation) -> None:
        """Put the generation in force."""
        try:
            write_alias(self._alias, generation.label)
        except OSError as error:
            raise Unavailable(f"index folder {self._held.folder}: {error.strerror}") from error

    async def kept(self) -> tuple[Generation, ...]:
        """Every generation that has a folder."""
        names = sorted(each.name for each in self._held.folder.iterdir() if each.is_dir())
        return tuple(found for each in names if (found := Generation.parsed(each)) is not None)

    async def drop(self, generation: Generation) -> None:
        """Take the generation's folder away."""
        index = self._open.pop(generation, None)
        if index is not None:
            await index.close()
        try:
            drop_edge(self._folder_of(generation))
        except OSError as error:
            raise Unavailable(f"index folder {self._held.folder}: {error.strerror}") from error

    async def close(self) -> None:
        """Close every index and let another process have the folder."""
        for each in self._open.values():
            await each.close()
        self._open.clear()
        self._held.release()

    @property
    def _alias(self) -> Path:
        return self._held.folder / ALIAS

    def _folder_of(self, generation: Generation) -> Path:
        return self._held.folder / generation.label


def open_edge_store(folder: Path) -> EdgeStore:
    """The store in the folder, or in the first beside it that no other process has.

    Raises:
        Misconfigured: no folder can be made there, or too many processes share it.
    """
    held = claim(folder)
    held.folder.mkdir(exist_ok=True)
    return EdgeStore(held)
