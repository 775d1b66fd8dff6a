"""What a later version writes: what it takes back or refuses counts, what it gives does not, and nothing is lost."""

from typing import Any

import orjson
import pytest

from services.profile.core.person import encode, merge
from tests.profile_values import person_of, value_of

NEW = {"of": "a later version"}


def _withdrawn(given: Any) -> list[dict[str, Any]]:
    return [{"purpose": "marketing", "given": given, "source": "form"}]


def _reasons(world: Any) -> list[str]:
    return [each.reason for each in world.tick(3_600_000)]


def test_event_of_an_unknown_kind_leaves_its_pack_and_is_left_aside(world: Any) -> None:
    """Its neighbours are folded, and its coordinates count; it adds no interest and no trigger."""
    step = world.take(world.event("dreamt", path="/blog/crm/x"), world.event(path="/blog/seo/x"))
    assert step.rejects == ()
    assert sorted(world.values["u:ana"]["i"]) == ["topic:seo"]
    assert world.counts["unknown_kind"] == 1


@pytest.mark.parametrize("given", [False, "perhaps", 1, "true", None])
def test_consent_that_is_not_plainly_given_is_withdrawn(world: Any, given: Any) -> None:
    """Another word than true is no consent, in an event of any kind."""
    for kind in ("track", "dreamt"):
        world.take(world.guide(), world.event(kind, consent=_withdrawn(given), trusted=True, time_ms=world.now + 1))
        assert _reasons(world) == ["no_consent"]


def test_unknown_kind_of_event_gives_no_consent(world: Any) -> None:
    """Whoever knows the kind may know a condition of it."""
    world.take(world.guide(consent=[]), world.event("dreamt", consent=_withdrawn(given=True), trusted=True))
    assert _reasons(world) == ["no_consent"]


@pytest.mark.parametrize(
    "parts",
    [
        {"kind": "privacy", "privacy": "forget_a_little"},
        {"kind": "dreamt", "privacy": "opt_out"},
        {"kind": "dreamt", "feedback": {"word": "complained", "message_id": "none"}},
    ],
)
def test_unknown_privacy_action_or_kind_lets_no_mail_go(world: Any, parts: dict[str, Any]) -> None:
    """What refuses is taken as a refusal, however it is called."""
    world.take(world.guide(), world.event(trusted=True, **parts))
    assert _reasons(world) == ["suppressed"]


def test_export_refuses_nothing(world: Any) -> None:
    """Who asks what is known of them has not refused mail."""
    world.take(world.guide(), world.event("privacy", trusted=True, privacy="export"))
    assert world.counts["export"] == 1
    assert "supp" not in world.values["u:ana"]


def test_erasure_by_an_unknown_kind_of_event_erases(world: Any) -> None:
    """Its part says so, and the event never comes again: taken for less, it would be lost. What waited ends."""
    world.take(world.guide(), world.event("dreamt", trusted=True, privacy="erase"))
    assert "gone" in world.values["u:ana"]
    assert world.values["u:ana"].keys() == {"v", "n", "new", "size", "gone"}
    assert [each.reason for each in world.sent] == ["erased"]


def test_erasure_by_an_unknown_kind_of_event_that_is_not_trusted_does_nothing(world: Any) -> None:
    """A browser erases nobody, by whatever kind of event; it is a dead letter."""
    world.take(world.event(path="/blog/seo/x"))
    before = world.values["u:ana"]
    step = world.take(world.event("dreamt", privacy="erase"))
    assert [each.reason for each in step.rejects] == ["broken_event"]
    assert world.values["u:ana"] == before


def test_unknown_feedback_word_moves_nothing(world: Any) -> None:
    """It is heard, and the touch stays as it is."""
    world.take(world.guide())
    (asked,) = world.tick(3_600_000)
    world.take(world.feedback("levitated", asked.decision_id))
    assert world.values["u:ana"]["touch"][asked.decision_id][5] == ""


def test_stored_word_that_nobody_knows_holds_caps_and_purpose(world: Any) -> None:
    """It may say that the mail went: no second one goes, it is not given back, and no weaker word takes its place."""
    world.take(world.guide())
    (asked,) = world.tick(3_600_000)
    touch = world.values["u:ana"]["touch"][asked.decision_id]
    touch[5] = "levitated"
    world.take(world.feedback("not_sent", asked.decision_id), world.feedback("converted", asked.decision_id))
    assert world.values["u:ana"]["touch"][asked.decision_id][5] == "levitated"
    assert "given_back" not in world.counts
    world.now = touch[1] + 1
    world.take(world.guide())
    assert _reasons(world) == ["purpose_taken"]


def test_stored_word_that_nobody_knows_outlives_a_merge(world: Any) -> None:
    """From either side."""
    row = [world.now, world.now, "next-step", "guide", "ask"]
    for one, two in (("levitated", "converted"), ("converted", "levitated")):
        person, other = person_of({"touch": {"d": [*row, one]}}), person_of({"touch": {"d": [*row, two]}})
        merge(person, other, "a:b", 1.0)
        assert person.touches.rows["d"].word == "levitated"


@pytest.mark.parametrize(("machine", "word"), [("no", "clicked"), ("half", "")])
def test_unknown_word_for_a_machine_is_no_person(world: Any, machine: str, word: str) -> None:
    """A click that may be a machine's tells nothing of the person."""
    world.take(world.guide())
    (asked,) = world.tick(3_600_000)
    world.take(world.feedback("clicked", asked.decision_id, machine=machine))
    assert world.values["u:ana"].get("mail", {}).get(asked.decision_id, ["", ""])[1] == word


def test_unknown_kind_of_touch_stays_reserved(world: Any) -> None:
    """It holds its purpose and its place under the caps, as if it had happened."""
    world.take(world.guide())
    (asked,) = world.tick(3_600_000)
    world.values["u:ana"]["touch"][asked.decision_id][4] = "whispered"
    world.take(world.feedback("not_sent", asked.decision_id))
    world.take(world.guide())
    assert _reasons(world) == ["purpose_taken"]


def test_part_nobody_knows_stays_in_the_state_and_goes_with_it(world: Any) -> None:
    """Through folding, and through a link to the known person; erasure takes it too."""
    world.values["a:b"] = {"v": 1, "later": NEW}
    world.take(world.event(person="a:b", path="/blog/crm/x"))
    assert world.values["a:b"]["later"] == NEW
    world.take(world.event("linked", name="identity.linked", person="a:b", link="u:ana"))
    assert "later" not in world.values["a:b"]
    world.loop()
    assert world.values["u:ana"]["later"] == NEW
    world.take(world.event("privacy", privacy="erase", trusted=True))
    assert "later" not in world.values["u:ana"]


def test_two_parts_nobody_knows_merge_in_any_order() -> None:
    """To one of the two, whichever came first."""
    one, two = {"later": NEW, "mine": 1}, {"later": [2], "theirs": 3}
    left, right = person_of(one), person_of(two)
    merge(left, person_of(two), "a:b", 1.0)
    merge(right, person_of(one), "a:b", 1.0)
    assert encode(left) == encode(right)
    assert {"mine", "theirs", "later"} <= value_of(left).keys()


def test_late_event_is_rekeyed_with_what_nobody_knows(world: Any) -> None:
    """The event goes on as it came."""
    world.take(world.event("linked", name="identity.linked", person="a:b", link="u:ana"))
    world.take(world.event(person="a:b", later=NEW))
    rekeyed = orjson.loads(world.sent[-1].model_dump_json())
    assert rekeyed["event"]["later"] == NEW


def test_outcome_nobody_knows_is_told_once(world: Any) -> None:
    """A word of a later version outranks those known: nothing weaker is told after it."""
    world.take(world.guide())
    (asked,) = world.tick(3_600_000)
    world.take(world.feedback("clicked", asked.decision_id, properties=None))
    row = ["seo-1", "enchanted", "enchanted", world.now]
    world.values["u:ana"]["mail"][asked.decision_id] = row
    told = world.take(world.feedback("converted", asked.decision_id)).sends
    assert told == ()
