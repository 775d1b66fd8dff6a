"""An address that gets no mail by the business's policy ends its trigger before anything is asked."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from schemas.course import Course
from schemas.decision import Decision
from schemas.program import AddressPolicy
from schemas.recommendation import RecommendationRequest
from services.recommender.core.endings import Reason
from services.recommender.pipeline import recommend
from services.recommender.world import World
from services.rules.addresses import AddressRules
from services.runtime.outcome import Emit, Message

LOCAL_PARTS = {"automatic": "noreply", "duty": "abuse", "shared": "info"}
KINDS = [each.removeprefix("address_") for each in Reason if each.startswith("address_")]


@pytest.mark.parametrize("kind", KINDS)
async def test_nothing_is_thought_of_it(
    kind: str,
    course_of: Callable[..., Course],
    request_of: Callable[..., RecommendationRequest],
    world_of: Callable[..., Awaitable[World]],
    ask_for: Callable[..., Message],
) -> None:
    """No question is paid for, and the end says which kind it is."""
    request, world = request_of(), await world_of([course_of("email-basics")])
    domain = request.recipient.address.rpartition("@")[2]
    recipient = request.recipient.model_copy(update={"address": f"{LOCAL_PARTS.get(kind, 'nora')}@{domain}"})
    policy = AddressPolicy.model_validate({"never": [domain]} if kind == "named" else {kind: "no_mail"})
    rules = AddressRules(policy, frozenset({domain} if kind == "own" else ()), lambda _: kind == "disposable")
    world = replace(world, policy=replace(world.policy, addresses=rules))
    outcome = await recommend(ask_for(request.model_copy(update={"recipient": recipient})), world)
    assert isinstance(outcome, Emit)
    decision, feedback = (send.event for send in outcome.records)
    assert isinstance(decision, Decision)
    assert (decision.ending, decision.reason, decision.job) == ("refused", f"address_{kind}", None)
    assert feedback.reason == f"address_{kind}"
    assert getattr(world.model, "asks", []) == []
