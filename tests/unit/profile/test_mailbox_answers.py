"""A person asks the home of their mailbox, and decides by what it answers, whenever it does."""

from typing import Any

import pytest

from schemas.mailbox import Tell
from services.profile.core.trigger import ANSWER_MS, Asked
from services.profile.pipeline import fire
from tests.unit.profile.conftest import CONSENT, KEY, NOW, World
from tests.unit.profile.mailboxes import (
    DAY,
    ELSE_ADDRESS,
    HOME,
    MINUTE,
    OTHER,
    answer,
    asked,
    asking,
    guide,
    home,
    question,
    reasons,
)


def test_both_ask_before_either_is_answered(world: World) -> None:
    """In one step of the home; and the one who was refused wrote its decision."""
    world.take(guide(world), guide(world, "u:bo"))
    world.now += 30 * MINUTE
    for person in ("u:ana", "u:bo"):
        step = fire(person, world.person(person), world.checkpoint, world.rules, world.now)
        assert step is not None
        assert [send.event.kind for send in step.sends] == ["reserve"]
        world.keep(step)
    assert len(world.post) == 2
    sent = [*world.tick(), *world.tick(person="u:bo"), *world.sent]
    assert len(asked(sent)) >= 1
    assert {each.person for each in asked(sent)} == {"u:ana"}
    assert "purpose_taken" in reasons(sent)


def test_who_gets_no_answer_asks_again_the_same(world: World) -> None:
    """After a minute, by the same id; the home has it once."""
    first = asking(world)
    assert world.tick(ANSWER_MS - 1) == []
    world.now += 1
    again = question(world)
    assert again.id == first.id
    for each in (first, again):
        world.keep(world.own(each))
    assert len(home(world).touches) == 1
    [request] = asked(world.tick())
    assert request.decision_id == first.id
    assert list(home(world).touches) == [first.id]


def test_who_asked_twice_may_be_refused_what_was_reserved(world: World) -> None:
    """The last answer stands: meanwhile somebody complained."""
    first = asking(world)
    world.keep(world.own(answer(first)))
    step = world.keep(world.own(answer(first, "refused", reason="suppressed")))
    assert [send.event.reason for send in step.sends] == ["suppressed"]
    assert world.tick() == []


def test_an_event_does_not_move_what_was_asked_for(world: World) -> None:
    """Else what is reserved would end before the mail."""
    asking(world)
    due_ms = world.person().triggers.by_purpose["next-step"].due_ms
    world.take(world.event())
    assert world.person().triggers.by_purpose["next-step"].due_ms == due_ms


def test_a_stale_leave_is_asked_for_again(world: World) -> None:
    """The partition stood still after the answer."""
    first = asking(world)
    world.keep(world.own(answer(first)))
    world.now += ANSWER_MS
    assert question(world).id == first.id


def test_what_is_refused_after_the_leave_is_given_back(world: World) -> None:
    """The person decides on their profile of that moment."""
    first = asking(world)
    world.keep(world.own(first))
    [answer] = world.post
    world.post.clear()
    world.keep(world.own(answer))
    withdrawn = [{"purpose": "marketing", "given": False, "source": "form"}]
    world.take(world.event("conversion", name="Else", consent=withdrawn))
    assert reasons(world.tick()) == ["no_consent"]
    assert home(world).touches == {}


def test_another_address_after_the_leave_asks_its_own_home(world: World) -> None:
    """What was reserved at the former is given back."""
    first = asking(world)
    world.keep(world.own(first))
    world.deliver()
    grant = [{**CONSENT[0], "address_key": OTHER}]
    world.take(world.event("conversion", name="Else", address=ELSE_ADDRESS, consent=grant))
    [request] = asked(world.tick())
    assert request.recipient.address == "else@example.com"
    assert (home(world).touches, list(home(world, f"m:{OTHER}").touches)) == ({}, [first.id])


def test_an_answer_that_nobody_waits_for_gives_back(world: World) -> None:
    """The trigger ended meanwhile. What was asked for by it stays."""
    first = asking(world)
    world.take(world.event("privacy", privacy="erase", trusted=True, speaker="operator"))
    world.keep(world.own(answer(first)))
    [told] = [each for each in world.post if isinstance(each, Tell)]
    assert (told.word, told.decision_id, told.mailbox) == ("given_back", first.id, HOME)


def test_a_link_gives_back_what_was_reserved(world: World) -> None:
    """The state goes to the known person, and asks anew there by an id of its own."""
    known = f"e:{KEY}"
    world.take(guide(world, known))
    world.now += 30 * MINUTE
    step = fire(known, world.person(known), world.checkpoint, world.rules, world.now)
    assert step is not None
    world.keep(step)
    world.deliver()
    assert len(home(world).touches) == 1
    world.take(world.event("linked", person=known, link="u:ana", trusted=True, speaker="server"))
    world.deliver()
    assert home(world).touches == {}
    world.loop()
    world.deliver()
    assert len(asked(world.tick())) == 1
    assert sorted(home(world).persons) == ["u:ana"]


@pytest.mark.parametrize(
    ("verdict", "over", "ending", "reason"),
    [
        ("refused", {"reason": "bouncing"}, "not_asked", "bouncing"),
        ("refused", {"reason": "of a later version"}, "not_asked", "suppressed"),
        ("of a later version", {}, "not_asked", "suppressed"),
        ("not_before", {"reason": "paused", "not_before_ms": NOW + 5 * DAY}, "waiting", "paused"),
        ("not_before", {"not_before_ms": NOW + 5 * DAY}, "waiting", "cap_reached"),
    ],
)
def test_what_the_home_says_is_why(world: World, verdict: str, over: Any, ending: str, reason: str) -> None:
    """A verdict that nobody here knows is no leave; nothing waits beyond its own end."""
    first = asking(world)
    step = world.keep(world.own(answer(first, verdict, **over)))
    [decision] = [send.event for send in step.sends]
    assert (decision.ending, decision.reason, decision.decision_id) == (ending, reason, first.id)
    if ending == "waiting":
        trigger = world.person().triggers.by_purpose["next-step"]
        assert (trigger.tries, trigger.asked) == (1, None)
        assert trigger.due_ms <= world.now + DAY


def test_a_stored_trigger_keeps_what_it_asked(world: World) -> None:
    """Through a restart."""
    asking(world)
    [trigger] = world.person().triggers.by_purpose.values()
    assert trigger.asked == Asked(world.now, KEY, is_reserved=False)


def test_a_refusal_that_nobody_waits_for_says_nothing(world: World) -> None:
    """The trigger ended meanwhile: nothing was reserved."""
    first = asking(world)
    world.take(world.event("privacy", privacy="erase", trusted=True, speaker="operator"))
    step = world.own(answer(first, "refused", reason="bouncing"))
    assert (step.sends, step.counts) == ((), {"answer_late": 1})
