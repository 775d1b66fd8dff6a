"""Courses and vectors made by one seed: as long as asked, in words that are as frequent as a language's."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate

from schemas.course import Course, Level
from services.recommender.core.values import Vector

SEED = 20_261_125
WORDS = 20_000  # different ones; the n-th is 1/n as frequent as the first
TOPICS = tuple(f"topic-{number}" for number in range(40))
LEVELS: tuple[Level, ...] = ("beginner", "intermediate", "advanced")
SYLLABLES = ("ba", "co", "de", "fi", "gu", "la", "me", "no", "pri", "ra", "se", "ti", "vo", "stra", "len", "mar")
DIMENSION = 384  # of the local embedder
MADE_AT = datetime(2026, 11, 1, tzinfo=UTC)
LONGEST_TITLE = 60


class Made:
    """A source of texts, courses and vectors: the same at each run."""

    def __init__(self, seed: int = SEED) -> None:
        self.chance = random.Random(seed)  # noqa: S311 a measurement's data
        self._words = sorted({self._word() for _ in range(WORDS)})
        self.chance.shuffle(self._words)
        self._shares = list(accumulate(1 / (place + 1) for place in range(len(self._words))))

    def text(self, characters: int) -> str:
        """A text of exactly so many characters."""
        count = characters // 3 + 1  # a word has at least two letters, and its space
        return " ".join(self.chance.choices(self._words, cum_weights=self._shares, k=count))[:characters].strip() + "."

    def course(self, number: int, characters: int) -> Course:
        """A course by number, its description of so many characters."""
        return Course(
            id=f"c-{number}",
            title=f"{number} {self.text(LONGEST_TITLE)}",
            description=self.text(characters - 1),
            url=f"https://academy.example.com/c-{number}",
            topics=(TOPICS[number % len(TOPICS)],),
            level=LEVELS[number % len(LEVELS)],
            language="en",
            updated_at=MADE_AT,
        )

    def vectors(self, count: int) -> Iterator[Vector]:
        """Directions of unit length around a common one, as a language model's vectors lie."""
        for _ in range(count):
            row = [self.chance.gauss(0.0, 1.0) + 2.0 for _ in range(DIMENSION)]
            length = sum(value * value for value in row) ** 0.5
            yield tuple(value / length for value in row)

    def _word(self) -> str:
        return "".join(self.chance.choices(SYLLABLES, k=self.chance.randint(1, 4)))
