"""Which candidate is picked, and with what probability."""

import uuid
from collections.abc import Callable

from schemas.course import Course
from services.recommender.core.choice.exploration import Shares, choose, draw, neighbour_of, propensities
from services.recommender.core.values import Policy

IDS = ("a", "b", "c", "d")
LEARNING = Shares(exploration=0.2, neighbour=0.1)


def test_nothing_tried_out_is_the_base_choice_surely() -> None:
    """With no shares the base has probability 1."""
    choice = choose("d1", IDS, "b", "c", Shares(0, 0))
    assert (choice.course_id, choice.propensity, choice.is_exploration) == ("b", 1.0, False)


def test_propensities_are_those_of_the_policy() -> None:
    """ε/n each, the neighbour's share, and the rest for the base."""
    odds = propensities(IDS, "a", "c", LEARNING)
    assert {each: round(value, 6) for each, value in odds.items()} == {"a": 0.75, "b": 0.05, "c": 0.15, "d": 0.05}


def test_without_a_neighbour_its_share_is_the_bases() -> None:
    """ε/n + (1 - ε) for the base."""
    assert round(propensities(IDS, "a", None, LEARNING)["a"], 6) == 0.85


def test_picks_come_as_often_as_their_propensity_says() -> None:
    """Over many decisions the frequencies are the logged probabilities."""
    picks = [choose(str(uuid.UUID(int=number)), IDS, "a", "c", LEARNING) for number in range(4_000)]
    for course_id, odds in propensities(IDS, "a", "c", LEARNING).items():
        share = sum(each.course_id == course_id for each in picks) / len(picks)
        assert abs(share - odds) < 0.03
    assert all(each.is_exploration == (each.course_id != "a") for each in picks)


def test_one_decision_is_decided_alike_each_time() -> None:
    """The draw is a hash of the id and its use."""
    assert draw("d1", "explore") == draw("d1", "explore")
    assert draw("d1", "explore") != draw("d1", "which")


def test_a_neighbour_is_of_a_topic_beside_hers_and_of_none_of_hers(
    course_of: Callable[..., Course], policy: Policy
) -> None:
    """The first such candidate; a course of both is no neighbour."""
    courses = {
        "a": course_of("a"),
        "b": course_of("b", topics=("crm", "email-marketing")),
        "c": course_of("c", topics=("crm",)),
        "d": course_of("d", topics=("crm",)),
    }
    assert neighbour_of(IDS, courses, ("email-marketing", "unknown"), policy.topics) == "c"
    assert neighbour_of(IDS, courses, ("seo",), policy.topics) is None
