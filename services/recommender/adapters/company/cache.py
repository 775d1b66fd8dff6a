"""What sites said, and why others said nothing, in a SQLite file: a cache that may be thrown away.

In a file so that a restart asks no site and pays no model again; in SQLite so that the processes of one machine share
it, a crash leaves it readable, and one statement bounds it. It holds hosts and what their pages say, no person.
"""

import sqlite3
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from schemas.company import Company
from services.runtime.outcome import Misconfigured, Unavailable

MOST_ROWS = 50_000  # about 50 MB
BUSY_S = 0.2  # another process writes: then do without
VERSION = 1
_TABLE = (
    "CREATE TABLE IF NOT EXISTS company (key TEXT PRIMARY KEY, until REAL NOT NULL, body TEXT NOT NULL) WITHOUT ROWID"
)
_TRIM = """
DELETE FROM company WHERE key IN (
  SELECT key FROM company ORDER BY until LIMIT max(0, (SELECT count(*) FROM company) - ?)
)
"""


class SqliteCompanyCache:
    """One file; a row is of no use after its time, and the rows nearest their end make room."""

    def __init__(self, path: Path, most: int = MOST_ROWS) -> None:
        """Open the file, anew where it is no database of ours. Raises `Misconfigured` where it cannot be written."""
        self._most = most
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._rows = _opened(path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                path.unlink()
                self._rows = _opened(path)
        except (OSError, sqlite3.Error) as error:
            raise Misconfigured(
                f"company cache {path}: {error}; set KINDLING_RECOMMENDER_COMPANY_CACHE to a file that can be written"
            ) from error

    async def get(self, key: str, now: datetime) -> Company | None:
        """What is known under the key, if its time is not up."""
        try:
            row = self._rows.execute(
                "SELECT body FROM company WHERE key = ? AND until > ?", (key, now.timestamp())
            ).fetchone()
            return None if row is None else Company.model_validate_json(row[0])
        except (sqlite3.Error, ValidationError) as error:
            raise Unavailable(f"company cache: {type(error).__name__}") from error

    async def put(self, key: str, company: Company, until: datetime) -> None:
        """Keep it until then, in place of what was there."""
        try:
            self._rows.execute(
                "INSERT OR REPLACE INTO company VALUES (?, ?, ?)", (key, until.timestamp(), company.model_dump_json())
            )
            self._rows.execute(_TRIM, (self._most,))
        except sqlite3.Error as error:
            raise Unavailable(f"company cache: {type(error).__name__}") from error

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()


def _opened(path: Path) -> sqlite3.Connection:
    rows = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    try:
        rows.execute("PRAGMA journal_mode = WAL")
        rows.execute("PRAGMA synchronous = OFF")  # what a power cut takes is asked again
        (version,) = rows.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            rows.execute("DROP TABLE IF EXISTS company")
            rows.execute(f"PRAGMA user_version = {VERSION}")
        rows.execute(_TABLE)
    except sqlite3.Error:
        rows.close()
        raise
    return rows
