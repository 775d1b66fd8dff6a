"""The ledger in one SQLite file: a claim is on the disk before `claim` returns, and processes may share the file."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import orjson

from schemas.suppression import Seen
from services.connector.core.values import End, Open, Standing, Taken
from services.connector.metrics import CLAIMS
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.tasks import Worker

FILE = "ledger.sqlite"
KEPT = timedelta(days=30)  # email.outbound keeps a record 7 days: no redo is older
BUSY_TIMEOUT_S = 5.0  # of another process that shares the file
GIVE_BACK_S = (0.1, 0.5, 2.0)  # waits between the tries to give a claim back; each may take the busy time-out
SCHEMA = """
CREATE TABLE IF NOT EXISTS mails (
  message_id TEXT PRIMARY KEY, claimed_at TEXT NOT NULL, word TEXT, ended_at TEXT, reason TEXT, bounce_class TEXT,
  seen TEXT
) WITHOUT ROWID
"""
COLUMNS = "PRAGMA table_info(mails)"
WIDEN = "ALTER TABLE mails ADD COLUMN seen TEXT"  # a ledger of before it kept what its claims had seen
CLAIM = "INSERT INTO mails (message_id, claimed_at, seen) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
LOOK = "SELECT word, ended_at, reason, bounce_class FROM mails WHERE message_id = ?"
FINISH = """
INSERT INTO mails (message_id, claimed_at, word, ended_at, reason, bounce_class)
VALUES (:message_id, :ended_at, :word, :ended_at, :reason, :bounce_class)
ON CONFLICT DO UPDATE SET word = :word, ended_at = :ended_at, reason = :reason, bounce_class = :bounce_class
WHERE word IS NULL
"""
FINISH_FREE = """
INSERT INTO mails (message_id, claimed_at, seen, word, ended_at, reason, bounce_class)
VALUES (:message_id, :ended_at, :seen, :word, :ended_at, :reason, :bounce_class) ON CONFLICT DO NOTHING
"""
RELEASE = "DELETE FROM mails WHERE message_id = :message_id AND word IS NULL"
FORGET = "DELETE FROM mails WHERE ended_at < ?"

T = TypeVar("T")
S = TypeVar("S", bound=Standing)


class SqliteLedger:
    """Every call is one transaction on a thread of its own, written through before it returns (synchronous=FULL)."""

    def __init__(self, connection: sqlite3.Connection, worker: Worker, waits_s: Sequence[float]) -> None:
        self._connection = connection
        self._worker = worker
        self._waits_s = waits_s
        self._owed: set[str] = set()  # claims of ours to give back that could not be written yet

    @classmethod
    async def open(cls, folder: Path, now: datetime, waits_s: Sequence[float] = GIVE_BACK_S) -> "SqliteLedger":
        """The ledger of this folder, which is made if need be; ends older than 30 days are forgotten.

        Raises:
            Misconfigured: the folder cannot be written, or holds another kind of file.
        """
        worker = Worker("ledger")
        try:
            connection = await worker.do(_connect, folder, now)
        except (OSError, sqlite3.Error) as error:
            worker.close()
            raise Misconfigured(
                f"expected a folder to keep the ledger in at {folder}; {error}: set KINDLING_CONNECTOR_DATA"
            ) from error
        return cls(connection, worker, waits_s)

    async def close(self) -> None:
        """Let the file go."""
        await self._worker.do(self._connection.close)
        self._worker.close()

    async def known(self, message_id: str) -> Open | End | None:
        """What is known of the id; None where it is free."""
        known = await self._of(message_id, lambda: self._look(message_id))
        return None if known is None else _counted(known)

    async def claim(self, message_id: str, at: datetime, seen: Seen) -> Standing:
        """Take the id, or say what is known of it."""
        found: list[Standing] = []
        try:
            await self._of(message_id, lambda: found.append(self._claim(message_id, at, seen)))
        except asyncio.CancelledError:
            await self._worker.do(len, found)  # the thread goes on: behind its act one knows what it took
            if Taken() in found:
                with contextlib.suppress(Unavailable):
                    await self.release(message_id)
            raise
        return _counted(found[0])

    async def end(self, message_id: str, end: End) -> None:
        """Record the end; the first stands."""
        await self._run(lambda: self._write(FINISH, _row(message_id, end)))

    async def end_unclaimed(self, message_id: str, end: End, seen: Seen) -> Open | End:
        """Record the end of a free id, in one write; else what is known of it."""
        return await self._of(message_id, lambda: self._end_unclaimed(message_id, end, seen))

    async def release(self, message_id: str) -> None:
        """Give the claim back, now or, where that cannot be written, before anything else is said of the id."""
        self._owed.add(message_id)
        for wait_s in self._waits_s:
            try:
                await self._give_back(message_id)
            except Unavailable:
                await asyncio.sleep(wait_s)
            else:
                return
        await self._give_back(message_id)

    async def _of(self, message_id: str, act: Callable[[], T]) -> T:
        """What the act gives, once a claim of ours that is to be given back has been."""
        if message_id in self._owed:
            await self._give_back(message_id)
        return await self._run(act)

    async def _give_back(self, message_id: str) -> None:
        await self._run(lambda: self._write(RELEASE, {"message_id": message_id}))
        self._owed.discard(message_id)

    def _claim(self, message_id: str, at: datetime, seen: Seen) -> Standing:
        if self._connection.execute(CLAIM, (message_id, _text(at), _kept(seen))).rowcount == 1:
            return Taken()
        return self._look_again(message_id)

    def _end_unclaimed(self, message_id: str, end: End, seen: Seen) -> Open | End:
        row = {**_row(message_id, end), "seen": _kept(seen)}
        return end if self._connection.execute(FINISH_FREE, row).rowcount == 1 else self._look_again(message_id)

    def _look(self, message_id: str) -> Open | End | None:
        row = self._connection.execute(LOOK, (message_id,)).fetchone()
        if row is None:
            return None
        word, ended_at, reason, bounce_class = row
        return Open() if word is None else End(word, datetime.fromisoformat(ended_at), reason, bounce_class)

    def _look_again(self, message_id: str) -> Open | End:
        if (known := self._look(message_id)) is None:  # another process released it between the two statements
            raise sqlite3.OperationalError("the claim was released meanwhile")
        return known

    def _write(self, statement: str, values: dict[str, str | None]) -> None:
        self._connection.execute(statement, values)

    async def _run(self, act: Callable[[], T]) -> T:
        try:
            return await self._worker.do(act)
        except sqlite3.Error as error:
            raise Unavailable(f"the ledger could not be written: {error}") from error


def _connect(folder: Path, now: datetime) -> sqlite3.Connection:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    connection = sqlite3.connect(folder / FILE, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(SCHEMA)
        if "seen" not in {row[1] for row in connection.execute(COLUMNS)}:
            connection.execute(WIDEN)
        connection.execute(FORGET, (_text(now - KEPT),))
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _counted(standing: S) -> S:
    CLAIMS.labels(standing=type(standing).__name__.lower()).inc()
    return standing


def _row(message_id: str, end: End) -> dict[str, str | None]:
    return {
        "message_id": message_id, "word": end.word, "ended_at": _text(end.at), "reason": end.reason,
        "bounce_class": end.bounce_class,
    }  # fmt: skip


def _kept(seen: Seen) -> str:
    return orjson.dumps({"asked_at": _text(seen.asked_at), "ends": dict(seen.ends)}).decode()


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
