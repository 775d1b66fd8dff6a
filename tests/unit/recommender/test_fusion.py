"""Ranked lists made one."""

from collections.abc import Callable

from schemas.recommendation import Candidate
from services.recommender.core.fusion import fused, in_order, ranks, with_new
from services.recommender.core.values import Hit


def _fused(lanes: dict[str, dict[str, int]], fit: Callable[[str], float] = lambda _: 1.0) -> tuple[Candidate, ...]:
    return fused(lanes, fit, title=str)


def test_hits_of_one_score_are_in_order_of_id() -> None:
    """Scores that differ beyond the fifth decimal are one score."""
    assert in_order([Hit("b", 0.5), Hit("a", 0.500001), Hit("c", 0.9)], 2) == (Hit("c", 0.9), Hit("a", 0.500001))


def test_ranks_begin_with_one() -> None:
    """The best hit has rank 1."""
    assert ranks([Hit("b", 0.1), Hit("a", 0.2)]) == {"a": 1, "b": 2}


def test_first_in_a_lane_scores_the_lanes_weight() -> None:
    """W · (c + 1) / (c + 1) = w, and half of it at rank c + 2."""
    first, later = _fused({"words": {"a": 1, "b": 22}})
    assert (first.score, later.score) == (0.3, 0.15)


def test_lanes_add_up() -> None:
    """A course in two lanes is above one that is first in the heavier of them alone."""
    assert [each.course_id for each in _fused({"imagined": {"a": 1, "b": 2}, "words": {"b": 1}})] == ["b", "a"]


def test_ties_go_to_the_better_rank_then_to_the_id() -> None:
    """Two with one score are in the same order each time."""
    assert [each.course_id for each in _fused({"imagined": {"b": 1}, "centroid": {"a": 1}})] == ["a", "b"]


def test_what_fits_less_is_damped() -> None:
    """The fit multiplies the score."""
    by_fit = _fused({"imagined": {"a": 1, "b": 2}}, fit=lambda each: 0.5 if each == "a" else 1.0)
    assert [each.course_id for each in by_fit] == ["b", "a"]


def test_one_place_is_kept_for_the_best_text_match_among_new_courses() -> None:
    """Where none of the first is new, the last place goes to the new course that words match best."""
    ranked = _fused({"imagined": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}, "words": {"d": 2, "e": 1}})
    kept = with_new(ranked, {"d": 2, "e": 1}, lambda each: each in {"d", "e", "c"}, places=2)
    assert [each.course_id for each in kept] == [ranked[0].course_id, ranked[1].course_id]
    kept = with_new(
        _fused({"imagined": {"a": 1, "b": 2, "c": 3, "d": 4}}), {"d": 1}, lambda each: each in "cd", places=2
    )
    assert [each.course_id for each in kept] == ["a", "d"]


def test_no_place_is_kept_where_no_new_course_matches() -> None:
    """The first stay where no new course is among the text matches."""
    kept = with_new(_fused({"imagined": {"a": 1, "b": 2, "c": 3}}), {}, lambda each: each == "c", places=2)
    assert [each.course_id for each in kept] == ["a", "b"]


def test_nothing_gives_way_where_all_are_new_or_few() -> None:
    """With no standing every course is new, and a short list is whole."""
    ranked = _fused({"imagined": {"a": 1, "b": 2, "c": 3}})
    assert with_new(ranked, {"c": 1}, lambda _: True, places=2) == ranked[:2]
    assert with_new(ranked, {"c": 1}, lambda _: False, places=3) == ranked
