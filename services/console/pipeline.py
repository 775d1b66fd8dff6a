"""Records into the archive, and the archive's answers into pages."""

from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND
from services.console.core.listing import Listing, listing
from services.console.core.rows import decision_of
from services.console.core.story import Story, story
from services.console.core.values import Query
from services.console.ports import Archive
from services.runtime.outcome import Message

TOPICS = (DECISIONS, EMAIL_OUTBOUND, EMAIL_FEEDBACK)


def absorb(message: Message, archive: Archive) -> None:
    """Keep one record; a tombstone of a decision forgets it, any other changes nothing."""
    match message.event:
        case Decision() as decision:
            archive.put_decision(decision)
        case OutboundEmail() as mail:
            archive.put_mail(mail)
        case Feedback() as feedback:
            archive.put_feedback(feedback)
        case _:
            decision_id = decision_of(message.key) if message.topic.short == DECISIONS.short else None
            if decision_id is not None:
                archive.forget(decision_id)


def list_decisions(query: Query, archive: Archive) -> Listing:
    """One page of the list."""
    return listing(query, archive.find(query))


def tell(decision_id: str, archive: Archive) -> Story | None:
    """The story of one decision, or None where there is none."""
    dossier = archive.dossier(decision_id)
    return None if dossier is None else story(dossier)
