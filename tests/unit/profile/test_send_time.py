"""A due trigger moves to the hour in which the person reads, where its playbook says so; what was found is said."""

import pytest

from tests.profile_values import touch
from tests.reading import HOUR_MS as HOUR
from tests.reading import about, found, hour_of_day, opens, sends, world_that_waits
from tests.unit.profile.conftest import World

DAY = 24 * HOUR
MINUTE = 60_000
WISH = {"within_hours": 24}
MORNING = about(15)  # NOW is 06:00 of UTC, a Tuesday
PURPOSE = "next-step"


def due_ms(world: World) -> int:
    """When Ana's trigger is due."""
    return world.person().triggers.by_purpose[PURPOSE].due_ms


def test_it_is_off_unless_a_playbook_has_it() -> None:
    """The record says nothing of it, and the mail goes when it is due."""
    world = world_that_waits(None)
    opens(world, MORNING)
    [request] = world.tick(HOUR)
    assert request.trigger.send_time is None
    assert "send_time" not in request.model_dump_json()
    assert sends(world) == []


def test_a_mail_waits_for_the_hour_in_which_the_person_reads() -> None:
    """No record and no attempt of its own: the same trigger is due then, and its record says why."""
    world = world_that_waits(WISH)
    opens(world, MORNING)
    was_due_ms = due_ms(world)
    assert world.tick(HOUR) == []
    moved_ms = due_ms(world)
    assert hour_of_day(moved_ms) == 15
    assert was_due_ms < moved_ms <= was_due_ms + DAY
    assert world.tick(moved_ms - world.now - 1) == []
    [request] = world.tick(1)
    told = found(request)
    assert (told.reason, told.experiment, request.trigger.attempt) == ("moved", "send-time", 0)
    assert (told.best_at, request.not_before) == (request.trigger.due_at, request.trigger.due_at)
    assert told.was_due.timestamp() == was_due_ms / 1000
    assert told.score_best is not None
    assert told.score_best > 1 > told.score_due
    assert sends(world) == ["send_time_moved"]


def test_a_trigger_moves_once() -> None:
    """What the person does while it waits moves it no further."""
    world = world_that_waits({"within_hours": 48}, expires_after_s=7 * 86_400)
    opens(world, MORNING)
    world.tick(HOUR)
    moved_ms = due_ms(world)
    with world.changed() as person:
        person.engagement.hours = about(20, times=50)
    assert len(world.tick(moved_ms - world.now)) == 1
    assert world.counts["send_time_moved"] == 1


def test_too_little_is_known_of_most() -> None:
    """One long visit is no habit: a hundred acts in one hour are less than a few in each of three."""
    world = world_that_waits(WISH)
    opens(world, about(15, times=100, days=[1]))
    [request] = world.tick(HOUR)
    told = found(request)
    assert (told.reason, told.best_at, told.evidence) == ("too_little", None, 6.658)
    assert sends(world) == ["send_time_too_little"]


def test_no_mail_waits_for_an_hour_that_is_hardly_better() -> None:
    """Who is about all day is mailed at once, and so is who is about a little more in one hour."""
    for hours in (about(*range(24)), about(*range(24)) | about(15, times=5)):
        world = world_that_waits(WISH)
        opens(world, hours)
        [request] = world.tick(HOUR)
        assert found(request).reason == "no_better"
        assert found(request).score_due == pytest.approx(1, abs=0.03)
        assert sends(world) == ["send_time_no_better"]


def test_a_night_in_which_the_person_reads_is_no_hour_for_a_mail() -> None:
    """Not even the one in which it is due, where the trigger ends before the morning."""
    quiet = {"quiet_hours": {"time_zone": "UTC", "start": 5, "end": 18}}
    world = world_that_waits(WISH, brand=quiet, expires_after_s=6 * 3_600)
    opens(world, about(6, 7))
    assert world.tick(HOUR) == []
    assert hour_of_day(due_ms(world)) == 18
    assert sends(world) == ["send_time_no_better"]


def test_a_mail_that_is_due_in_the_best_hour_goes() -> None:
    """It does not wait for the next day's."""
    world = world_that_waits({"within_hours": 48})
    opens(world, about(6, 7))
    [request] = world.tick(HOUR)
    assert found(request).reason == "no_better"


def test_the_best_hour_within_reach_is_taken() -> None:
    """Four hours are not enough for the afternoon; the neighbour hours of a habit are better than others."""
    world = world_that_waits({"within_hours": 8})
    opens(world, MORNING)
    world.tick(HOUR)
    assert hour_of_day(due_ms(world)) in {13, 14}
    world = world_that_waits({"within_hours": 4})
    opens(world, MORNING)
    assert found(world.tick(HOUR)[0]).reason == "no_better"


def test_a_mail_moves_to_no_hour_beyond_its_playbooks_expiry() -> None:
    """However far it might move."""
    world = world_that_waits({"within_hours": 168}, expires_after_s=8 * 3_600)
    opens(world, MORNING)
    world.tick(HOUR)
    assert due_ms(world) < world.now - HOUR + 8 * HOUR
    world = world_that_waits({"within_hours": 168}, expires_after_s=3_600)
    opens(world, MORNING)
    assert found(world.tick(30 * MINUTE)[0]).reason == "no_better"


def test_a_habit_of_days_moves_a_mail_to_the_day() -> None:
    """Who reads on Thursdays gets it on Thursday, at that hour."""
    world = world_that_waits({"within_hours": 96}, expires_after_s=7 * 86_400)
    opens(world, about(15, times=200, days=[3]) | about(15, times=1, days=[1, 2]))
    world.tick(HOUR)
    assert (due_ms(world) // HOUR + 72) % 168 == 3 * 24 + 15


def test_persons_of_one_hour_are_spread_over_it() -> None:
    """Else all mails of a business go out in the same second."""
    minutes = set()
    for number in range(40):
        world = world_that_waits(WISH)
        opens(world, MORNING, id=f"guide-{number}")
        world.tick(HOUR)
        assert hour_of_day(due_ms(world)) == 15
        minutes.add(due_ms(world) % HOUR // (15 * MINUTE))
    assert minutes == {0, 1, 2, 3}


def test_a_mail_never_moves_into_quiet_hours() -> None:
    """Who reads at night is mailed in the best hour of the day, by their own clock."""
    quiet = {"quiet_hours": {"time_zone": "Europe/Madrid", "start": 21, "end": 8}}
    night = about(1, 2, 3, times=20) | about(12, times=3)  # in UTC; Auckland is 13 hours ahead
    world = world_that_waits(WISH, brand=quiet)
    opens(world, night)
    world.tick(2 * HOUR)
    assert hour_of_day(due_ms(world)) == 12
    world = world_that_waits(WISH, brand=quiet)
    opens(world, night, timezone="Pacific/Auckland")
    world.tick(2 * HOUR)
    assert hour_of_day(due_ms(world)) in {1, 2, 3}


def test_a_mail_that_is_due_in_quiet_hours_waits_for_their_end_or_better() -> None:
    """The morning's first hour is what a better one is measured by."""
    quiet = {"quiet_hours": {"time_zone": "UTC", "start": 5, "end": 10}}
    world = world_that_waits(WISH, brand=quiet)
    opens(world, about(10))
    assert world.tick(HOUR) == []
    assert (hour_of_day(due_ms(world)), due_ms(world) % HOUR) == (10, 0)
    assert sends(world) == ["send_time_no_better"]
    [request] = world.tick(due_ms(world) - world.now)
    assert found(request).reason == "no_better"
    assert world.counts["quiet_hours"] == 1


def test_the_better_hour_is_one_after_the_cap() -> None:
    """A cap that holds is waited for first; then the mail moves to the next good hour."""
    world = world_that_waits(WISH, brand={"caps": [{"window_hours": 24, "most": 1}]}, expires_after_s=7 * 86_400)
    opens(world, MORNING)
    sent_ms = world.now - 4 * HOUR  # at 02:00: free again at 02:00 of the next day
    with world.changed() as person:
        person.touches.rows = {"0" * 8 + "-0000-5000-8000-" + "0" * 12: touch(sent_ms, sent_ms + 60 * DAY, purpose="x")}
    [waits] = world.tick(HOUR)
    assert (waits.reason, waits.trigger.send_time) == ("cap_reached", None)
    world.now = due_ms(world)
    if world.tick():
        pytest.fail("the cap was to be free, and the hour to be looked for")
    assert (hour_of_day(due_ms(world)), world.counts["send_time_moved"]) == (15, 1)
    assert due_ms(world) - sent_ms > DAY


def test_a_cap_that_is_reached_meanwhile_is_kept() -> None:
    """The caps are asked again in the better hour, which then is no reason any more."""
    world = world_that_waits(WISH, brand={"caps": [{"window_hours": 24, "most": 1}]})
    opens(world, MORNING)
    world.tick(HOUR)
    moved_ms = due_ms(world)
    with world.changed() as person:
        row = touch(moved_ms - HOUR, moved_ms + DAY, purpose="x")
        person.touches.rows = {"0" * 8 + "-0000-5000-8000-" + "0" * 12: row}
    [waits] = world.tick(moved_ms - world.now)
    assert (waits.reason, found(waits).reason) == ("cap_reached", "moved")
    [request] = world.tick(due_ms(world) - world.now)
    assert (request.trigger.attempt, found(request).reason) == (1, "moved")
    assert world.counts["send_time_moved"] == 1


def test_the_usual_hours_of_all_readers_lead_where_little_is_known() -> None:
    """By the person's own clock: nine o'clock in Madrid is eight in UTC in winter."""
    usual = [0.0] * 24
    usual[19] = 1.0
    world = world_that_waits({**WISH, "usual_hours": usual, "minimum_evidence": 2})
    opens(world, about(1, times=1, days=[2, 4]), timezone="Europe/Madrid")
    world.tick(HOUR)
    assert hour_of_day(due_ms(world)) == 18
    unknown = world_that_waits({**WISH, "usual_hours": usual, "minimum_evidence": 2})
    opens(unknown, about(1, times=1, days=[2, 4]))
    unknown.tick(HOUR)
    assert hour_of_day(due_ms(unknown)) == 1  # nobody knows which hour of theirs is the nineteenth


def test_the_usual_hours_of_a_week_know_its_days() -> None:
    """From Monday, 168 of them."""
    usual = [0.0] * 168
    usual[24 * 2 + 9] = 1.0  # Wednesday
    world = world_that_waits({"within_hours": 40, "usual_hours": usual, "minimum_evidence": 1})
    opens(world, about(1, times=1, days=[6]), timezone="Europe/London")
    world.tick(HOUR)
    assert (due_ms(world) // HOUR + 72) % 168 == 24 * 2 + 9


def test_what_ends_a_trigger_ends_it_in_its_better_hour_too() -> None:
    """All rules are asked again: who withdrew meanwhile gets nothing."""
    world = world_that_waits(WISH)
    opens(world, MORNING)
    world.tick(HOUR)
    world.take(world.event("privacy", name="opt_out", trusted=True, speaker="operator", privacy="opt_out"))
    [decision] = world.tick(due_ms(world) - world.now)
    assert (decision.reason, found(decision).reason) == ("suppressed", "moved")


def test_a_machines_click_is_no_reading() -> None:
    """Hours are those in which a person did something: of clicks, those that a person made."""
    world = world_that_waits(WISH)
    world.take(world.guide())
    with world.changed() as person:
        before = dict(person.engagement.hours)
    world.take(world.feedback("clicked", machine="yes"), world.feedback("opened"), world.feedback("delivered"))
    world.tick(10 * MINUTE)
    assert world.person().engagement.hours == before


def test_a_ghost_waits_like_a_mail() -> None:
    """Who is held out is held out in the same hour."""
    world = world_that_waits(WISH, experiment={"name": "e", "holdout": 1})
    opens(world, MORNING)
    assert world.tick(HOUR) == []
    [decision] = world.tick(due_ms(world) - world.now)
    assert (decision.reason, found(decision).reason) == ("holdout", "moved")
