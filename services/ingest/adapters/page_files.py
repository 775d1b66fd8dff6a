"""Reads what the page behind a mail's link says: its words by language, and the brand where a program is given."""

from collections.abc import Callable, Mapping
from pathlib import Path

from schemas.program import Brand
from services.ingest.core.page import House
from services.ingest.core.page_words import FALLBACK, Words, words_of
from services.runtime.outcome import Misconfigured
from services.runtime.program import read_words, read_yaml

FOLDER = Path(__file__).parents[1] / "words"


def read_house(program: Path | None, own_name: Callable[[str], str], folder: Path = FOLDER) -> House:
    """What the page says; `own_name` is that of a language in itself.

    Raises:
        Misconfigured: a file of words or the brand is not as it should be; it names which and what was expected.
    """
    words = _words(folder)
    if program is None:
        return House(words)
    brand = read_yaml(program / "brand.yaml", Brand)
    languages = {each: own_name(each) for each in brand.languages}
    return House(words, brand.name, brand.purposes, languages)


def _words(folder: Path) -> Mapping[str, Words]:
    words = {path.stem: _read(path) for path in sorted(folder.glob("*.yaml"))}
    if FALLBACK not in words:
        raise Misconfigured(f"{folder}: expected {FALLBACK}.yaml, for languages that have no words of their own")
    return words


def _read(path: Path) -> Words:
    try:
        return words_of(read_words(path))
    except ValueError as error:
        raise Misconfigured(f"{path}: {error}") from None
