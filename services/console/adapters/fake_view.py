"""An archive of plain dictionaries, for tests."""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TypeVar

from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail
from services.console.core.query import Query
from services.console.core.rows import acts_of, facets_of, is_asked_for, names_of, row_of
from services.console.core.values import PAGE_SIZE, Act, Choice, Dossier, Found, Row, Totals
from services.console.ports import Archive

T = TypeVar("T")


class FakeView:
    """Keeps what it is given, and looks at all of it for every answer."""

    def __init__(self) -> None:
        self._decisions: dict[str, Decision] = {}
        self._mails: dict[str, OutboundEmail] = {}
        self._feedback: dict[str, Feedback] = {}
        self._forgotten: set[str] = set()

    def together(self) -> AbstractContextManager[None]:
        """Nothing that could end half way."""
        return nullcontext()

    def put_decision(self, decision: Decision) -> None:
        """Keep the decision."""
        self._forgotten.discard(decision.decision_id)
        self._decisions[decision.decision_id] = decision

    def put_mail(self, mail: OutboundEmail) -> None:
        """Keep the mail."""
        if mail.decision_id not in self._forgotten:
            self._mails[mail.decision_id] = mail

    def put_feedback(self, feedback: Feedback) -> None:
        """Keep the feedback."""
        if feedback.decision_id not in self._forgotten:
            self._feedback.setdefault(feedback.id, feedback)

    def forget(self, decision_id: str) -> None:
        """Drop the decision and all that belongs to it."""
        dossier = self.dossier(decision_id)
        for each in () if dossier is None else dossier.feedback:
            del self._feedback[each.id]
        self._decisions.pop(decision_id, None)
        self._mails.pop(decision_id, None)
        self._forgotten.add(decision_id)

    def find(self, query: Query) -> Found:
        """The page of the query."""
        found = [each for each in self._decisions.values() if is_asked_for(each, query) and self._is_named(each, query)]
        found.sort(key=lambda each: (each.ended_at, each.decision_id), reverse=True)
        sent = sum(each.ending == "sent" for each in found)
        totals = Totals(len(found), sent, sum(facets_of(each).cost_micros for each in found))
        rows = [self._row(each) for each in found]
        if (place := query.before) is not None:
            rest = [row for row in rows if (row.ended_at, row.decision_id) < (place.at, place.decision_id)]
            return Found(tuple(rest[:PAGE_SIZE]), totals, has_newer=bool(rest), has_older=len(rest) > PAGE_SIZE)
        if (place := query.after) is not None:
            rest = [row for row in rows if (row.ended_at, row.decision_id) > (place.at, place.decision_id)]
            return Found(tuple(rest[-PAGE_SIZE:]), totals, has_newer=len(rest) > PAGE_SIZE, has_older=bool(rest))
        return Found(tuple(rows[:PAGE_SIZE]), totals, has_older=len(rows) > PAGE_SIZE)

    def choices(self, kind: str, most: int) -> tuple[Choice, ...]:
        """Counted anew."""
        counts: Counter[str] = Counter()
        labels: dict[str, str] = {}
        for each in self._decisions.values():
            facets = facets_of(each)
            plain = {"playbook": facets.playbook, "arm": facets.arm, "ending": facets.ending}
            counts.update([plain[kind]] if kind in plain else [value for name, value in facets.marks if name == kind])
            labels |= facets.labels
        ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        return tuple(Choice(value, labels.get(value, value), count) for value, count in ordered[:most])

    def acts(self, since: datetime) -> tuple[Act, ...]:
        """Counted anew, to the microsecond."""
        counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
        costs: Counter[tuple[str, tuple[str, ...]]] = Counter()
        for each in self._decisions.values():
            for kind, name, cost_micros in acts_of(each) if each.ended_at >= since else ():
                counts[kind, name] += 1
                costs[kind, name] += cost_micros
        return tuple(Act(*act, count, costs[act]) for act, count in counts.items())

    def between(self, since: datetime, until: datetime, limit: int) -> tuple[str, ...]:
        """The newest of that span."""
        found = [(each.ended_at, name) for name, each in self._decisions.items() if since <= each.ended_at < until]
        return tuple(name for _, name in sorted(found, reverse=True)[:limit])

    def of_person(self, person: str, limit: int) -> tuple[Row, ...]:
        """The newest of that person."""
        rows = [self._row(each) for each in self._decisions.values() if each.person == person]
        return tuple(sorted(rows, key=lambda row: (row.ended_at, row.decision_id), reverse=True)[:limit])

    def dossier(self, decision_id: str) -> Dossier | None:
        """All of one decision."""
        decision = self._decisions.get(decision_id)
        if decision is None:
            return None
        feedback = [
            each
            for each in self._feedback.values()
            if each.decision_id == decision_id or each.message_id == decision.message_id
        ]
        feedback.sort(key=lambda each: (each.occurred_at, each.id))
        return Dossier(decision, self._mails.get(decision_id), tuple(feedback))

    def _row(self, decision: Decision) -> Row:
        dossier = self.dossier(decision.decision_id)
        feedback = () if dossier is None else dossier.feedback
        mail = self._mails.get(decision.decision_id)
        return row_of(decision, mail.subject if mail else None, feedback[-1].word if feedback else None)

    def _is_named(self, decision: Decision, query: Query) -> bool:
        addresses = (each.to.address.casefold() for each in self._mails.values() if each.person == decision.person)
        return any(each.startswith(query.person.casefold()) for each in (*names_of(decision.person), *addresses))


class FakeDesk:
    """Asks the archive at once."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def _done(self, act: Callable[[Archive], T]) -> T:
        return act(self._archive)

    def ask(self, act: Callable[[Archive], T]) -> Awaitable[T]:
        """What the act gives."""
        return self._done(act)
