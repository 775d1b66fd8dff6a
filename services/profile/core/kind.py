"""Kinds of person: which facets there are, in the order of their names, and which of them are asked what."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

from services.profile.core.facet import Facet
from services.profile.core.part import Part

ACT_BYTES = 250  # bound of what an act adds to rows that are there: its mark, an hour, the digits of numbers


class Kind(NamedTuple):
    """A kind of person: its parts by name, and what gives all facets, those that `hear`, and those that `apply`.

    `turning` names those that `turn`. `act_bytes` bounds what an act adds to all of them, beside what its meaning says.
    """

    parts: dict[str, Part[Any]]
    all: Callable[[Any], tuple[Facet, ...]]
    hearing: Callable[[Any], tuple[Facet, ...]]
    applying: Callable[[Any], tuple[Facet, ...]]
    turning: tuple[str, ...]
    act_bytes: int


def kind_of(of: type) -> Kind:
    """What is known of a class of persons."""
    known = _KINDS.get(of)
    if known is None:
        fields = {name: part for each in of.__mro__ for name, part in vars(each).items() if isinstance(part, Part)}
        parts = dict(sorted(fields.items()))
        hearing = [name for name, part in parts.items() if part.kind.hear is not Facet.hear]
        applying = [name for name, part in parts.items() if part.kind.apply is not Facet.apply]
        turning = tuple(name for name, part in parts.items() if part.kind.turn is not Facet.turn)
        act_bytes = ACT_BYTES + sum(part.kind.HEARD_BYTES for part in parts.values())
        known = _KINDS[of] = Kind(
            parts, attrgetter(*parts), attrgetter(*hearing), attrgetter(*applying), turning, act_bytes
        )
    return known


_KINDS: dict[type, Kind] = {}
