"""The archive in SQLite: a view of the topics, dropped and built anew at every start, so it needs no care."""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson

from schemas.codec import decode, encode
from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND
from services.console.adapters import view_schema as sql
from services.console.adapters.view_finding import Finding
from services.console.adapters.view_sums import Sums
from services.console.core.query import Query, micros_of
from services.console.core.rows import Facets, acts_of, facets_of, names_of, row_of
from services.console.core.values import Act, Choice, Dossier, Found, Row
from services.runtime.outcome import Misconfigured

CACHE_KIB = 65_536
PACKED = 1  # zlib's fastest level: a body takes a third of its room


class SqliteView:
    """One connection, used by the thread that opened it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._finding = Finding(connection)
        self._sums: Sums | None = None

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
            connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
            connection.executescript(";".join(f"DROP TABLE IF EXISTS {each}" for each in sql.TABLES))
            connection.executescript(sql.SCHEMA)
            connection.execute("PRAGMA secure_delete=ON")  # what is forgotten leaves the file, too
        except sqlite3.Error as error:
            connection.close()
            raise _misplaced(place, error) from error
        return cls(connection)

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is put in the block is one transaction; in a block within it, a part of that."""
        if self._sums is not None:
            yield
            return
        self._sums = Sums()
        self._connection.execute("BEGIN")
        try:
            yield
            self._sums.write(self._connection)
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        finally:
            self._sums = None

    def put_decision(self, decision: Decision) -> None:
        """Keep the decision."""
        row, facets = row_of(decision, None, None), facets_of(decision)
        with self.together():
            self._drop(row.decision_id)
            self._run("DELETE FROM forgotten WHERE decision_id = ?", row.decision_id)
            ended_at = micros_of(row.ended_at)
            retry_at = None if row.retry_at is None else micros_of(row.retry_at)
            place = self._run(
                sql.PUT_DECISION, row.decision_id, decision.message_id, row.person, row.stage, row.ending, row.reason,
                row.event_name, ended_at, retry_at, row.course, orjson.dumps(row.rungs).decode(), facets.playbook,
                facets.arm, facets.cost_micros,
            ).lastrowid  # fmt: skip
            body = zlib.compress(encode(DECISIONS, decision), PACKED)
            self._run("INSERT INTO bodies VALUES (?, ?)", place, body)
            marks = [(kind, value, ended_at, place) for kind, value in facets.marks]
            self._connection.executemany("INSERT INTO marks VALUES (?, ?, ?, ?)", marks)
            self._put_names(row.person, *names_of(row.person))
            self._count(decision, facets, ended_at, 1)

    def put_mail(self, mail: OutboundEmail) -> None:
        """Keep the mail."""
        about = {"decision_id": mail.decision_id, "person": mail.person, "subject": mail.subject}
        body = zlib.compress(encode(EMAIL_OUTBOUND, mail), PACKED)
        with self.together():
            if self._connection.execute(sql.PUT_MAIL, {**about, "body": body}).rowcount:
                self._put_names(mail.person, mail.to.address.casefold())

    def put_feedback(self, feedback: Feedback) -> None:
        """Keep the feedback."""
        ids = {"id": feedback.id, "message_id": feedback.message_id, "decision_id": feedback.decision_id}
        what = {"word": feedback.word, "occurred_at": micros_of(feedback.occurred_at)}
        with self.together():
            self._connection.execute(sql.PUT_FEEDBACK, {**ids, **what, "body": encode(EMAIL_FEEDBACK, feedback)})

    def forget(self, decision_id: str) -> None:
        """Drop the decision and all that belongs to it."""
        with self.together():
            owners = self._connection.execute("SELECT person FROM mails WHERE decision_id = ?", (decision_id,))
            persons = {person for (person,) in owners}
            self._connection.execute(sql.FORGET_FEEDBACK, {"decision_id": decision_id})
            persons |= self._drop(decision_id)
            self._run("DELETE FROM mails WHERE decision_id = ?", decision_id)
            self._run("INSERT OR IGNORE INTO forgotten VALUES (?)", decision_id)
            for person in persons:
                self._connection.execute(sql.FORGET_NAMES, {"person": person})

    def find(self, query: Query) -> Found:
        """The page of the query."""
        return self._finding.find(query)

    def choices(self, kind: str, most: int) -> tuple[Choice, ...]:
        """The values that most decisions have."""
        return tuple(Choice(*row) for row in self._run(sql.CHOICES, kind, most))

    def acts(self, since: datetime) -> tuple[Act, ...]:
        """What happened since, from the five minutes on in which that is."""
        rows = self._run(sql.ACTS, micros_of(since) // sql.ACT_MICROS)
        return tuple(Act(kind, tuple(orjson.loads(name)), count, cost) for kind, name, count, cost in rows if count)

    def between(self, since: datetime, until: datetime, limit: int) -> tuple[str, ...]:
        """The newest of that span."""
        return tuple(row[0] for row in self._run(sql.BETWEEN, micros_of(since), micros_of(until), limit))

    def of_person(self, person: str, limit: int) -> tuple[Row, ...]:
        """The newest of that person."""
        return self._finding.of_person(person, limit)

    def dossier(self, decision_id: str) -> Dossier | None:
        """All of one decision."""
        body = self._run(sql.BODY, decision_id).fetchone()
        if body is None:
            return None
        mail = self._run(sql.MAIL, decision_id).fetchone()
        return Dossier(
            decode(DECISIONS, zlib.decompress(body[0])),
            None if mail is None else decode(EMAIL_OUTBOUND, zlib.decompress(mail[0])),
            tuple(decode(EMAIL_FEEDBACK, each) for (each,) in self._run(sql.FEEDBACK_OF, decision_id)),
        )

    def _drop(self, decision_id: str) -> set[str]:
        """Take the decision out of the lists and sums; whose it was, empty where it is not there."""
        found = self._run("SELECT place, ended_at, person FROM decisions WHERE decision_id = ?", decision_id).fetchone()
        if found is None:
            return set()
        place, ended_at, person = found
        (body,) = self._run("SELECT body FROM bodies WHERE place = ?", place).fetchone()
        decision = decode(DECISIONS, zlib.decompress(body))
        facets = facets_of(decision)
        marks = [(kind, value, ended_at, place) for kind, value in facets.marks]
        statement = "DELETE FROM marks WHERE kind = ? AND value = ? AND ended_at = ? AND place = ?"
        self._connection.executemany(statement, marks)
        self._run("DELETE FROM bodies WHERE place = ?", place)
        self._run("DELETE FROM decisions WHERE place = ?", place)
        self._count(decision, facets, ended_at, -1)
        return {person}

    def _count(self, decision: Decision, facets: Facets, ended_at: int, by: int) -> None:
        assert self._sums is not None  # noqa: S101 called within `together`
        self._sums.add(facets, ended_at, by)
        self._sums.add_acts(acts_of(decision), ended_at, by)

    def _put_names(self, person: str, *names: str) -> None:
        self._connection.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", [(name, person) for name in names])

    def _run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)


def _misplaced(place: str, error: sqlite3.Error) -> Misconfigured:
    return Misconfigured(f"expected a place for the console's view at {place}; {error}: set KINDLING_CONSOLE_VIEW")
