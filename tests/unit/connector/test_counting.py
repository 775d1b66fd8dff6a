"""How mails ended is counted in words of ours, and how long a person waited for one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from schemas.topics import EMAIL_FEEDBACK
from services.connector.adapters.counting import counted
from services.connector.core.admit import feedback
from services.connector.core.values import End, NoSend, Wait
from services.runtime.outcome import Emit, Later, Message, Outcome, Send

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.parametrize(
    ("end", "ending", "reason"),
    [
        (End("delivered", NOW), "delivered", ""),
        (End("bounced", NOW, "smtp_550_5.1.1", "hard"), "bounced", "hard"),
        (End("failed", NOW, "smtp_599_5.999.999"), "failed", "other"),
        (End("not_sent", NOW, NoSend.EXPIRED), "not_sent", "expired"),
    ],
)
async def test_an_end_is_counted_by_our_word(
    record: Callable[..., Message], end: End, ending: str, reason: str
) -> None:
    """A server's code is whatever it says, and makes no series."""

    async def handle(message: Message) -> Outcome:
        return Emit((Send(EMAIL_FEEDBACK, feedback(message.event, end)),))

    labels = {"stage": "connector", "ending": ending, "reason": reason}
    waited = "kindling_end_to_end_seconds_count", {"path": "due_to_mail"}
    deliver = counted(handle)
    before = _value("kindling_endings_total", **labels), _value(waited[0], **waited[1])
    await deliver(record())
    after = _value("kindling_endings_total", **labels), _value(waited[0], **waited[1])
    assert after == (before[0] + 1, before[1] + (ending == "delivered"))


async def test_what_waits_is_no_end(record: Callable[..., Message]) -> None:
    """It is counted when it has one."""

    async def handle(_: Message) -> Outcome:
        return Later(NOW + timedelta(hours=1), Wait.NOT_BEFORE)

    def sum_of_all() -> float:
        return sum(
            sample.value
            for metric in REGISTRY.collect()
            if metric.name == "kindling_endings"
            for sample in metric.samples
        )

    deliver = counted(handle)
    before = sum_of_all()
    assert isinstance(await deliver(record()), Later)
    assert sum_of_all() == before
