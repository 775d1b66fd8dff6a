"""What courses.signals is told of a person: never who she is, and nothing twice."""

from typing import Any

import pytest

from schemas.identity import message_id_of
from schemas.recommendation import RecommendationRequest
from schemas.standing import Outcome, Taken
from services.profile.core.facets.attribution import MAX_TOOK
from services.profile.core.facets.clicks import SETTLE_MS
from services.profile.core.facets.mails import Mail, merge
from services.profile.core.facets.touches import Touches
from services.profile.core.person import Person
from services.profile.pipeline import dues
from tests.unit.profile.conftest import World, WorldOf

MINUTE, DAY = 60_000, 86_400_000


def _enrolled(world: World, course: str, **over: Any) -> dict[str, Any]:
    return world.event("conversion", name="Course Enrolled", properties={"course_id": course}, **over)


def _told(world: World) -> list[Any]:
    return [each for each in world.sent if isinstance(each, Taken | Outcome)]


def _courses(world: World) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.course_id, each.earlier) for each in _told(world) if isinstance(each, Taken)]


def _words(world: World) -> list[tuple[str, str | None]]:
    return [(each.word, each.was) for each in _told(world) if isinstance(each, Outcome)]


def _asked(world: World) -> str:
    """One mail is asked for; its decision."""
    world.take(world.guide())
    requests = [each for each in world.tick(30 * MINUTE) if isinstance(each, RecommendationRequest)]
    return requests[0].decision_id


def _feedback(world: World, decision: str, word: str, course: str | None = "seo-1", **fact: Any) -> dict[str, Any]:
    about = {"word": word, "message_id": "m", "decision_id": decision, **fact}
    said = {} if course is None else {"properties": {"course": course}}
    return world.event("feedback", feedback=about, trusted=True, **said)


def test_a_course_taken_is_told_once_with_the_earlier_ones(world: World) -> None:
    """Newest first; a completion of what was taken is no news, one of another course is."""
    for number, course in enumerate(("a", "b", "a", "c")):
        world.take(_enrolled(world, course, time_ms=world.now + number))
    world.take(world.event("conversion", name="Course Completed", properties={"course_id": "c"}, time_ms=world.now + 8))
    world.take(world.event("conversion", name="Course Completed", properties={"course_id": "d"}, time_ms=world.now + 9))
    assert _courses(world) == [("a", ()), ("b", ("a",)), ("c", ("b", "a")), ("d", ("c", "b", "a"))]
    assert world.counts["told"] == 4


def test_mail_that_may_have_gone_tells_nothing_of_its_course(world: World) -> None:
    """That nobody clicked a mail which perhaps never came says nothing; a click says what it always does."""
    decision = _asked(world)
    world.take(_feedback(world, decision, "unknown"))
    world.tick(40 * DAY)
    assert _words(world) == []
    world.take(world.guide(time_ms=world.now, received_ms=world.now))
    second = next(each for each in world.tick(30 * MINUTE) if isinstance(each, RecommendationRequest)).decision_id
    world.take(_feedback(world, second, "unknown"), _feedback(world, second, "clicked"))
    world.tick(SETTLE_MS)
    assert _words(world) == [("clicked", None)]


def test_looking_at_a_course_is_not_taking_it(world: World) -> None:
    """Only what goes into the course history is told; so is no item that a catalogue cannot hold."""
    world.take(world.event(path="/courses/a"), _enrolled(world, "Not A Slug"))
    assert _told(world) == []
    assert world.person().history.taken == {"Not A Slug": world.now}


def test_a_late_event_names_what_came_after_it(world: World) -> None:
    """A course taken before the others: they are its partners, but did not lead to it."""
    world.take(_enrolled(world, "b"), _enrolled(world, "a", time_ms=world.now - DAY))
    assert _told(world)[-1] == Taken(course_id="a", later=("b",), occurred_ms=world.now - DAY)


def test_nothing_told_names_the_person(world: World) -> None:
    """Course, courses and time; the key is the course's id."""
    world.take(_enrolled(world, "a"), _enrolled(world, "b"))
    for each in _told(world):
        assert "ana" not in each.model_dump_json()
        assert set(each.model_dump()) == {"kind", "course_id", "earlier", "later", "occurred_ms"}


def test_thirty_earlier_ones_are_told_and_a_forgotten_history_tells_nothing_again(world: World) -> None:
    """The history holds thirty; what was told is remembered beyond."""
    for number in range(40):
        world.take(_enrolled(world, f"c{number}", time_ms=world.now + number))
    world.take(_enrolled(world, "c0", time_ms=world.now + 99))
    assert len(_told(world)) == 40
    assert _courses(world)[-1] == ("c39", tuple(f"c{number}" for number in range(38, 8, -1)))


def test_what_was_told_of_a_person_has_a_cap(world: World) -> None:
    """The oldest goes first, and the state stays small."""
    for number in range(MAX_TOOK + 3):
        world.take(_enrolled(world, f"c{number}", time_ms=world.now + number))
    took = world.person().attribution.took
    assert set(took) == {f"c{number}" for number in range(3, MAX_TOOK + 3)}
    assert len(world.persons.raw["u:ana"]) < 64 * 1024


def test_what_was_told_of_two_persons_has_a_cap(world: World) -> None:
    """Who absorbs another keeps the newest of both."""
    for person, first in (("u:ana", 0), ("a:b", MAX_TOOK)):
        world.take(*(_enrolled(world, f"c{first + number}", person=person, time_ms=world.now + first + number)
                     for number in range(MAX_TOOK)))  # fmt: skip
    world.take(world.event("linked", name="identity.linked", person="a:b", link="u:ana"))
    world.loop()
    assert set(world.person().attribution.took) == {f"c{number}" for number in range(MAX_TOOK, 2 * MAX_TOOK)}


def test_a_course_of_the_same_instant_led_to_it(world: World) -> None:
    """It came before in the log, and a pair of courses is told once."""
    world.take(_enrolled(world, "a"), _enrolled(world, "b"))
    assert _told(world)[-1] == Taken(course_id="b", earlier=("a",), occurred_ms=world.now)


def test_a_link_tells_nothing_twice(world: World) -> None:
    """What the anonymous person took was told; taken again by the known one it is no news, nor is a late repeat."""
    world.take(_enrolled(world, "a", person="a:b"), _enrolled(world, "b"))
    late = _enrolled(world, "a", person="a:b")
    world.take(world.event("linked", name="identity.linked", person="a:b", link="u:ana"), late)
    world.loop()
    world.take(_enrolled(world, "a"), _enrolled(world, "c", person="a:b", time_ms=world.now + 1))
    world.loop()
    assert [course for course, _ in _courses(world)] == ["a", "b", "c"]
    assert _courses(world)[-1] == ("c", ("a", "b"))


def test_a_click_is_told_and_a_conversion_takes_it_back(world: World) -> None:
    """Each word once, stronger ones later; all of a mail's words carry the day the mail was asked for."""
    decision = _asked(world)
    asked_ms = world.now
    world.now += MINUTE
    world.take(_feedback(world, decision, "sent"), _feedback(world, decision, "clicked"))
    world.tick(SETTLE_MS)
    world.take(_feedback(world, decision, "clicked"), _feedback(world, decision, "converted"))
    world.take(_feedback(world, decision, "unsubscribed"), _feedback(world, decision, "clicked"))
    world.tick(SETTLE_MS)
    assert _words(world) == [("clicked", None), ("converted", "clicked")]
    assert {(each.course_id, each.occurred_ms) for each in _told(world)} == {("seo-1", asked_ms - asked_ms % DAY)}


def test_taking_the_recommended_course_is_a_conversion(world: World) -> None:
    """Within the life of the touch, whoever says so; a course taken before the mail is none."""
    decision = _asked(world)
    world.take(_feedback(world, decision, "delivered"))
    world.take(_enrolled(world, "seo-1", time_ms=world.now - DAY))
    assert _words(world) == []
    world.take(_enrolled(world, "seo-1", time_ms=world.now + 1), _enrolled(world, "crm-1"))
    assert _words(world) == [("converted", None)]


@pytest.mark.parametrize("word", ["unsubscribed", "complained"])
def test_a_refusal_is_told(world: World, word: str) -> None:
    """Whichever way she refuses."""
    world.take(_feedback(world, _asked(world), word))
    assert _words(world) == [("refused", None)]


def test_a_machines_click_says_nothing(world: World) -> None:
    """A prefetch is no interest."""
    world.take(_feedback(world, _asked(world), "clicked", machine="yes"))
    world.tick(SETTLE_MS)
    assert _words(world) == []


def test_a_click_without_a_course_is_told_when_the_course_is_known(world: World) -> None:
    """Many an ESP echoes the message id alone; another record names the course, before or after."""
    decision = _asked(world)
    fact = {"word": "clicked", "message_id": message_id_of(decision)}
    world.take(world.event("feedback", feedback=fact, trusted=True))
    world.tick(SETTLE_MS)
    assert _words(world) == []
    world.take(_feedback(world, decision, "delivered", course="Not A Slug"))
    assert _words(world) == []
    world.take(_feedback(world, decision, "delivered"))
    assert _words(world) == [("clicked", None)]


def test_a_mail_that_led_to_nothing_is_told_when_its_touch_ends(world: World) -> None:
    """By a timer, once; a late click takes it back."""
    decision = _asked(world)
    step = world.take(_feedback(world, decision, "delivered"))
    end = dues(world.person())
    assert end == world.now + world.rules.memory_ms
    assert step.timers == ((end, "u:ana"),)
    assert world.tick(world.rules.memory_ms - 1) == []
    assert [each.word for each in world.tick(1)] == ["nothing"]
    assert dues(world.person()) is None
    world.take(_feedback(world, decision, "clicked"))
    world.tick(SETTLE_MS)
    assert _words(world) == [("nothing", None), ("clicked", "nothing")]


def test_the_first_mail_that_has_had_its_time_is_looked_at_first() -> None:
    """Of those of which nothing was told yet."""
    rows = {"d": Mail("a", "", "", 9), "e": Mail("b", "", "", 5), "f": Mail("c", "clicked", "clicked", 1)}
    assert dues(Person(touches=Touches(mails=rows))) == 5
    assert dues(Person(touches=Touches(mails={"f": rows["f"]}))) is None


def test_a_mail_that_nobody_could_read_says_nothing_of_its_course(world: World) -> None:
    """It bounced; the end is not told, and nothing waits on."""
    world.take(_feedback(world, _asked(world), "bounced"))
    assert world.tick(world.rules.memory_ms) == []
    assert world.person().touches.mails == {}


def test_a_mail_that_was_given_back_leaves_nothing(world: World) -> None:
    """A word that confirms no mail, then that none was sent."""
    decision = _asked(world)
    world.take(_feedback(world, decision, "failed"), _feedback(world, decision, "not_sent"))
    assert world.person().touches.mails == {}
    assert dues(world.person()) is None


def test_a_ghost_has_no_mail_to_tell_of(world_of: WorldOf) -> None:
    """The held out got none, whatever a record says."""
    held = {"name": "guide", "version": 1, "purpose": "p", "entry": ["Guide Downloaded"],
            "experiment": {"name": "e", "holdout": 1.0}}  # fmt: skip
    world = world_of(held)
    world.take(world.guide())
    world.tick(30 * MINUTE)
    (decision,) = world.person().touches.rows
    world.take(_feedback(world, decision, "clicked"))
    assert dues(world.person()) is None
    assert _words(world) == []


def test_a_touch_that_is_forgotten_takes_its_mail_with_it(world: World) -> None:
    """The next mail is asked for when no rule looks at the first any more; the old one's row goes."""
    first = _asked(world)
    world.take(_feedback(world, first, "clicked"))
    world.now += world.rules.memory_ms
    second = _asked(world)
    world.take(_feedback(world, second, "sent"))
    assert (set(world.person().touches.mails), world.person().touches.clicks) == ({second}, {})


def test_mails_go_with_a_link(world: World) -> None:
    """A server merges two known people: what the mail of one led to is told by the other."""
    decision = _asked(world)
    world.take(_feedback(world, decision, "delivered"))
    link = world.event("linked", name="identity.linked", person="u:ana", link="u:ana2", trusted=True)
    world.take(link)
    world.loop()
    world.now += MINUTE
    world.take(_feedback(world, decision, "clicked", course=None))
    world.loop()
    world.tick(SETTLE_MS, "u:ana2")
    assert _words(world) == [("clicked", None)]
    assert dues(world.person()) is None


def test_merged_mails_keep_what_was_told() -> None:
    """In either order, and again."""
    one = {"d": Mail("a", "clicked", "clicked", 5)}
    two = {"d": Mail("a", "", "", 5), "e": Mail("", "", "", 6)}
    for into, other in ((dict(one), two), (dict(two), one)):
        merge(into, other)
        merge(into, other)
        assert into == {**one, "e": two["e"]}
