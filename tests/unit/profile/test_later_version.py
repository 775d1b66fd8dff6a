"""What a later version writes: what it takes back or refuses counts, what it gives does not, and nothing is lost."""

import sys
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from msgspec import Raw
from msgspec.structs import replace

from services.profile.core.facets.clicks import SETTLE_MS
from services.profile.core.facets.identity import Identity
from services.profile.core.facets.mails import Mail
from services.profile.core.facets.touches import Touches
from services.profile.core.person import ERASED_BYTES, Person, encode, merge
from tests.profile_values import touch
from tests.unit.profile.conftest import World

NEW = {"of": "a later version"}
NEW_RAW = orjson.dumps(NEW)


def _withdrawn(given: Any) -> list[dict[str, Any]]:
    return [{"purpose": "marketing", "given": given, "source": "form"}]


def _reasons(world: World) -> list[str]:
    return [each.reason for each in world.tick(3_600_000)]


def test_event_of_an_unknown_kind_leaves_its_pack_and_is_left_aside(world: World) -> None:
    """Its neighbours are folded, and its coordinates count; it adds no interest and no trigger."""
    step = world.take(world.event("dreamt", path="/blog/crm/x"), world.event(path="/blog/seo/x"))
    assert step.rejects == ()
    assert sorted(world.person().interests.by_key) == ["topic:seo"]
    assert world.counts["unknown_kind"] == 1


@pytest.mark.parametrize("given", [False, "perhaps", 1, "true", None])
def test_consent_that_is_not_plainly_given_is_withdrawn(world: World, given: Any) -> None:
    """Another word than true is no consent, in an event of any kind."""
    for kind in ("track", "dreamt"):
        world.take(world.guide(), world.event(kind, consent=_withdrawn(given), trusted=True, time_ms=world.now + 1))
        assert _reasons(world) == ["no_consent"]


def test_unknown_kind_of_event_gives_no_consent(world: World) -> None:
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
def test_unknown_privacy_action_or_kind_lets_no_mail_go(world: World, parts: dict[str, Any]) -> None:
    """What refuses is taken as a refusal, however it is called."""
    world.take(world.guide(), world.event(trusted=True, **parts))
    assert _reasons(world) == ["suppressed"]


def test_export_refuses_nothing(world: World) -> None:
    """Who asks what is known of them has not refused mail."""
    world.take(world.guide(), world.event("privacy", trusted=True, privacy="export"))
    assert world.counts["export"] == 1
    assert world.person().consents.refusals == {}


def test_erasure_by_an_unknown_kind_of_event_erases(world: World) -> None:
    """Its part says so, and the event never comes again: taken for less, it would be lost. What waited ends."""
    world.take(world.guide(), world.event("dreamt", trusted=True, privacy="erase"))
    person = world.person()
    assert person.identity.erased is not None
    assert encode(person) == encode(
        Person(events=1, size=ERASED_BYTES, identity=Identity(erased=person.identity.erased))
    )
    assert [each.reason for each in world.sent] == ["erased"]


def test_erasure_by_an_unknown_kind_of_event_that_is_not_trusted_does_nothing(world: World) -> None:
    """A browser erases nobody, by whatever kind of event; it is a dead letter."""
    world.take(world.event(path="/blog/seo/x"))
    before = world.persons.raw["u:ana"]
    step = world.take(world.event("dreamt", privacy="erase"))
    assert [each.reason for each in step.rejects] == ["broken_event"]
    assert world.persons.raw["u:ana"] == before


def test_unknown_feedback_word_moves_nothing(world: World) -> None:
    """It is heard, and the touch stays as it is."""
    world.take(world.guide())
    (asked,) = world.tick(3_600_000)
    world.take(world.feedback("levitated", asked.decision_id))
    assert world.person().touches.rows[asked.decision_id].word == ""


def test_stored_word_that_nobody_knows_holds_caps_and_purpose(world: World) -> None:
    """It may say that the mail went: no second one goes, it is not given back, and no weaker word takes its place."""
    world.take(world.guide())
    (asked,) = world.tick(3_600_000)
    with world.changed() as person:
        asked_for = person.touches.rows[asked.decision_id]
        person.touches.rows[asked.decision_id] = replace(asked_for, word="levitated")
    world.take(world.feedback("not_sent", asked.decision_id), world.feedback("converted", asked.decision_id))
    assert world.person().touches.rows[asked.decision_id].word == "levitated"
    assert "given_back" not in world.counts
    world.now = asked_for.until_ms + 1
    world.take(world.guide())
    assert _reasons(world) == ["purpose_taken"]


def test_stored_word_that_nobody_knows_outlives_a_merge(world: World) -> None:
    """From either side."""
    for one, two in (("levitated", "converted"), ("converted", "levitated")):
        person, other = (Person(touches=Touches({"d": touch(world.now, word=each)})) for each in (one, two))
        merge(person, other, "a:b", 1.0)
        assert person.touches.rows["d"].word == "levitated"


@pytest.mark.parametrize(("machine", "word"), [("no", "clicked"), ("half", "")])
def test_unknown_word_for_a_machine_is_no_person(world: World, machine: str, word: str) -> None:
    """A click that may be a machine's tells nothing of the person."""
    world.take(world.guide())
    (asked,) = world.tick(3_600_000)
    world.take(world.feedback("clicked", asked.decision_id, machine=machine))
    world.tick(SETTLE_MS)
    mails = world.person().touches.mails
    assert (mails[asked.decision_id].heard if mails else "") == word


def test_unknown_kind_of_touch_stays_reserved(world: World) -> None:
    """It holds its purpose and its place under the caps, as if it had happened."""
    world.take(world.guide())
    (asked,) = world.tick(3_600_000)
    with world.changed() as person:
        asked_for = person.touches.rows[asked.decision_id]
        person.touches.rows[asked.decision_id] = replace(asked_for, kind="whispered")
    world.take(world.feedback("not_sent", asked.decision_id))
    world.take(world.guide())
    assert _reasons(world) == ["purpose_taken"]


def test_part_nobody_knows_stays_in_the_state_and_goes_with_it(world: World) -> None:
    """Through folding, and through a link to the known person; erasure takes it too."""
    with world.changed("a:b") as person:
        person.rest["later"] = Raw(NEW_RAW)
    world.take(world.event(person="a:b", path="/blog/crm/x"))
    assert world.person("a:b").rest["later"] == Raw(NEW_RAW)
    world.take(world.event("linked", name="identity.linked", person="a:b", link="u:ana"))
    assert "later" not in world.person("a:b").rest
    world.loop()
    assert world.person().rest["later"] == Raw(NEW_RAW)
    world.take(world.event("privacy", privacy="erase", trusted=True))
    assert "later" not in world.person().rest


def test_two_parts_nobody_knows_merge_in_any_order() -> None:
    """To one of the two, whichever came first."""
    one, two = {"later": Raw(NEW_RAW), "mine": Raw(b"1")}, {"later": Raw(b"[2]"), "theirs": Raw(b"3")}
    left, right = Person(rest=dict(one)), Person(rest=dict(two))
    merge(left, Person(rest=dict(two)), "a:b", 1.0)
    merge(right, Person(rest=dict(one)), "a:b", 1.0)
    assert encode(left) == encode(right)
    assert left.rest.keys() == {"mine", "theirs", "later"}
    assert bytes(left.rest["later"]) in {NEW_RAW, b"[2]"}


def test_late_event_is_rekeyed_with_what_nobody_knows(world: World) -> None:
    """The event goes on as it came."""
    world.take(world.event("linked", name="identity.linked", person="a:b", link="u:ana"))
    world.take(world.event(person="a:b", later=NEW))
    rekeyed = orjson.loads(world.sent[-1].model_dump_json())
    assert rekeyed["event"]["later"] == NEW


@pytest.fixture
def reads_deep() -> Iterator[None]:
    """A Python in which the one pass goes through more levels than any other library reads."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("reads_deep")
@pytest.mark.parametrize("levels", [300, 3_000])
def test_late_event_is_rekeyed_without_what_nests_too_deep(world: World, levels: int) -> None:
    """What nobody knows and no reader could read costs that part, not the event, and stops no worker.

    Of 300 levels the adapter refuses the event; of 3,000 no library but that of the one pass reads the pack at all.
    """
    world.take(world.event("linked", name="identity.linked", person="a:b", link="u:ana"))
    pack = orjson.dumps({"v": 1, "events": [world.guide(person="a:b", later="HERE")]})
    world.raw("events.clean", pack.replace(b'"HERE"', b"[" * levels + b"]" * levels))
    rekeyed = orjson.loads(world.sent[-1].model_dump_json())
    assert (rekeyed["event"]["name"], "later" in rekeyed["event"]) == ("Guide Downloaded", False)
    world.loop()
    assert world.person().triggers.by_purpose.keys() == {"next-step"}


def test_outcome_nobody_knows_is_told_once(world: World) -> None:
    """A word of a later version outranks those known: nothing weaker is told after it."""
    world.take(world.guide())
    (asked,) = world.tick(3_600_000)
    world.take(world.feedback("clicked", asked.decision_id, properties=None))
    with world.changed() as person:
        assert asked.decision_id in person.touches.mails
        person.touches.mails[asked.decision_id] = Mail("seo-1", "enchanted", "enchanted", world.now)
    told = world.take(world.feedback("converted", asked.decision_id)).sends
    assert told == ()
