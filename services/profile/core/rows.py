"""Rows by key, kept as they are stored and named when they are looked at: most of a person is only carried along."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Generic, TypeVar

Row = TypeVar("Row", bound=tuple[Any, ...])


class Rows(Generic[Row]):
    """What a facet holds of one kind of row, such as a signal. Law: what was put, or stored, is got by name."""

    __slots__ = ("_kind", "_named", "plain")

    def __init__(self, kind: Callable[..., Row], plain: dict[str, Sequence[Any]]) -> None:
        self._kind, self.plain = kind, plain
        self._named: dict[str, Row] = {}

    def get(self, key: str) -> Row | None:
        """The row, or None."""
        row = self._named.get(key)
        if row is None and key in self.plain:
            row = self._named[key] = self._kind(*self.plain[key])
        return row

    def put(self, key: str, row: Row) -> None:
        """Set the row."""
        self._named[key], self.plain[key] = row, row[:]

    def all(self) -> Mapping[str, Row]:
        """Every row."""
        for key in self.plain.keys() - self._named.keys():
            self._named[key] = self._kind(*self.plain[key])
        return self._named

    def keep(self, keys: Collection[str]) -> None:
        """Drop all but these."""
        for key in [each for each in self.plain if each not in keys]:
            del self.plain[key]
            self._named.pop(key, None)
