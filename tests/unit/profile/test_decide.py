"""Whether to ask for a mail, and when."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.identity import message_id_of
from services.profile.pipeline import encode
from tests.unit.profile.conftest import World, WorldOf

PLAYBOOK: dict[str, Any] = {
    "version": 1, "name": "guide", "purpose": "next-step", "entry": ["Guide Downloaded"], "experiment": {"name": "e"},
    "quiet_period_s": 7_200,
}  # fmt: skip
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def test_a_conversion_is_asked_for_after_its_quiet_period(world: World) -> None:
    """The request holds who, why, until when, and the profile as it is then."""
    step = world.take(world.guide(traits={"firstName": "Ana", "company": "Acme"}, language="es", title="A guide"))
    assert step.timers == ((world.now + 30 * MINUTE, "u:ana"),)
    assert world.tick(29 * MINUTE) == []
    [request] = world.tick(MINUTE)
    assert (request.recipient.address, request.recipient.name, request.language) == ("ana@example.com", "Ana", "es")
    assert (request.arm, request.consent.proof) == ("treatment", "form:guide 2026-01")
    assert (request.trigger.title, request.trigger.attempt) == ("A guide", 0)
    assert request.snapshot.evidence == pytest.approx(3, rel=0.01)
    assert "Ana" not in request.snapshot.model_dump_json()
    assert "ana@example.com" not in request.snapshot.model_dump_json()
    assert (request.expires_at - request.not_before).days == 2
    assert world.counts["asked"] == 1


def test_each_new_event_extends_the_wait_to_its_limit(world: World) -> None:
    """Thirty minutes after the latest event, two hours in all; feedback is no such event."""
    world.take(world.guide())
    opened = world.now
    for minutes in (20, 40, 60, 80, 100, 110):
        world.now = opened + minutes * MINUTE
        world.take(world.event())
    world.take(world.feedback("delivered"))
    assert world.person().triggers.by_purpose["next-step"].due_ms == opened + 120 * MINUTE


def test_a_setting_replaces_every_quiet_period(world_of: WorldOf) -> None:
    """Without a wait a conversion is due at once, and decided by the next tick."""
    world = world_of(quiet_period_s=0)
    world.take(world.guide())
    assert len(world.tick()) == 1


@pytest.mark.parametrize(
    ("over", "reason"),
    [
        ({"consent": []}, "no_consent"),
        ({"consent": [{"purpose": "marketing", "given": True, "source": "crm"}], "address": None}, "no_address"),
        ({"name": "Trial Started", "properties": {}}, "too_little_evidence"),
        ({"address": {"value": "other@example.com", "key": "other"}}, "no_consent"),
        ({"address": None}, "no_address"),
    ],
)
def test_the_first_rule_that_matches_names_the_reason(world_of: WorldOf, over: Any, reason: str) -> None:
    """No mail is asked for, and the record says why."""
    world = world_of()
    event = {key: value for key, value in world.guide(**over).items() if value is not None}
    world.take(event)
    [decision] = world.tick(HOUR)
    assert (decision.ending, decision.reason, decision.stage) == ("not_asked", reason, "profile")
    assert decision.ended_at == datetime.fromtimestamp(world.now / 1000, UTC)
    assert world.person().triggers.by_purpose == {}


@pytest.mark.parametrize(("sent_before_ms", "is_asked"), [(0, True), (90_000, True), (8 * HOUR, False)])
def test_the_opening_conversion_counts_in_full(world_of: WorldOf, sent_before_ms: int, *, is_asked: bool) -> None:
    """Its weight is the minimum, and is not decayed by the wait for quiet, nor by a minute and a half on the way."""
    world = world_of({**PLAYBOOK, "minimum_evidence": 3})
    world.take(world.guide(time_ms=world.now - sent_before_ms))
    [said] = world.tick(2 * HOUR)
    assert (getattr(said, "reason", None) != "too_little_evidence") is is_asked


def test_what_lies_before_the_conversion_is_decayed_to_it(world_of: WorldOf) -> None:
    """Half of a weight that is a half-life old."""
    for least, is_asked in ((3.5, True), (3.6, False)):
        world = world_of({**PLAYBOOK, "minimum_evidence": least})
        world.take(world.event(path="/courses/other", time_ms=world.now - 30 * 24 * HOUR))
        world.take(world.guide())
        [said] = world.tick(2 * HOUR)
        assert (getattr(said, "reason", None) != "too_little_evidence") is is_asked


def test_an_old_conversion_is_folded_but_never_decided(world: World) -> None:
    """A rebuild must not mail: its record is written at once."""
    world.take(world.guide(time_ms=world.now - 25 * HOUR))
    assert [(each.ending, each.reason) for each in world.sent] == [("not_asked", "too_old")]
    assert "topic:seo" in world.person().interests.by_key


@pytest.mark.parametrize("late_ms", [DAY, DAY + HOUR])
def test_a_trigger_found_a_day_late_is_too_old(world: World, late_ms: int) -> None:
    """Whatever kept the worker away, a mail out of the blue helps nobody; a moment before, it is asked for."""
    world.take(world.guide(), world.guide(person="u:bo"))
    assert world.tick(30 * MINUTE + DAY - 1, "u:bo")[0].arm == "treatment"
    [decision] = world.tick(late_ms - DAY + 1)
    assert (decision.ending, decision.reason) == ("not_asked", "too_old")


def test_a_second_conversion_of_a_purpose_that_waits_ends_at_once(world: World) -> None:
    """One mail serves both; the record says so."""
    world.take(world.guide(), world.guide(name="Course Enrolled"))
    assert [(each.trigger.playbook, each.reason) for each in world.sent] == [("both", "purpose_taken")]


def test_a_served_purpose_stays_taken(world: World) -> None:
    """For fourteen days after the mail, as the playbook says."""
    world.take(world.guide())
    [request] = world.tick(HOUR)
    world.take(world.feedback("delivered", request.decision_id))
    world.now += 10 * DAY
    world.take(world.guide())
    assert world.tick(HOUR)[0].reason == "purpose_taken"
    world.now += 5 * DAY
    world.take(world.guide())
    assert world.tick(HOUR)[0].arm == "treatment"


def test_a_cap_makes_the_other_trigger_wait(world: World) -> None:
    """The attempt ends as waiting, with when it is tried again; the next has an id of its own."""
    world.take(world.guide(), world.guide(name="Trial Started"))
    second, first = world.tick(30 * MINUTE)
    assert (first.trigger.playbook, second.ending, second.reason) == ("guide", "waiting", "cap_reached")
    assert world.tick(23 * HOUR) == []
    assert second.retry_at == datetime.fromtimestamp((world.now + HOUR) / 1000, UTC)
    [third] = world.tick(HOUR)
    assert third.trigger.attempt == 1
    assert third.decision_id != second.decision_id


def test_events_do_not_move_what_waits_for_a_cap(world: World) -> None:
    """The retry is when the cap lets it go."""
    world.take(world.guide(), world.guide(name="Trial Started"))
    world.tick(30 * MINUTE)
    due_ms = world.person().triggers.by_purpose["trial"].due_ms
    world.take(world.event())
    assert world.person().triggers.by_purpose["trial"].due_ms == due_ms


def test_a_cap_that_never_frees_ends_the_trigger(world_of: WorldOf) -> None:
    """After `expires_after_s` it is not asked."""
    world = world_of(caps=[{"window_hours": 1000, "most": 1}])
    world.take(world.guide(), world.guide(name="Trial Started"))
    _, request = world.tick(30 * MINUTE)
    world.take(world.feedback("sent", request.decision_id))
    [last] = world.tick(2 * DAY)
    assert (last.ending, last.reason, last.trigger.attempt) == ("not_asked", "cap_reached", 1)


def test_a_mail_that_was_not_sent_gives_its_touch_back(world: World) -> None:
    """Touch and purpose are free again; a mail that went out is not given back."""
    world.take(world.guide())
    [request] = world.tick(HOUR)
    world.take(world.feedback("not_sent", request.decision_id))
    assert world.person().touches.rows == {}
    world.take(world.guide())
    [again] = world.tick(HOUR)
    world.take(world.feedback("sent", again.decision_id), world.feedback("not_sent", again.decision_id))
    assert len(world.person().touches.rows) == 1


def test_a_reservation_lapses_when_the_mail_has_expired(world: World) -> None:
    """Nothing heard by `expires_at`: the purpose and the touch are free."""
    world.take(world.guide())
    world.tick(HOUR)
    world.now += 3 * DAY
    world.take(world.guide())
    assert world.tick(HOUR)[0].arm == "treatment"


def test_feedback_finds_its_mail_by_message_id(world: World) -> None:
    """Many an ESP echoes nothing else."""
    world.take(world.guide())
    [request] = world.tick(HOUR)
    world.take(world.feedback("opened", message_id=message_id_of(request.decision_id)))
    world.take(world.feedback("sent", request.decision_id), world.feedback("delivered", "unheard-of"))
    assert world.person().touches.rows[request.decision_id].word == "opened"
    assert world.counts["unknown_touch"] == 1


def test_a_course_named_in_feedback_was_recommended(world: World) -> None:
    """So that it is not recommended twice."""
    world.take({**world.feedback("sent"), "properties": {"course": "c1"}})
    world.take({**world.feedback("failed"), "properties": {"course": "c2"}})
    world.take({**world.feedback("unknown"), "properties": {"course": "c3"}})
    assert list(world.person().history.recommended) == ["c1"]


def test_mail_that_may_have_gone_is_a_touch(world: World) -> None:
    """Past its reservation the purpose stays taken, and `not_sent` gives nothing back."""
    world.take(world.guide())
    [request] = world.tick(HOUR)
    world.take(world.feedback("unknown", request.decision_id), world.feedback("not_sent", request.decision_id))
    world.take(world.feedback("failed", request.decision_id))
    assert world.person().touches.rows[request.decision_id].word == "unknown"
    world.now += 3 * DAY
    world.take(world.guide())
    assert world.tick(HOUR)[0].reason == "purpose_taken"


def test_mail_that_may_have_gone_counts_for_the_caps(world_of: WorldOf) -> None:
    """Past its reservation another purpose waits for the week's one mail."""
    world = world_of(caps=[{"window_hours": 168, "most": 1}])
    world.take(world.guide())
    [request] = world.tick(HOUR)
    world.take(world.feedback("unknown", request.decision_id))
    world.now += 3 * DAY
    world.take(world.event("conversion", name="Trial Started", properties={"topic": "seo"}))
    assert [each.reason for each in world.tick(HOUR)] == ["cap_reached"]


@pytest.mark.parametrize("word", ["queued", "sent", "delivered", "bounced", "opened"])
def test_word_of_what_became_of_it_replaces_unknown(world: World, word: str) -> None:
    """In either order: an ESP may still say what the line did not."""
    world.take(world.guide())
    [request] = world.tick(HOUR)
    world.take(world.feedback("unknown", request.decision_id), world.feedback(word, request.decision_id))
    world.take(world.feedback("unknown", request.decision_id))
    assert world.person().touches.rows[request.decision_id].word == word


@pytest.mark.parametrize("word", ["unsubscribed", "complained"])
def test_who_refuses_mail_is_suppressed(world: World, word: str) -> None:
    """Even where the grant came in the same call."""
    world.take(world.guide(), world.feedback(word))
    assert world.tick(HOUR)[0].reason == "suppressed"


@pytest.mark.parametrize(
    "fact", [{"word": "unsubscribed"}, {"word": "complained"}, {"word": "bounced", "bounce_class": "hard"},
             {"word": "not_sent"}, {"word": "converted", "machine": "no"}]
)  # fmt: skip
def test_what_a_browser_says_of_a_mail_changes_nothing(world: World, fact: dict[str, str]) -> None:
    """Nobody is suppressed, no touch is given back, no outcome told: a write key is public."""
    world.take(world.guide())
    [request] = world.tick(HOUR)
    before = world.person()
    step = world.take({**world.feedback(decision=request.decision_id, **fact), "trusted": False})
    after = world.person()
    assert (after.events, after.newest_ms, step.sends) == (before.events + 1, world.now, ())
    assert after.identity.done.startswith(before.identity.done)
    after.events, after.newest_ms, after.size = before.events, before.newest_ms, before.size
    after.identity = before.identity
    assert encode(after) == encode(before)


def test_who_opts_out_is_suppressed(world: World) -> None:
    """Whatever is granted later."""
    world.take(world.event("privacy", trusted=True, privacy="opt_out"), world.guide(time_ms=world.now + 1))
    assert world.tick(HOUR)[0].reason == "suppressed"


def test_a_later_grant_to_a_server_lifts_an_unsubscribe_here(world: World) -> None:
    """The composer still wants a signed lift."""
    world.take(world.feedback("unsubscribed"))
    world.now += DAY
    world.take(world.guide())
    assert world.tick(HOUR)[0].arm == "treatment"


def test_a_dead_address_is_suppressed_until_there_is_another(world: World) -> None:
    """A hard bounce counts for the address of its time; a soft one for nothing."""
    world.take(
        world.guide(),
        world.feedback("bounced", bounce_class="soft"),
        world.feedback("bounced", bounce_class="hard"),
    )
    assert world.tick(HOUR)[0].reason == "suppressed"
    world.take(world.guide())
    assert world.tick(HOUR)[0].arm == "treatment"
    bounced = {"word": "bounced", "message_id": "m", "bounce_class": "hard"}
    world.take(world.event("feedback", person="u:eve", trusted=True, feedback=bounced))
    world.take({key: value for key, value in world.guide(person="u:eve").items() if key != "address"})
    assert world.tick(HOUR, "u:eve")[0].reason == "suppressed"
