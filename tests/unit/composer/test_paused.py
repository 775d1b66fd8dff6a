"""The composer writes nothing while the operator has paused mail: it asks before the work and after it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.llm import Answer
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND
from services.composer.pipeline import World, compose
from services.runtime.outcome import Emit, Paused

Build = Callable[..., Any]


async def test_a_pause_spares_the_work(world: Callable[..., World], message: Build, recommendation: Build,
                                       model: Build) -> None:  # fmt: skip
    """No model is asked."""
    asked = model()
    with pytest.raises(Paused):
        await compose(message(recommendation()), world(model=asked, is_paused=lambda: True))
    assert asked.asks == []


async def test_a_pause_during_the_work_keeps_the_mail_from_its_topic(
    world: Callable[..., World], message: Build, recommendation: Build, model: Build, answer: Callable[..., Answer]
) -> None:
    """Its word is read with the refusals, after the mail is written; at the end of the pause the mail is written."""
    asked = model(answer())
    paused = world(model=asked, is_paused=lambda: bool(asked.asks))
    with pytest.raises(Paused):
        await compose(message(recommendation()), paused)
    outcome = await compose(message(recommendation()), world(model=model(answer())))
    assert isinstance(outcome, Emit)
    assert [each.topic for each in outcome.records] == [EMAIL_OUTBOUND, DECISIONS]


async def test_a_recommendation_that_expired_in_a_pause_ends_so(
    world: Callable[..., World], message: Build, recommendation: Build, later: Callable[[float], datetime]
) -> None:
    """With its decision, and told as not sent."""
    late: datetime = recommendation().request.expires_at + timedelta(seconds=1)
    assert late > later(0)
    outcome = await compose(message(recommendation()), world(now=lambda: late))
    assert isinstance(outcome, Emit)
    assert [each.topic for each in outcome.records] == [DECISIONS, EMAIL_FEEDBACK]
    assert [each.event.reason for each in outcome.records] == ["expired", "expired"]
