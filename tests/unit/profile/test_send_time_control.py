"""A share of mailboxes keeps its hour, and says which would have been better: what moved mails are compared with."""

import pytest

from schemas.arms import share
from tests.reading import HOUR_MS as HOUR
from tests.reading import about, found, opens, sends, world_that_waits
from tests.unit.profile.conftest import KEY

WISH = {"within_hours": 24}
MORNING = about(15)


@pytest.mark.parametrize("part", [0, 0.5])
def test_the_control_keeps_its_hour_and_says_the_better_one(part: float) -> None:
    """So that those who were moved are compared with those who would have been; drawn by the mailbox."""
    world = world_that_waits({**WISH, "share": part, "experiment": "hours"})
    opens(world, MORNING)
    sent = world.tick(HOUR)
    if share("hours", KEY) < part:
        assert (sent, sends(world)) == ([], ["send_time_moved"])
        return
    told = found(sent[0])
    assert (told.reason, told.experiment, sends(world)) == ("control", "hours", ["send_time_control"])
    assert told.best_at is not None
    assert told.best_at.hour == 15
    assert told.best_at > sent[0].trigger.due_at


def test_the_control_is_drawn_by_mailbox() -> None:
    """About half of a half, the same for two ids with one address."""
    reasons: list[str] = []
    for number in range(60):
        address = {"value": f"{number}@example.com", "key": f"{number:032x}"}
        seen = set()
        for who in ("u:ana", "u:bo"):
            world = world_that_waits({**WISH, "share": 0.5})
            consent = [{"purpose": "marketing", "given": True, "source": "form", "address_key": address["key"]}]
            world.take(world.guide(person=who, address=address, consent=consent))
            with world.changed(who) as person:
                person.engagement.hours = dict(MORNING)
            world.tick(HOUR, who)
            seen |= {*sends(world)}
        assert len(seen) == 1
        reasons += seen
    assert 18 < reasons.count("send_time_moved") < 42
