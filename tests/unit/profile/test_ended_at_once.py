"""A trigger that ends where its conversion came: its record says which state it was, and why; nothing was weighed."""

import pytest

from schemas.decision import Decision
from schemas.recommendation import Snapshot
from tests.unit.profile.conftest import World

DAY = 86_400_000


@pytest.mark.parametrize("reason", ["purpose_taken", "too_old", "erased"])
def test_record_of_a_trigger_that_ends_at_once_has_no_lists(world: World, reason: str) -> None:
    """The purpose waits already, the conversion is of before yesterday, the person goes."""
    world.take(world.event(path="/blog/seo/x"))
    if reason == "too_old":
        world.take(world.guide(time_ms=world.now - 2 * DAY))
    else:
        world.take(world.guide())
        world.take(
            world.guide() if reason == "purpose_taken" else world.event("privacy", privacy="erase", trusted=True)
        )
    [decision] = [each for each in world.sent if isinstance(each, Decision)]
    assert (decision.ending, decision.reason) == ("not_asked", reason)
    taken = decision.snapshot
    assert taken == Snapshot(evidence=taken.evidence, version=taken.version, hash=taken.hash)
    assert len(taken.hash) == 64
    assert taken.version == {"purpose_taken": 3, "too_old": 2, "erased": 2}[reason]
    assert (taken.evidence > 0.1) == (reason != "erased")


def test_record_of_a_trigger_that_was_decided_has_its_lists(world: World) -> None:
    """It was weighed, and the record shows what."""
    world.take(world.guide(consent=[]))
    [decision] = world.tick(1_800_000)
    assert (decision.reason, [each.key for each in decision.snapshot.interests]) == ("no_consent", ["topic:seo"])
