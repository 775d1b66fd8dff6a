"""What the demo knows of its conversions, in whatever order the topics come."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from deploy.local.story import Lead
from deploy.local.watch import Conversion, Watch
from schemas.codec import decode
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND, RECOMMENDATIONS, Topic
from services.runtime.outcome import Message

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
LEAD = Lead(
    name="Maya", user_id="lead-maya", anonymous_id="a1", email=None, about="", through="kafka", ends=("email",),
    steps=(),
)  # fmt: skip


def _example(topic: Topic, **changes: Any) -> Any:
    path = min((EXAMPLES / topic.short).glob("*.json"))
    return decode(topic, path.read_bytes()).model_copy(update=changes)


def _records() -> tuple[Message, ...]:
    chosen = _example(RECOMMENDATIONS)
    ours = {"decision_id": chosen.request.decision_id}
    sent = _example(DECISIONS, **ours, trigger=chosen.request.trigger, ending="sent", reason="composed")
    events = (
        (RECOMMENDATIONS, chosen),
        (DECISIONS, sent),
        (EMAIL_OUTBOUND, _example(EMAIL_OUTBOUND, **ours)),
        (EMAIL_FEEDBACK, _example(EMAIL_FEEDBACK, **ours, word="delivered")),
    )
    return tuple(Message(topic, 0, 0, b"u:lead-maya", event, 0) for topic, event in events)


@pytest.mark.parametrize("order", tuple(permutations(range(4))))
def test_a_conversion_is_over_in_whatever_order_the_topics_come(order: tuple[int, ...]) -> None:
    """Each partition is read on its own: a mail's delivery may be seen before the request it answers."""
    records, watch = _records(), Watch()
    event_id = records[0].event.request.trigger.event_id
    watch.expect(Conversion(LEAD, event_id, "email"))
    for place in order:
        watch.apply(records[place])
    ended = watch.conversions[event_id]
    assert ended.is_over
    assert not ended.is_surprise
    assert ended.email == records[2].event
