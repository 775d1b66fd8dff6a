"""Rows by key, kept as they are stored and named when they are looked at: most of a person is only carried along."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Generic, TypeVar

Row = TypeVar("Row", bound=tuple[Any, ...])


class Rows(Generic[Row]):
    """What a facet holds of one kind of row, such as a signal. Law: what was put, or stored, is got by name."""

    __slots__ = ("_kind", "plain")

    def __init__(self, kind: Callable[..., Row], plain: dict[str, Sequence[Any]]) -> None:
        self._kind, self.plain = kind, plain

    def get(self, key: str) -> Row | None:
        """The row, or None."""
        row = self.plain.get(key)
        return None if row is None else self._kind(*row)

    def put(self, key: str, row: Row) -> None:
        """Set the row."""
        self.plain[key] = row[:]

    def all(self) -> dict[str, Row]:
        """Every row."""
        kind = self._kind
        return {key: kind(*row) for key, row in self.plain.items()}

    def keep(self, keys: Collection[str]) -> None:
        """Drop all but these."""
        for key in [each for each in self.plain if each not in keys]:
            del self.plain[key]
