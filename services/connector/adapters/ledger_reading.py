"""Looks into a ledger without changing it, also while a connector writes to it."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from services.connector.adapters.sqlite_ledger import BUSY_TIMEOUT_S, FILE
from services.connector.core.values import NoSend, Unsure
from services.runtime.outcome import Misconfigured

UNSURE = (NoSend.UNKNOWN_AFTER_RESTART.value, NoSend.UNKNOWN_AFTER_LOSS.value)  # older ends have the word `failed`
LIST = """
SELECT message_id, claimed_at, ended_at, reason FROM mails WHERE word = 'unknown' OR reason IN (?, ?)
ORDER BY claimed_at, message_id
"""
ROW = "SELECT message_id, claimed_at, word, ended_at, reason, bounce_class FROM mails WHERE message_id = ?"
NAMES = ("message_id", "claimed_at", "word", "ended_at", "reason", "bounce_class")


def unsure_mails(folder: Path) -> tuple[Unsure, ...]:
    """The mails of which nobody knows whether they went, oldest first.

    Raises:
        Misconfigured: there is no ledger in the folder, or it cannot be read.
    """
    with _reading(folder) as file:
        return tuple(Unsure(*row) for row in file.execute(LIST, UNSURE))


def rows_of_mails(folder: Path, message_ids: Iterable[str]) -> tuple[dict[str, str | None], ...]:
    """What the ledger holds of these mails, by the names of its columns.

    Raises:
        Misconfigured: there is no ledger in the folder, or it cannot be read.
    """
    with _reading(folder) as file:
        found = [file.execute(ROW, (each,)).fetchone() for each in message_ids]
    return tuple(dict(zip(NAMES, row, strict=True)) for row in found if row is not None)


@contextmanager
def _reading(folder: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(
            sqlite3.connect(f"{(folder / FILE).absolute().as_uri()}?mode=ro", BUSY_TIMEOUT_S, uri=True)
        ) as file:
            yield file
    except sqlite3.Error as error:
        raise Misconfigured(f"expected a ledger in {folder}; {error}: set KINDLING_CONNECTOR_DATA") from error
