"""Ranked lists made one."""

import pytest

from services.recommender.core.ranking.fusion import fused, in_order, is_whole, ranks
from services.recommender.core.values import Hit


def _ids(hits: tuple[Hit, ...]) -> list[str]:
    return [each.course_id for each in hits]


def test_hits_of_one_score_are_in_order_of_id() -> None:
    """Scores that differ beyond the fifth decimal are one score."""
    assert in_order([Hit("b", 0.5), Hit("a", 0.500001), Hit("c", 0.9)], 2) == (Hit("c", 0.9), Hit("a", 0.500001))


def test_ranks_begin_with_one_and_end_at_the_depth() -> None:
    """The best has rank 1, ties go by id, and what scores nothing has no rank."""
    assert ranks({"a": 0.2, "b": 0.1}, 9) == {"a": 1, "b": 2}
    assert ranks({"d": 0.1, "c": 0.1, "b": 0.1, "a": 0.2}, 3) == {"a": 1, "b": 2, "c": 3}
    assert ranks({"a": 0.0, "b": -1.0, "c": 2.0}, 2) == {"c": 1}


def test_ranks_are_given_to_what_may_be_shown() -> None:
    """However many better ones may not be: all are looked at where the best few do not suffice."""
    scores = {f"x{number}": 9.0 - number for number in range(4)} | {"a": 1.0, "b": 0.5}
    assert ranks(scores, 2, lambda each: each in "ab") == {"a": 1, "b": 2}
    assert ranks(scores, 2, lambda each: each != "x0") == {"x1": 1, "x2": 2}


def test_first_in_a_list_scores_the_lists_weight() -> None:
    """W · (c + 1) / (c + 1) = w, and half of it at rank c + 2."""
    assert fused({"words": {"a": 1, "b": 22}}) == (Hit("a", 0.3), Hit("b", 0.15))


def test_lists_add_up() -> None:
    """A course in two lists is above one that is first in the heavier of them alone."""
    assert _ids(fused({"imagined": {"a": 1, "b": 2}, "words": {"b": 1}})) == ["b", "a"]


def test_ties_go_to_the_better_rank_then_to_the_id() -> None:
    """Two with one score are in the same order each time."""
    assert _ids(fused({"imagined": {"b": 1}, "text": {"a": 1}})) == ["a", "b"]


def test_equals_at_the_cut_are_told_apart_before_it() -> None:
    """Of three with one score the better rank stays in, then the id, however few are wanted."""
    lists = {"imagined": {"z": 1, "a": 22}, "interests": {"c": 1}, "topic": {"b": 1}}
    assert _ids(fused(lists)) == ["z", "b", "c", "a"]
    assert [_ids(fused(lists, most=most)) for most in (1, 2, 3)] == [["z"], ["z", "b"], ["z", "b", "c"]]
    assert _ids(fused(lists, {"z": 0.1, "b": 1.0, "c": 1.00000001, "a": 1.0}.__getitem__, 1)) == ["b"]


def test_what_fits_less_is_damped() -> None:
    """The fit multiplies the score."""
    assert _ids(fused({"imagined": {"a": 1, "b": 2}}, {"a": 0.5, "b": 1.0}.__getitem__)) == ["b", "a"]


@pytest.mark.parametrize(
    ("scores", "kept", "asked", "whole"),
    [
        ((0.9, 0.5), 2, 3, True),  # the engine has no more
        ((0.9, 0.5, 0.4), 2, 3, True),  # what it left out is worse
        ((0.9, 0.5, 0.5), 2, 3, False),  # what it left out may be as good
        ((0.9, 0.5, 0.4999999), 2, 3, False),  # as good as engines agree
        ((0.9, 0.5, 0.4), 1, 3, False),  # some were left out: there may be more
    ],
)
def test_hits_are_whole_where_the_cut_falls_between_two_scores(
    scores: tuple[float, ...],
    kept: int,
    asked: int,
    whole: bool,  # noqa: FBT001 the fact itself
) -> None:
    """Of two wanted."""
    found = [Hit(f"c-{place}", score) for place, score in enumerate(scores)]
    assert is_whole(found, found[:kept], 2, asked) is whole
