"""How a brand speaks, as data that a rule can hold a mail to; what it sounds like stands in `Brand.tone`."""

from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from schemas.course import Language
from schemas.values import Value

FormOfAddress: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=30)]
Phrase: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"\w")]


class Voice(Value):
    """What a model's text must keep to. Law: a voice that says nothing refuses nothing.

    The forms of address of a language, and the words that tell them, are those of the composer's lexicons.
    """

    exclamation_marks: int | None = Field(
        default=None, ge=0, le=20, strict=True, description="at most so many a mail; any number where it is left out"
    )
    address: dict[Language, Annotated[tuple[FormOfAddress, ...], Field(min_length=1)]] = Field(
        default={}, description="by language the forms a mail may speak: `[tú]`, `[tú, vosotros]`, `[Sie]`"
    )
    avoids: dict[Language, tuple[Phrase, ...]] = Field(
        default={}, description="by language words and phrases the brand does not use; case and accents do not count"
    )

    @property
    def languages(self) -> frozenset[str]:
        """Those it says something of."""
        return frozenset({*self.address, *self.avoids})

    @property
    def is_silent(self) -> bool:
        """True where it says nothing."""
        return self == SILENT


SILENT = Voice()
