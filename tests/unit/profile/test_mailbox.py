"""One mailbox, one voice: whoever uses an address, caps, purposes, refusals and pauses are the mailbox's."""

from typing import Any

import pytest

from schemas.arms import arm
from schemas.mailbox import Heard
from schemas.program import Experiment
from services.profile.core.facets.traits import Address, Traits
from services.profile.core.mailbox import Mailbox, shown
from services.profile.core.person import Person
from services.profile.core.request import Case, arm_of
from services.profile.pipeline import compiled
from tests.profile_values import trigger
from tests.unit.profile.conftest import CONSENT, KEY, PLAYBOOKS, World, WorldOf, program
from tests.unit.profile.mailboxes import (
    DAY,
    ELSE_ADDRESS,
    HOME,
    HOUR,
    MINUTE,
    OTHER,
    asked,
    guide,
    home,
    reasons,
)


def test_two_ids_with_one_address_get_one_mail_in_the_same_second(world: World) -> None:
    """Row 113: both are due at once; the second is told that the purpose is taken, whoever it was."""
    world.take(guide(world), guide(world, "u:bo"))
    world.now += 30 * MINUTE
    sent = [*world.tick(), *world.tick(person="u:bo")]
    assert [each.person for each in asked(sent)] == ["u:ana"]
    assert reasons(sent) == ["purpose_taken"]
    assert sorted(home(world).persons) == ["u:ana", "u:bo"]


def test_a_cap_counts_the_mails_of_all_who_use_the_address(world: World) -> None:
    """Another purpose waits until a day has passed since the other's mail."""
    world.take(guide(world))
    [request] = asked(world.tick(30 * MINUTE))
    world.take(world.feedback("sent", request.decision_id))
    world.take(guide(world, "u:bo", name="Trial Started"))
    [waiting] = world.tick(30 * MINUTE, person="u:bo")
    assert (waiting.ending, waiting.reason) == ("waiting", "cap_reached")
    assert asked(world.tick(DAY, person="u:bo"))


def test_a_cap_of_one_purpose_looks_at_its_mails_alone(world_of: WorldOf) -> None:
    """The trial's mail goes; a second of the same purpose would wait, though its purpose is free again."""
    playbook = {**PLAYBOOKS[0], "purpose_days": 0}
    world = world_of(playbook, PLAYBOOKS[1], caps=[{"window_hours": 48, "most": 1, "purpose": "next-step"}])
    world.take(guide(world))
    [request] = asked(world.tick(30 * MINUTE))
    world.take(world.feedback("delivered", request.decision_id))
    world.take(guide(world, "u:bo"), guide(world, "u:bo", name="Trial Started"))
    sent = world.tick(HOUR, person="u:bo")
    assert [each.trigger.purpose for each in asked(sent)] == ["trial"]
    assert reasons(sent) == ["cap_reached"]


def test_a_cap_of_one_purpose_holds_back_no_other(world_of: WorldOf) -> None:
    """Two mails of the trial go on one day, where the guide's cap would let one."""
    trial = {**PLAYBOOKS[1], "purpose_days": 0}
    world = world_of(PLAYBOOKS[0], trial, caps=[{"window_hours": 48, "most": 1, "purpose": "next-step"}])
    for _ in range(2):
        world.take(guide(world, name="Trial Started"))
        [request] = asked(world.tick(HOUR))
        world.take(world.feedback("delivered", request.decision_id))


def test_all_ids_of_an_address_are_in_one_arm(world: World) -> None:
    """Drawn by its key: another address is another draw, another id is none; who has no address is drawn alone."""
    half = Experiment(name="half", holdout=0.5)
    rules = compiled(program(({**PLAYBOOKS[0], "experiment": half.model_dump()},)))
    waiting = trigger(playbook="guide")
    drawn = set()
    for number in range(40):
        key = f"{number:032x}"
        person = Person(traits=Traits(address=Address(2, world.now, "a@example.com", key)))
        arms = {arm_of(Case(who, person, waiting, rules, world.now)) for who in ("u:1", "u:2", f"e:{key}")}
        assert arms == {arm(half, key)}
        assert arm_of(Case(f"u:{number}", Person(), waiting, rules, world.now)) == arm(half, f"u:{number}")
        drawn |= arms
    assert drawn == {"holdout", "treatment"}


def test_a_cap_of_a_purpose_that_no_playbook_has_is_refused(world_of: WorldOf) -> None:
    """It would hold nothing back, and nobody would see it."""
    with pytest.raises(ValueError, match=r"caps\[0\].purpose.*'nxt'.*next-step, trial"):
        world_of(caps=[{"window_hours": 48, "most": 1, "purpose": "nxt"}])


def test_what_was_not_sent_is_given_back(world: World) -> None:
    """The other's mail goes then; a mail of which a word came that it may have gone stays."""
    world.take(guide(world), guide(world, "u:bo"))
    [request] = asked(world.tick(30 * MINUTE))
    world.take(world.feedback("not_sent", request.decision_id))
    assert home(world).touches == {}
    [other] = asked(world.tick(person="u:bo"))
    world.take(world.feedback("unknown", other.decision_id, person="u:bo"))
    world.take(world.feedback("not_sent", other.decision_id, person="u:bo"))
    assert list(home(world).touches) == [other.decision_id]


def test_unknown_counts_as_a_touch(world: World) -> None:
    """Nobody knows whether it went: its purpose stays taken beyond the time that is reserved."""
    world.take(guide(world))
    [request] = asked(world.tick(30 * MINUTE))
    world.take(world.feedback("unknown", request.decision_id))
    world.now += 5 * DAY
    world.take(guide(world, "u:bo"))
    assert reasons(world.tick(30 * MINUTE, person="u:bo")) == ["purpose_taken"]


def test_a_mail_that_nobody_hears_of_frees_the_purpose_at_its_end(world: World) -> None:
    """What is reserved lasts as long as the mail."""
    world.take(guide(world))
    [request] = asked(world.tick(30 * MINUTE))
    [touch] = home(world).touches.values()
    assert touch.until_ms >= request.expires_at.timestamp() * 1000
    world.now += 3 * DAY
    world.take(guide(world, "u:bo"))
    assert asked(world.tick(30 * MINUTE, person="u:bo"))


def test_a_ghost_reserves_too(world_of: WorldOf) -> None:
    """All who use an address are in one arm, drawn by its key; the second of a purpose is no ghost more."""
    playbook = {**PLAYBOOKS[0], "experiment": {"name": "e", "holdout": 1.0}}
    world = world_of(playbook)
    world.take(guide(world), guide(world, "u:bo"))
    [ghost] = world.tick(30 * MINUTE)
    assert (ghost.ending, ghost.arm) == ("held_out", "holdout")
    assert [touch.kind for touch in home(world).touches.values()] == ["ghost"]
    [other] = world.tick(person="u:bo")
    assert (other.reason, other.arm) == ("purpose_taken", "holdout")


@pytest.mark.parametrize(
    ("word", "over", "why"),
    [
        ("unsubscribed", {}, "unsubscribed"),
        ("complained", {}, "complained"),
        ("bounced", {"bounce_class": "hard"}, "bounced"),
    ],
)
def test_a_refusal_reaches_all_who_use_the_mailbox(world: World, word: str, over: Any, why: str) -> None:
    """Whoever said it: the other hears of it, and gets no mail; so does who uses it later."""
    world.take(guide(world), guide(world, "u:bo"))
    world.take(world.feedback(word, **over))
    assert world.person("u:bo").consents.refusals == {why: world.now}
    assert [each.address_key for each in world.refused] == [KEY]
    assert reasons(world.tick(HOUR, person="u:bo")) == ["suppressed"]
    world.take(guide(world, "u:cy"))
    assert reasons(world.tick(HOUR, person="u:cy")) == ["suppressed"]
    assert world.person("u:cy").consents.refusals == {}


def test_a_refusal_of_one_purpose_is_of_that_alone(world: World) -> None:
    """By the page behind a mail's link."""
    said = {"word": "unsubscribed", "message_id": "m", "reason": "news"}
    world.take(guide(world), world.event("feedback", trusted=True, speaker="signed_link", feedback=said))
    assert home(world).refusals == {"unsubscribed:news": world.now}
    world.take(guide(world, "u:bo"))
    assert asked(world.tick(HOUR, person="u:bo"))


def test_an_opt_out_and_its_lift_reach_all(world: World) -> None:
    """The lift undoes what was before it, for everybody."""
    world.take(guide(world), guide(world, "u:bo"))
    world.take(world.event("privacy", privacy="opt_out", trusted=True))
    assert home(world).refusals == {"opt_out": world.now}
    world.now += MINUTE
    world.take(world.event("privacy", privacy="lift", trusted=True, speaker="operator"))
    assert world.person("u:bo").consents.refusals == {"opt_out": world.now - MINUTE, "lifted": world.now}
    assert asked(world.tick(HOUR, person="u:bo"))


def test_an_erasure_by_address_erases_all_who_use_it(world: World) -> None:
    """Also the one known by the address alone; of the mailbox nothing stays but the refusal."""
    world.take(guide(world), guide(world, "u:bo"))
    world.take(world.event("privacy", person=f"e:{KEY}", privacy="erase", trusted=True, speaker="operator"))
    for person in ("u:ana", "u:bo", f"e:{KEY}"):
        assert world.person(person).identity.erased is not None
    assert [*map(str, sorted(reasons(world.sent)))] == ["erased", "erased"]
    assert home(world) == Mailbox(refusals={"erased": world.now})
    assert [each.address_key for each in world.refused] == [KEY]


def test_an_erasure_by_id_reaches_the_one_known_by_the_address(world: World) -> None:
    """Before anything of them came: nothing revives them later. Who heard of it twice is erased once."""
    world.take(guide(world))
    world.take(world.event("privacy", privacy="erase", trusted=True, speaker="operator"))
    assert world.person(f"e:{KEY}").identity.erased is not None
    erased = world.person(f"e:{KEY}").identity.erased
    world.keep(world.own(Heard(id="x", person=f"e:{KEY}", mailbox=HOME, word="erased", time_ms=world.now + 5)))
    assert world.person(f"e:{KEY}").identity.erased == erased
    world.take(guide(world, f"e:{KEY}"))
    assert "erased" in reasons(world.sent)


def test_a_pause_is_the_mailboxes(world: World) -> None:
    """Whoever asked for it behind a mail's link; of two the one asked for last stands."""
    world.take(guide(world), guide(world, "u:bo"))
    for later, days in ((0, 9), (1, 1)):
        world.take(world.event("choice", speaker="signed_link", trusted=True,
                               time_ms=world.now + later, until_ms=world.now + days * DAY))  # fmt: skip
    assert reasons(world.tick(HOUR, person="u:bo")) == ["paused"]
    assert asked(world.tick(DAY, person="u:bo"))


def test_another_address_is_another_mailbox(world: World) -> None:
    """The former is left, and what was reserved there is its own; caps of the person hold all the same."""
    world.take(guide(world))
    [request] = asked(world.tick(30 * MINUTE))
    world.now += MINUTE
    world.take(world.event("identify", address=ELSE_ADDRESS, trusted=True))
    assert (home(world).persons, list(home(world, f"m:{OTHER}").persons)) == ({}, ["u:ana"])
    world.take(world.feedback("delivered", request.decision_id))
    assert [touch.word for touch in home(world).touches.values()] == ["delivered"]
    assert home(world, f"m:{OTHER}").touches == {}
    world.take(guide(world, consent=[{**CONSENT[0], "address_key": OTHER}], address=ELSE_ADDRESS))
    assert reasons(world.tick(30 * MINUTE)) == ["purpose_taken"]


def test_what_is_heard_of_a_mailbox_that_was_left_says_nothing(world: World) -> None:
    """It was on its way meanwhile."""
    world.take(guide(world))
    world.take(world.event("identify", address=ELSE_ADDRESS, trusted=True))
    world.keep(world.own(Heard(id="x", person="u:ana", mailbox=HOME, word="complained", time_ms=world.now)))
    assert world.person().consents.refusals == {}


def test_a_mailbox_is_shown_to_a_reader(world: World) -> None:
    """Times as instants; nothing that is empty."""
    world.take(guide(world))
    world.tick(30 * MINUTE)
    world.take(world.event("choice", speaker="signed_link", trusted=True, until_ms=world.now + DAY))
    said = shown(home(world), HOME)
    assert (said["mailbox"], said["used by"]) == (HOME, {"u:ana": "2026-11-24 06:00:00 UTC"})
    assert said["paused until"] == "2026-11-25 06:30:00 UTC"
    [touch] = said["touches"].values()
    assert (touch["purpose"], touch["time"]) == ("next-step", "2026-11-24 06:30:00 UTC")
    assert "refusals" not in said


@pytest.mark.parametrize("person", ["m:" + KEY, "x:1"])
def test_no_event_is_a_mailboxes(world: World, person: str) -> None:
    """What comes from outside is a person's, or refused."""
    step = world.take(world.event(person=person))
    assert len(step.rejects) == 1
    assert (step.values, step.homes) == ({}, {})


def test_a_person_with_an_odd_key_has_no_mailbox(world: World) -> None:
    """Their key is longer than an address's: nobody gave one."""
    world.take(world.event("privacy", person="e:" + "x" * 80, privacy="opt_out", trusted=True, speaker="operator"))
    assert (world.refused, world.persons.homes) == ([], {})


def test_what_bounced_at_the_former_address_is_its_homes(world: World) -> None:
    """The mail knows where it went; the new address is refused nothing at its home."""
    world.take(guide(world))
    [request] = asked(world.tick(30 * MINUTE))
    world.now += MINUTE
    world.take(world.event("identify", address=ELSE_ADDRESS, trusted=True))
    world.take(world.feedback("bounced", request.decision_id, bounce_class="hard"))
    assert home(world).refusals == {"bounced": world.now}
    assert home(world, f"m:{OTHER}").refusals == {}
    assert [each.address_key for each in world.refused] == [KEY]
