"""The archive in SQLite: a view of the topics, dropped and built anew at every start, so it needs no care."""

import json
import sqlite3
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from schemas.codec import decode, encode
from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND
from services.console.core.rows import row_of
from services.console.core.values import PAGE_SIZE, Dossier, Found, Query, Row
from services.runtime.outcome import Misconfigured

SCHEMA = """
DROP TABLE IF EXISTS decisions;
DROP TABLE IF EXISTS mails;
DROP TABLE IF EXISTS feedback;
DROP TABLE IF EXISTS forgotten;
CREATE TABLE decisions (
  decision_id TEXT PRIMARY KEY, message_id TEXT, person TEXT NOT NULL, stage TEXT NOT NULL, ending TEXT NOT NULL,
  reason TEXT NOT NULL, event_name TEXT NOT NULL, ended_at TEXT NOT NULL, retry_at TEXT, course TEXT,
  rungs TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX decisions_by_time ON decisions (ended_at);
CREATE INDEX decisions_by_ending ON decisions (ending, ended_at);
CREATE TABLE mails (decision_id TEXT PRIMARY KEY, address TEXT NOT NULL, subject TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE feedback (
  id TEXT PRIMARY KEY, message_id TEXT NOT NULL, decision_id TEXT, word TEXT NOT NULL, occurred_at TEXT NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX feedback_by_message ON feedback (message_id);
CREATE INDEX feedback_by_decision ON feedback (decision_id);
CREATE TABLE forgotten (decision_id TEXT PRIMARY KEY);
"""
PUT_DECISION = "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
PUT_MAIL = """
INSERT OR REPLACE INTO mails SELECT :decision_id, :address, :subject, :body
WHERE :decision_id NOT IN (SELECT decision_id FROM forgotten)
"""
PUT_FEEDBACK = """
INSERT OR IGNORE INTO feedback SELECT :id, :message_id, :decision_id, :word, :occurred_at, :body
WHERE ifnull(:decision_id, '') NOT IN (SELECT decision_id FROM forgotten)
"""
BELONGS = "(f.decision_id = d.decision_id OR f.message_id = d.message_id)"
FORGET_FEEDBACK = """
DELETE FROM feedback WHERE decision_id = :decision_id
OR message_id = (SELECT message_id FROM decisions WHERE decision_id = :decision_id)
"""
ASKED_FOR = """
FROM decisions d LEFT JOIN mails m USING (decision_id)
WHERE (:ending IS NULL OR d.ending = :ending)
AND (:person = '' OR instr(folded(d.person), :person) OR instr(folded(ifnull(m.address, '')), :person))
"""
COUNT = f"SELECT count(*) {ASKED_FOR}"
PAGE = f"""
SELECT d.decision_id, d.person, d.stage, d.ending, d.reason, d.event_name, d.ended_at, d.retry_at, d.course, m.subject,
  (SELECT f.word FROM feedback f WHERE {BELONGS} ORDER BY f.occurred_at DESC, f.id DESC LIMIT 1), d.rungs
{ASKED_FOR} ORDER BY d.ended_at DESC, d.decision_id DESC LIMIT :size OFFSET :first
"""  # noqa: S608 constants only
BETWEEN = """
SELECT decision_id FROM decisions WHERE ended_at >= ? AND ended_at < ? ORDER BY ended_at DESC, decision_id DESC LIMIT ?
"""
ROW = tuple(field.name for field in fields(Row))  # the order of PAGE's columns
FEEDBACK_OF = f"""
SELECT f.body FROM feedback f JOIN decisions d ON {BELONGS} WHERE d.decision_id = ? ORDER BY f.occurred_at, f.id
"""  # noqa: S608 constants only


class SqliteView:
    """One connection, used by one thread; every call is short, so it stays on the loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, place: str) -> "SqliteView":
        """An empty view at this path, or in memory for `:memory:`; what was there before is dropped.

        Raises:
            Misconfigured: the place cannot be written, or holds another kind of file.
        """
        try:
            connection = sqlite3.connect(place, isolation_level=None)
        except sqlite3.Error as error:
            raise _misplaced(place, error) from error
        try:
            connection.execute("PRAGMA journal_mode=MEMORY")
            connection.execute("PRAGMA synchronous=OFF")  # a crash loses nothing: it is built anew
            connection.create_function("folded", 1, str.casefold, deterministic=True)  # SQLite's lower() is ASCII only
            connection.executescript(SCHEMA)
        except sqlite3.Error as error:
            connection.close()
            raise _misplaced(place, error) from error
        return cls(connection)

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def put_decision(self, decision: Decision) -> None:
        """Keep the decision."""
        row = row_of(decision, None, None)
        self._connection.execute("DELETE FROM forgotten WHERE decision_id = ?", (row.decision_id,))
        self._connection.execute(
            PUT_DECISION,
            (
                row.decision_id,
                decision.message_id,
                row.person,
                row.stage,
                row.ending,
                row.reason,
                row.event_name,
                _text(row.ended_at),
                None if row.retry_at is None else _text(row.retry_at),
                row.course,
                json.dumps(row.rungs),
                encode(DECISIONS, decision),
            ),
        )

    def put_mail(self, mail: OutboundEmail) -> None:
        """Keep the mail."""
        about = {"decision_id": mail.decision_id, "address": mail.to.address, "subject": mail.subject}
        self._connection.execute(PUT_MAIL, {**about, "body": encode(EMAIL_OUTBOUND, mail)})

    def put_feedback(self, feedback: Feedback) -> None:
        """Keep the feedback."""
        ids = {"id": feedback.id, "message_id": feedback.message_id, "decision_id": feedback.decision_id}
        what = {"word": feedback.word, "occurred_at": _text(feedback.occurred_at)}
        self._connection.execute(PUT_FEEDBACK, {**ids, **what, "body": encode(EMAIL_FEEDBACK, feedback)})

    def forget(self, decision_id: str) -> None:
        """Drop the decision and all that belongs to it."""
        for statement in (
            FORGET_FEEDBACK,
            "DELETE FROM decisions WHERE decision_id = :decision_id",
            "DELETE FROM mails WHERE decision_id = :decision_id",
            "INSERT OR IGNORE INTO forgotten VALUES (:decision_id)",
        ):
            self._connection.execute(statement, {"decision_id": decision_id})

    def find(self, query: Query) -> Found:
        """The page of the query."""
        asked: dict[str, Any] = {"ending": query.ending, "person": query.person.casefold()}
        total = int(self._connection.execute(COUNT, asked).fetchone()[0])
        place = {"size": PAGE_SIZE, "first": (query.page - 1) * PAGE_SIZE}
        return Found(tuple(map(_row, self._connection.execute(PAGE, asked | place))), total)

    def between(self, since: datetime, until: datetime, limit: int) -> tuple[str, ...]:
        """The newest of that span."""
        return tuple(row[0] for row in self._connection.execute(BETWEEN, (_text(since), _text(until), limit)))

    def dossier(self, decision_id: str) -> Dossier | None:
        """All of one decision."""
        (decision,) = self._bodies("SELECT body FROM decisions WHERE decision_id = ?", decision_id) or (None,)
        if decision is None:
            return None
        (mail,) = self._bodies("SELECT body FROM mails WHERE decision_id = ?", decision_id) or (None,)
        return Dossier(
            decode(DECISIONS, decision),
            None if mail is None else decode(EMAIL_OUTBOUND, mail),
            tuple(decode(EMAIL_FEEDBACK, body) for body in self._bodies(FEEDBACK_OF, decision_id)),
        )

    def _bodies(self, statement: str, decision_id: str) -> tuple[bytes, ...]:
        return tuple(row[0] for row in self._connection.execute(statement, (decision_id,)))


def _row(columns: tuple[Any, ...]) -> Row:
    found = dict(zip(ROW, columns, strict=True))
    found["ended_at"] = datetime.fromisoformat(found["ended_at"])
    found["retry_at"] = None if found["retry_at"] is None else datetime.fromisoformat(found["retry_at"])
    found["rungs"] = json.loads(found["rungs"])
    return Row(**found)


def _text(at: datetime) -> str:
    """One width for every instant, so that text sorts as time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _misplaced(place: str, error: sqlite3.Error) -> Misconfigured:
    return Misconfigured(f"expected a place for the console's view at {place}; {error}: set KINDLING_CONSOLE_VIEW")
