"""Scores to so many decimals, at a quarter of what `round` takes: a decision rounds about two thousand."""

WHOLE = 1.5 * 2**52  # added to a number, it leaves no room for a fraction: what is left is the nearest whole number
FIVE, SIX = 1e5, 1e6


def to_five(score: float) -> float:
    """The score to five decimals, as `round` gives it, but for what lies within 1e-11 of the middle between two."""
    return (score * FIVE + WHOLE - WHOLE) / FIVE


def to_six(score: float) -> float:
    """The score to six decimals, likewise; of more than 10⁹ the nearest that a float can be."""
    return (score * SIX + WHOLE - WHOLE) / SIX
