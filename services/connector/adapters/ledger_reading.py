"""Looks into a ledger without changing it, also while a connector writes to it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from services.connector.adapters.sqlite_ledger import BUSY_TIMEOUT_S, FILE
from services.connector.core.values import NoSend, Unsure
from services.runtime.outcome import Misconfigured

UNSURE = (NoSend.UNKNOWN_AFTER_RESTART.value, NoSend.UNKNOWN_AFTER_LOSS.value)  # older ends have the word `failed`
LIST = """
SELECT message_id, claimed_at, ended_at, reason FROM mails WHERE word = 'unknown' OR reason IN (?, ?)
ORDER BY claimed_at, message_id
"""


def unsure_mails(folder: Path) -> tuple[Unsure, ...]:
    """The mails of which nobody knows whether they went, oldest first.

    Raises:
        Misconfigured: there is no ledger in the folder, or it cannot be read.
    """
    try:
        with closing(
            sqlite3.connect(f"{(folder / FILE).absolute().as_uri()}?mode=ro", BUSY_TIMEOUT_S, uri=True)
        ) as file:
            return tuple(Unsure(*row) for row in file.execute(LIST, UNSURE))
    except sqlite3.Error as error:
        raise Misconfigured(f"expected a ledger in {folder}; {error}: set KINDLING_CONNECTOR_DATA") from error
