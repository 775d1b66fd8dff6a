"""A facet as a part of a person: its bytes until somebody asks for it, from then on the facet."""

from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Raw
from msgspec.json import Decoder

from services.profile.core.facet import Facet

if TYPE_CHECKING:
    from services.profile.core.person import Person

F = TypeVar("F", bound=Facet)


class Part(Generic[F]):
    """A field of a person that holds a facet of this kind; `empty` is one of whom nothing is known.

    What is found in the person's own dictionary comes first, so that this is asked once a facet.
    """

    def __init__(self, kind: type[F]) -> None:
        if kind.hear is Facet.hear and kind.apply is Facet.apply:
            raise TypeError(f"a facet hears what a person did, or what is said of them: {kind.__name__} does neither")
        self.kind, self.empty = kind, kind()
        self._decode, self._name = Decoder(kind).decode, ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, person: "Person", owner: type) -> F:
        """The facet, decoded."""
        raw: Raw | None = person.rest.pop(self._name, None)
        facet = self.kind() if raw is None else self._decode(raw)
        person.__dict__[self._name] = facet
        return facet
