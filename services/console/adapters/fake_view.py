"""An archive of plain dictionaries, for tests."""

from datetime import datetime

from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail
from services.console.core.rows import row_of
from services.console.core.values import PAGE_SIZE, Dossier, Found, Query, Row


class FakeView:
    """Keeps what it is given, and looks at all of it for every answer."""

    def __init__(self) -> None:
        self._decisions: dict[str, Decision] = {}
        self._mails: dict[str, OutboundEmail] = {}
        self._feedback: dict[str, Feedback] = {}
        self._forgotten: set[str] = set()

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
        rows = [self._row(each) for each in self._decisions.values() if self._is_asked_for(each, query)]
        rows.sort(key=lambda row: (row.ended_at, row.decision_id), reverse=True)
        first = (query.page - 1) * PAGE_SIZE
        return Found(tuple(rows[first : first + PAGE_SIZE]), len(rows))

    def between(self, since: datetime, until: datetime, limit: int) -> tuple[str, ...]:
        """The newest of that span."""
        found = [(each.ended_at, name) for name, each in self._decisions.items() if since <= each.ended_at < until]
        return tuple(name for _, name in sorted(found, reverse=True)[:limit])

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

    def _is_asked_for(self, decision: Decision, query: Query) -> bool:
        mail = self._mails.get(decision.decision_id)
        names = (decision.person, mail.to.address if mail else "")
        is_named = any(query.person.casefold() in name.casefold() for name in names)
        return is_named and query.ending in {None, decision.ending}
