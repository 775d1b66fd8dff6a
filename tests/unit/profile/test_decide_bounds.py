"""Budget, arms, quiet hours and the caps of size."""

from datetime import UTC, datetime

import pytest

from services.profile.core.person import Person
from services.profile.core.quiet import quiet_until
from services.profile.core.request import Case, request
from tests.profile_values import touch, trigger
from tests.unit.profile.conftest import World, WorldOf

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
GUIDE = {
    "version": 1,
    "name": "guide",
    "purpose": "next-step",
    "entry": ["Guide Downloaded"],
    "experiment": {"name": "e"},
}


def test_the_days_budget_is_kept(world_of: WorldOf) -> None:
    """Of one partition and UTC day; the checkpoint carries it, and a new day begins anew."""
    world = world_of(decisions_per_day=1)
    for person in ("u:a", "u:b", "u:c"):
        world.take(world.guide(person=person))
    world.now += 30 * MINUTE
    assert world.tick(0, "u:a")[0].arm == "treatment"
    assert world.tick(0, "u:b")[0].reason == "budget_spent"
    assert world.checkpoint["spent"]["decisions"] == 1
    world.now += DAY - HOUR
    assert world.tick(0, "u:c")[0].arm == "treatment"


def test_who_is_held_out_gets_a_ghost(world_of: WorldOf) -> None:
    """A decision and a touch as if, so that arms compare like with like."""
    world = world_of({**GUIDE, "experiment": {"name": "e", "holdout": 1}})
    world.take(world.guide())
    [decision] = world.tick(HOUR)
    assert (decision.ending, decision.reason, decision.arm) == ("held_out", "holdout", "holdout")
    assert [each.kind for each in world.person().touches.rows.values()] == ["ghost"]
    world.now += 3 * DAY
    world.take(world.guide())
    assert world.tick(HOUR)[0].reason == "purpose_taken"


def test_the_usual_arm_is_asked_for_too(world_of: WorldOf) -> None:
    """It gets the popular course, which the recommender knows."""
    world = world_of({**GUIDE, "experiment": {"name": "e", "usual": 1}})
    world.take(world.guide())
    assert world.tick(HOUR)[0].arm == "usual"


def test_a_trigger_of_a_playbook_that_is_gone_ends(world: World, world_of: WorldOf) -> None:
    """Taking a playbook out of the program leaves nothing waiting for ever."""
    world.take(world.guide())
    world.rules = world_of({**GUIDE, "name": "other", "entry": ["Else"]}).rules
    world.take(world.event())
    [decision] = world.tick(HOUR)
    assert (decision.reason, decision.experiment) == ("playbook_gone", "none")


def test_the_mail_waits_for_the_end_of_quiet_hours(world_of: WorldOf) -> None:
    """No record and no attempt: the same trigger is looked at again in the morning."""
    world = world_of(quiet_hours={"time_zone": "Europe/Madrid", "start": 21, "end": 7})
    world.now = 1_795_557_600_000  # 24 November 2026, 22:00 in UTC, 23:00 in Madrid
    world.take(world.guide())
    assert world.tick(HOUR) == []
    assert world.counts["quiet_hours"] == 1
    assert world.person().triggers.by_purpose["next-step"].due_ms == 1_795_557_600_000 + 8 * HOUR
    assert world.tick(7 * HOUR)[0].trigger.attempt == 0


@pytest.mark.parametrize(
    ("start", "end", "hour", "waits"),
    [(21, 7, 3, 4), (21, 7, 12, 0), (12, 14, 13, 1), (12, 14, 14, 0), (12, 14, 11, 0), (9, 9, 9, 0)],
)
def test_quiet_hours_end_where_they_say(world_of: WorldOf, start: int, end: int, hour: int, waits: int) -> None:
    """In their own time zone, over midnight or within a day; none where start is end."""
    zone = world_of(quiet_hours={"time_zone": "UTC", "start": start, "end": end}).rules.quiet_hours
    now = 1_795_478_400_000 + hour * HOUR  # 24 November 2026
    assert quiet_until(zone, now) == now + waits * HOUR


@pytest.mark.parametrize(
    ("quiet", "now", "end"),
    [
        ((22, 2), "2027-03-28T00:30:00+00:00", "2027-03-28T01:00:00+00:00"),  # 02:00 is not there: 03:00 is
        ((22, 3), "2027-03-28T00:30:00+00:00", "2027-03-28T01:00:00+00:00"),
        ((22, 2), "2027-03-28T01:30:00+00:00", "2027-03-28T01:30:00+00:00"),  # 03:30 by the clock on the wall
        ((22, 2), "2026-10-24T23:30:00+00:00", "2026-10-25T00:00:00+00:00"),  # the first of two 02:00
    ],
)
def test_quiet_hours_end_though_the_clocks_change(
    world_of: WorldOf, quiet: tuple[int, int], now: str, end: str
) -> None:
    """An hour that is not there ends them at the next, and one that comes twice at the first."""
    start, until = quiet
    zone = world_of(quiet_hours={"time_zone": "Europe/Madrid", "start": start, "end": until}).rules.quiet_hours
    ended = quiet_until(zone, int(datetime.fromisoformat(now).timestamp() * 1000))
    assert datetime.fromtimestamp(ended / 1000, UTC) == datetime.fromisoformat(end)


def test_an_unknown_time_zone_is_refused(world_of: WorldOf) -> None:
    """The operator hears which field."""
    with pytest.raises(ValueError, match="time_zone"):
        world_of(quiet_hours={"time_zone": "Mars/Phobos", "start": 1, "end": 2})


def test_two_playbooks_of_one_name_are_refused(world_of: WorldOf) -> None:
    """Triggers refer to playbooks by name."""
    with pytest.raises(ValueError, match="one name"):
        world_of(GUIDE, GUIDE)


def test_touches_that_no_rule_looks_at_are_forgotten(world: World) -> None:
    """Older than every window and purpose: gone at the next reservation."""
    for _ in range(2):
        world.take(world.guide())
        world.tick(HOUR)
        world.now += 30 * DAY
    assert len(world.person().touches.rows) == 1


def test_a_person_with_too_many_touches_waits(world_of: WorldOf) -> None:
    """A state holds a hundred: no cap may be passed because a row was forgotten."""
    world = world_of(caps=[{"window_hours": 24, "most": 1000}])
    world.take(world.guide())
    with world.changed() as person:
        person.touches.rows = {
            f"{n:08d}-0000-5000-8000-000000000000": touch(world.now - n, world.now + DAY, purpose="else", kind="ghost")
            for n in range(100)
        }
    [decision] = world.tick(HOUR)
    assert decision.ending == "waiting"


def test_nothing_is_due_before_its_time(world: World) -> None:
    """A person without triggers, and one whose trigger waits."""
    world.take(world.event())
    assert world.tick(DAY) == []


def test_a_language_the_business_does_not_write_is_its_first(world: World) -> None:
    """Better the default than a guess."""
    world.take(world.guide(language="fr"))
    assert world.tick(HOUR)[0].language == "en"


def test_a_snapshot_keeps_its_limit(world: World) -> None:
    """Eight kilobytes: the heaviest and the latest stay."""
    for number in range(60):
        world.take(
            world.event(
                "track", name="Course Completed", properties={"course_id": "ü" * 80 + f"{number}", "title": "漢" * 160}
            )
        )
    world.take(world.guide(traits={"role": "r" * 200, "goal": "g" * 200}))
    [request] = world.tick(HOUR)
    assert len(request.snapshot.model_dump_json().encode()) <= 8 * 1024
    assert request.snapshot.interests


def test_numbers_of_a_snapshot_have_six_digits(world: World) -> None:
    """More would say nothing, and cost the room of what does."""
    world.take(world.event(path="/blog/crm/x", time_ms=world.now - 7 * DAY), world.guide())
    [request] = world.tick(HOUR + 1)
    taken = request.snapshot
    weights = [*(each.weight for each in (*taken.interests, *taken.signals)), taken.evidence]
    assert len(weights) == 5
    assert all(weight == round(weight, 6) != round(weight, 5) for weight in weights)


def test_request_without_an_address_is_our_bug(world: World) -> None:
    """The rules ask for none; whoever does is told so."""
    case = Case("u:ana", Person(), trigger(playbook="guide"), world.rules, world.now)
    with pytest.raises(ValueError, match="needs an address"):
        request(case)
