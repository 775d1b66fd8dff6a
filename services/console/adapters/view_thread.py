"""The archive on a thread of its own: records are kept and pages are asked for without holding up the loop."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.console.adapters.sqlite_view import SqliteView
from services.console.ports import Archive
from services.runtime.tasks import Worker

T = TypeVar("T")


class ViewThread:
    """Does one act after another with the archive, each in its turn."""

    def __init__(self, worker: Worker, archive: SqliteView) -> None:
        self._worker, self._archive = worker, archive

    @classmethod
    async def open(cls, place: str) -> "ViewThread":
        """An empty view at this place.

        Raises:
            Misconfigured: the place cannot be written, or holds another kind of file.
        """
        worker = Worker("view")
        try:
            return cls(worker, await worker.do(SqliteView.open, place))
        except BaseException:
            worker.close()
            raise

    def ask(self, act: Callable[[Archive], T]) -> Awaitable[T]:
        """What the act gives, done in the thread; what it raises is raised here."""
        return self._worker.do(act, self._archive)

    async def close(self) -> None:
        """Let the file go, once what was asked is done."""
        await self._worker.do(self._archive.close)
        self._worker.close()
