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
from services.ingest.core.pace import Pace
from services.ingest.core.pack import cloud_headers, pack
from services.ingest.core.reasons import Outcome, Reason, Refusal
from services.ingest.core.records import Batch, Outgoing, Record
from services.ingest.core.source import Effects, Keys
from services.ingest.core.window import Verdict, Window, Windows
from services.ingest.core.withdrawal import outlives_a_conflict
from services.ingest.core.withheld import flag_bot

_CONFLICT = Refusal(Reason.ID_CONFLICT, "expected a new messageId; another event of this person had it")


def batch_of(records: Iterable[Record], keys: Keys, windows: Windows, partition_of: Callable[[str], int]) -> Batch:
    """The packs, suppressions and dead letters of the records, which come in the order of each source partition."""
    events: list[CleanEvent] = []
    others: list[Outgoing] = []
    tally: Counter[str] = Counter({"bots": 0, **{each.value: 0 for each in Outcome}})
    reasons: Counter[str] = Counter()
    for record in records:
        effects, refusal = _judged(clean(record, keys), windows.of(record.topic, record.partition), tally)
        if refusal is not None:
            reasons[refusal.reason.value] += 1
            others.append(dead_letter(record, refusal))
        for effect in effects:
            if isinstance(effect, Suppression):
                others.append(_suppression(effect, record))
            else:
                events.append(effect)
    tally["events"] = len(events)
    return Batch(pack(events, partition_of), tuple(others), dict(tally), dict(reasons))


def _judged(outcome: Cleaned | Refusal, window: Window, tally: Counter[str]) -> tuple[Effects, Refusal | None]:
    """The effects without repeats, and why the record is a dead letter all the same.

    Of a record that conflicts only what it withdraws or refuses goes on, and nothing else is left in the window: what
    it said is to be taken when it comes aright. A suppression goes on at every repeat: it is idempotent.
    """
    if isinstance(outcome, Refusal):
        return [], outcome
    if outcome.counted:
        tally.update(outcome.counted)
    kept: Effects = []
    refusal = outcome.unread
    for effect in outcome.effects:
        verdict = Verdict.NEW if isinstance(effect, Suppression) else window.judge(effect)
        if verdict is Verdict.CONFLICT:
            refusal = _CONFLICT
        elif verdict is Verdict.REPEAT:
            tally["repeats"] += 1
        else:
            kept.append(effect)
    if refusal is _CONFLICT:
        kept = [each for each in kept if outlives_a_conflict(each)]
    elif outcome.visitor and kept:
        _flag_fast(outcome.visitor, kept, window.pace, tally)
    _remember(kept, window, tally)
    return kept, refusal


def _remember(kept: Effects, window: Window, tally: Counter[str]) -> None:
    for effect in kept:
        if isinstance(effect, Suppression):
            continue
        if "bot" in effect:
            tally["bots"] += 1
        else:
            window.remember(effect)


def _flag_fast(visitor: str, kept: Effects, pace: Pace, tally: Counter[str]) -> None:
    """Say of the events of a visitor who is faster than a person that a machine made them; what it withdraws stays."""
    event = kept[0]
    if not isinstance(event, Suppression) and (why := pace.judge(visitor, event)):
        tally[why] += 1
        flag_bot([each for each in kept if not outlives_a_conflict(each)])


def _suppression(effect: Suppression, record: Record) -> Outgoing:
    topic = topics.EMAIL_SUPPRESSIONS
    event_id = f"{record.topic}/{record.partition}/{record.offset}"
    return Outgoing(topic, str(topic.key(effect)).encode(), encode(topic, effect), cloud_headers(topic, event_id))
