"""A batch of raw records to everything that follows from it.

Law: the same records in other batches give the same events.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from schemas import topics
from schemas.clean import CleanEvent
from schemas.codec import encode
from schemas.email import Suppression
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.dead_letter import dead_letter
from services.ingest.core.pack import cloud_headers, pack
from services.ingest.core.reasons import Reason, Refusal
from services.ingest.core.records import Batch, Outgoing, Record
from services.ingest.core.source import Keys
from services.ingest.core.window import Verdict, Windows

_CONFLICT = Refusal(Reason.ID_CONFLICT, "expected a new messageId; another event of this person had it")


def batch_of(records: Iterable[Record], keys: Keys, windows: Windows, partition_of: Callable[[str], int]) -> Batch:
    """The packs, suppressions and dead letters of the records, which come in the order of each source partition."""
    events: list[CleanEvent] = []
    others: list[Outgoing] = []
    tally: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for record in records:
        cleaned = clean(record, keys)
        outcome = _judged(cleaned, windows, tally)
        refusal = outcome if isinstance(outcome, Refusal) else cleaned.unread if isinstance(cleaned, Cleaned) else None
        if refusal is not None:
            reasons[refusal.reason.value] += 1
            others.append(dead_letter(record, refusal))
        if isinstance(outcome, Refusal):
            continue
        for effect in outcome:
            if isinstance(effect, Suppression):
                others.append(_suppression(effect, record))
            else:
                events.append(effect)
    tally["events"] = len(events)
    return Batch(pack(events, partition_of), tuple(others), dict(tally), dict(reasons))


def _judged(
    outcome: Cleaned | Refusal, windows: Windows, tally: Counter[str]
) -> list[CleanEvent | Suppression] | Refusal:
    """The effects without repeats. A suppression is never left out: it is idempotent, and must not be lost.

    What is refused leaves nothing in the window: what it said is to be taken when it comes aright.
    """
    if isinstance(outcome, Refusal):
        return outcome
    tally["clamped"] += outcome.is_clamped
    kept: list[CleanEvent | Suppression] = []
    for effect in outcome.effects:
        if isinstance(effect, Suppression):
            kept.append(effect)
            continue
        verdict = windows.judge(effect)
        if verdict is Verdict.CONFLICT:
            return _CONFLICT
        if verdict is Verdict.REPEAT:
            tally["repeats"] += 1
            continue
        kept.append(effect)
    for effect in kept:
        if not isinstance(effect, Suppression):
            tally["bots"] += "bot" in effect
            windows.remember(effect)
    return kept


def _suppression(effect: Suppression, record: Record) -> Outgoing:
    topic = topics.EMAIL_SUPPRESSIONS
    event_id = f"{record.topic}/{record.partition}/{record.offset}"
    return Outgoing(topic, str(topic.key(effect)).encode(), encode(topic, effect), cloud_headers(topic, event_id))
