"""Rounding without `round`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recommender.core.rounding import to_five, to_six

SCORES = st.floats(-1_000, 1_000)


def _is_in_the_middle(score: float, unit: float) -> bool:
    return abs(abs(score) / unit % 1 - 0.5) < 1e-5


@given(SCORES)
def test_scores_are_rounded_as_round_does(score: float) -> None:
    """But for what lies in the middle between two."""
    assert _is_in_the_middle(score, 1e-5) or to_five(score) == round(score, 5)
    assert _is_in_the_middle(score, 1e-6) or to_six(score) == round(score, 6)


@pytest.mark.parametrize("score", [1e10, 3.3e15, float("inf")])
def test_what_is_great_stays_as_great(score: float) -> None:
    """Within what a float can tell apart."""
    assert to_six(score) == pytest.approx(score, rel=1e-15)


@given(SCORES, SCORES)
def test_rounding_turns_no_order_round(one: float, other: float) -> None:
    """The greater is not the less afterwards."""
    assert (to_five(one) <= to_five(other)) or one > other
