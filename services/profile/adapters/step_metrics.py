"""What is counted of a step of the profile once it is committed: a few numbers a transaction, none an event."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, get_args

from schemas.email import FeedbackWord
from schemas.recommendation import Arm
from schemas.topics import DECISIONS, EVENTS_CLEAN, PROFILE_SELF, RECOMMENDATION_REQUESTS
from services.profile.adapters.faust_partition import GROUP as STAGE
from services.profile.adapters.person_cache import PersonCache
from services.profile.core.reasons import Count, Reason, Refusal
from services.profile.core.transition import Rejected, Transition
from services.profile.metrics import ARMS, FEEDBACK, OUTCOMES
from services.rules.providers import PROVIDERS
from services.runtime.clock import now_ms
from services.runtime.kafka_told import tell_time_lag
from services.runtime.labels import OTHER, bounded
from services.runtime.metrics import (
    CACHE,
    DEAD_LETTERS,
    END_TO_END,
    ENDINGS,
    Path,
    begin,
    begin_endings,
    begin_letters,
    begin_topics,
)

WORDS = frozenset(get_args(FeedbackWord))
ALARMING = ("delivered", "bounced", "complained", "unsubscribed")  # one more of these is to be seen at once
ARM_WORDS = frozenset(get_args(Arm))


def begin_metrics() -> None:
    """Let what alarms ask for be there before the first."""
    begin(STAGE)
    begin_letters(STAGE, Refusal)
    begin_endings(STAGE, [("held_out", Reason.HOLDOUT), *product(("not_asked", "waiting"), Reason)])
    for word in sorted(WORDS):
        FEEDBACK.labels(word, OTHER)
    for word, provider in product(ALARMING, PROVIDERS):
        FEEDBACK.labels(word, provider)
    for arm in sorted(ARM_WORDS):
        ARMS.labels(arm)
    for result in ("hit", "miss"):
        CACHE.labels("person", result)
    begin_topics(STAGE, (EVENTS_CLEAN, PROFILE_SELF))
    for path in (Path.ACCEPTED_TO_PROFILE, Path.FEEDBACK_TO_DECISION):
        END_TO_END.labels(path)
    for counted in (*Count, *Reason):
        OUTCOMES.labels(counted.value)


def tell_applied(step: Transition, events: Sequence[Any], cache: PersonCache) -> None:
    """Count packs that were applied: how old they and what they held were, what was heard, what went wrong."""
    oldest: dict[str, float] = {}
    for event in events:
        message = event.message
        oldest[message.topic] = min(oldest.get(message.topic, message.timestamp), message.timestamp)
    for topic, seconds in oldest.items():
        tell_time_lag(STAGE, topic, round(seconds * 1000))
    _tell_path(Path.ACCEPTED_TO_PROFILE, step.seen.accepted_ms)
    _tell_path(Path.FEEDBACK_TO_DECISION, step.seen.feedback_ms)
    for (word, provider), number in step.seen.heard.items():
        FEEDBACK.labels(bounded(word, WORDS), provider).inc(number)
    for reason, number in letter_reasons(step.rejects).items():
        DEAD_LETTERS.labels(STAGE, reason).inc(number)
    hits, misses = cache.looked_up()
    CACHE.labels("person", "hit").inc(hits)
    CACHE.labels("person", "miss").inc(misses)
    tell_ended((step,))


def tell_ended(steps: Iterable[Transition]) -> None:
    """Count the triggers that ended, or were asked for, by reason and by arm."""
    for send in (send for step in steps for send in step.sends):
        if send.topic is DECISIONS:
            ENDINGS.labels(STAGE, send.event.ending, send.event.reason).inc()
        if send.topic is RECOMMENDATION_REQUESTS or (send.topic is DECISIONS and send.event.ending == "held_out"):
            ARMS.labels(bounded(send.event.arm, ARM_WORDS)).inc()


def letter_reasons(rejects: Iterable[Rejected]) -> Counter[str]:
    """Dead letters by reason: one for a record, however many of its events are broken; the first says why."""
    first: dict[tuple[str, int], str] = {}
    for each in rejects:
        first.setdefault((each.input.topic, each.input.offset), each.reason.value)
    return Counter(first.values())


def _tell_path(path: Path, since_ms: int | None) -> None:
    if since_ms is not None:
        END_TO_END.labels(path).observe(max(0.0, (now_ms() - since_ms) / 1000))
