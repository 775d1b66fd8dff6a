"""The two steps of an owned partition: packs applied, and due triggers fired, each as one transaction.

The caller holds the partition's lock. What raises ends the process: nothing of the step was committed then.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.topics import EVENTS_CLEAN
from services.profile.adapters.faust_gap import refuse_gap, refuse_strangers
from services.profile.adapters.faust_partition import Partition
from services.profile.adapters.faust_records import input_of, letters_of
from services.profile.adapters.step_metrics import tell_applied, tell_ended
from services.profile.core.rules import Rules
from services.profile.core.transition import Transition, cause_of
from services.profile.pipeline import Read, advance, fire


async def apply(partition: Partition, events: Sequence[Any], rules: Rules, now_ms: int) -> Transition:
    """What these packs led to, committed.

    Raises:
        Ended: 76, of a gap or another log; 75, fenced or refused.
    """
    inputs = [(input_of(event), event.message.checksum) for event in events]
    refuse_gap(inputs, partition.checkpoint, is_accepted=rules.accepts_gap)
    read = Read(partition.read, partition.home)
    step = advance([each for each, _ in inputs], partition.checkpoint, read, rules, now_ms)
    refuse_strangers(step, is_accepted=rules.accepts_gap)
    first, last = inputs[0][0], inputs[-1][0]
    cause = f"{first.topic}/{partition.number}/{first.offset}-{last.topic}/{last.offset}"
    await partition.commit([(step, cause)], now_ms, letters_of(step, events))
    if packs := [each for each, _ in inputs if each.topic == EVENTS_CLEAN.short]:
        partition.applied_ms = packs[-1].timestamp_ms
    tell_applied(step, events, partition.cache)
    return step


async def fire_due(partition: Partition, rules: Rules, now_ms: int, most: int) -> Mapping[str, int] | None:
    """The counts of what the due triggers of at most so many persons led to, committed; None where nothing was due.

    Raises:
        Ended: 75, fenced or refused.
    """
    checkpoint = partition.checkpoint
    steps: list[tuple[Transition, str]] = []
    for person in dict.fromkeys(partition.due(now_ms, most)):
        value = partition.read(person)
        step = None if value is None else fire(person, value, checkpoint, rules, now_ms)
        if step is not None:
            steps.append((step, cause_of(step, partition.number)))
            checkpoint = step.checkpoint
    if not steps:
        return None
    await partition.commit(steps, now_ms)
    tell_ended(step for step, _ in steps)
    return sum((Counter(step.counts) for step, _ in steps), Counter())
