"""Which fitting course is picked, and with what probability."""

import uuid
from collections.abc import Callable

from schemas.course import Course
from services.recommender.core.choice.exploration import choose, draw, propensities, to_try
from services.recommender.core.values import Policy


def test_nothing_tried_out_is_the_base_choice_surely() -> None:
    """Without a share, or without another course, the base has probability 1."""
    for other, share in (("b", 0.0), (None, 0.1)):
        choice = choose("d1", "a", other, share)
        assert (choice.course_id, choice.propensity, choice.is_exploration) == ("a", 1.0, False)


def test_propensities_are_those_of_the_policy() -> None:
    """The share for the course tried out, the rest for the base; all for the base where there is no other."""
    assert propensities("a", "c", 0.1) == {"a": 0.9, "c": 0.1}
    assert propensities("a", None, 0.1) == {"a": 1.0}


def test_picks_come_as_often_as_their_propensity_says() -> None:
    """Over many decisions the frequencies are the logged probabilities."""
    picks = [choose(str(uuid.UUID(int=number)), "a", "c", 0.1) for number in range(4_000)]
    assert abs(sum(each.course_id == "c" for each in picks) / len(picks) - 0.1) < 0.02
    assert all(each.is_exploration == (each.course_id == "c") for each in picks)
    assert {(each.course_id, each.propensity) for each in picks} == {("a", 0.9), ("c", 0.1)}


def test_one_decision_is_decided_alike_each_time() -> None:
    """The draw is a hash of the id and its use."""
    assert draw("d1", "explore") == draw("d1", "explore")
    assert draw("d1", "explore") != draw("d1", "which")


def test_a_topic_new_to_the_person_is_tried_first(course_of: Callable[..., Course], policy: Policy) -> None:
    """Of two new ones that beside their own, then the one before; a course of their own topic only where all are."""
    courses = {
        "own": course_of("own"),
        "both": course_of("both", topics=("crm", "email-marketing")),
        "new": course_of("new", topics=("seo",)),
        "beside": course_of("beside", topics=("crm",)),
    }
    own = ("email-marketing", "unknown")
    assert to_try(("own", "new"), courses, own, policy.topics) == "new"
    assert to_try(("new", "beside"), courses, own, policy.topics) == "beside"
    assert to_try(("own", "both"), courses, own, policy.topics) == "both"
    assert to_try(("new", "beside"), courses, (), policy.topics) == "new"
    assert to_try((), courses, own, policy.topics) is None
