"""A generation of the index: what its vectors and words are made by. Entries of two generations never meet."""

from dataclasses import dataclass
from typing import Self

SEPARATOR = "~"  # cleaned away within each part, and fit for a collection's name and a folder's
PARTS = 3


@dataclass(frozen=True, slots=True)
class Generation:
    """An embedding model with its version, the length of its vectors, and a tokenizer with its version."""

    embedder: str
    dimension: int
    words: str

    @classmethod
    def of(cls, embedder: str, dimension: int, words: str) -> Self:
        """The generation, its names in characters that a collection may have."""
        return cls(_clean(embedder), dimension, _clean(words))

    @classmethod
    def parsed(cls, label: str) -> Self | None:
        """The generation of a label; None where the label is not one."""
        parts = label.split(SEPARATOR)
        if len(parts) != PARTS or not (parts[1].isascii() and parts[1].isdigit()) or not all(parts):
            return None
        made = cls.of(parts[0], int(parts[1]), parts[2])
        return made if made.label == label else None

    @property
    def label(self) -> str:
        """`<embedder>~<dimension>~<words>`. Law: parsed again it gives the generation."""
        return SEPARATOR.join((self.embedder, str(self.dimension), self.words))


def _clean(name: str) -> str:
    return "".join(each if each.isascii() and (each.isalnum() or each in "-.") else "_" for each in name)
