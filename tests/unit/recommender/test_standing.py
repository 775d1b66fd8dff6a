"""What everybody's behaviour says of a course."""

from services.recommender.core.standing import NEUTRAL, Standing


def test_where_nothing_is_popular_the_factor_is_one() -> None:
    """A neutral standing changes no score, and every course is new."""
    assert NEUTRAL.factor("a") == 1.0
    assert NEUTRAL.is_new("a")


def test_popularity_counts_by_its_root() -> None:
    """A quarter as popular is about half the factor, with a floor for the unknown."""
    standing = Standing(popularity={"a": 4.0, "b": 1.0}, events={"a": 3})
    assert round(standing.factor("a"), 3) == round(1.05**0.5, 3)
    assert round(standing.factor("b"), 3) == round(0.3**0.5, 3)
    assert round(standing.factor("c"), 3) == round(0.05**0.5, 3)
    assert not standing.is_new("a")
