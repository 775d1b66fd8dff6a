"""A batch of raw records to everything that follows from it.

Law: the same records in other batches give the same events.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from schemas import topics
from schemas.codec import encode
from schemas.email import Suppression
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.content import ContentNews
from services.ingest.core.dead_letter import dead_letter
from services.ingest.core.pace import Pace
from services.ingest.core.pack import Packing, cloud_headers
from services.ingest.core.reasons import Outcome, Reason, Refusal
from services.ingest.core.records import Batch, Outgoing, Record
from services.ingest.core.source import SHARED, Effects, Keys
from services.ingest.core.window import Key, Verdict, Window, Windows, key_of
from services.ingest.core.withdrawal import outlives_a_conflict
from services.ingest.core.withheld import flag_bot

NO_KEY: Key = 0
EVENTS, BOTS, REPEATS = "events", "bots", "repeats"  # what a batch counts beside outcomes
_CONFLICT = Refusal(Reason.ID_CONFLICT, "expected a new messageId; another event of this person had it")


def batch_of(records: Iterable[Record], keys: Keys, windows: Windows, partition_of: Callable[[str], int]) -> Batch:
    """What follows from the records, which come in the order of each source partition."""
    packing = Packing(partition_of)
    others: list[Outgoing] = []
    tally: Counter[str] = Counter({BOTS: 0, **{each.value: 0 for each in Outcome}})
    reasons: Counter[str] = Counter()
    count = 0
    for record in records:
        effects, refusal = _judged(clean(record, keys), windows.of(record.topic, record.partition), tally)
        if refusal is not None:
            reasons[refusal.reason.value] += 1
            others.append(dead_letter(record, refusal))
        for effect in effects:
            if isinstance(effect, SHARED):
                others.append(_shared(effect, record))
            else:
                packing.add(effect)
                count += 1
    tally[EVENTS] = count
    return Batch(packing.packs(), tuple(others), dict(tally), dict(reasons))


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
    keys: list[Key] = []
    refusal = outcome.unread
    for effect in outcome.effects:
        key = NO_KEY if isinstance(effect, SHARED) else key_of(effect)
        verdict = Verdict.NEW if isinstance(effect, SHARED) else window.judge(effect, key)
        if verdict is Verdict.NEW:
            kept.append(effect)
            keys.append(key)
        elif verdict is Verdict.CONFLICT:
            refusal = _CONFLICT
        else:
            tally[REPEATS] += 1
    if refusal is _CONFLICT:
        going = [(each, key) for each, key in zip(kept, keys, strict=True) if outlives_a_conflict(each)]
        kept, keys = [each for each, _ in going], [key for _, key in going]
    elif outcome.visitor and kept:
        _flag_fast(outcome.visitor, kept, window.pace, tally)
    _remember(kept, keys, window, tally)
    return kept, refusal


def _remember(kept: Effects, keys: Sequence[Key], window: Window, tally: Counter[str]) -> None:
    for effect, key in zip(kept, keys, strict=True):
        if isinstance(effect, SHARED):
            continue
        if "bot" in effect:
            tally[BOTS] += 1
        else:
            window.remember(effect, key)


def _flag_fast(visitor: str, kept: Effects, pace: Pace, tally: Counter[str]) -> None:
    """Say of the events of a visitor who is faster than a person that a machine made them; what it withdraws stays."""
    event = kept[0]
    if not isinstance(event, SHARED) and (why := pace.judge(visitor, event)):
        tally[why] += 1
        flag_bot([each for each in kept if not outlives_a_conflict(each)])


def _shared(effect: Suppression | ContentNews, record: Record) -> Outgoing:
    """The record of what is no person's event; content that is withdrawn is a tombstone."""
    event_id = f"{record.topic}/{record.partition}/{record.offset}"
    if isinstance(effect, Suppression):
        topic = topics.EMAIL_SUPPRESSIONS
        return Outgoing(topic, str(topic.key(effect)).encode(), encode(topic, effect), cloud_headers(topic, event_id))
    topic = topics.CATALOG_CONTENT
    value = None if effect.piece is None else encode(topic, effect.piece)
    return Outgoing(topic, effect.id.encode(), value, cloud_headers(topic, event_id))
