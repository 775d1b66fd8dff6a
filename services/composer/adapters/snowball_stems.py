"""Words to their stems, by Snowball; folded words in, folded stems out."""

from collections.abc import Callable
from functools import lru_cache

from Stemmer import Stemmer

from services.runtime.outcome import Misconfigured

WORDS_KEPT = 50_000  # whose stems are remembered: a mail's words come again and again


def snowball(algorithm: str | None) -> Callable[[str], str]:
    """The stemmer of this algorithm; without one a word is its own stem.

    Raises:
        Misconfigured: Snowball has no such algorithm.
    """
    if algorithm is None:
        return str
    try:
        stemmer = Stemmer(algorithm)
    except KeyError:
        raise Misconfigured(f"stemmer: expected an algorithm of Snowball, came {algorithm!r}") from None
    stem: Callable[[str], str] = lru_cache(WORDS_KEPT)(stemmer.stemWord)
    return stem
