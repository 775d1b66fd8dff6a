"""Reads the lexicons: a file a language, the shipped ones and, laid over them, a business's own."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.composer.core.gate.cues import cues_of
from services.composer.core.gate.folding import tokens
from services.composer.core.gate.lexicons import Capitals, Counting, Detect, Lexicon, Lexicons, Stem
from services.rules.folding import fold
from services.rules.safety import Safety
from services.runtime.outcome import Misconfigured
from services.runtime.program import checked, problems_of
from services.runtime.yaml_text import read_yaml_file

SHIPPED = Path(__file__).parents[1] / "lexicons"
Stemming = Callable[[str | None], Stem]
HALF = 0.5
TENS = range(20, 100, 10)


class LexiconFile(BaseModel):
    """A language's words as a file writes them: lists are words between spaces, cues lines of `core/gate/cues.py`.

    `joined`: how units and tens make one word (`{unit}und{ten}`); `halved`: how a number has a half (`{unit}einhalb`).
    `fixed`: an expression to `30 minutes`, a value and a kind of `core/gate/quantities.py`.
    `address`: a form of address to the words that tell it. One in small letters is told whatever its case; one with a
    capital only where it has it inside a sentence, as `Sie`. A word of several forms tells that it is one of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stemmer: str | None = None
    spaces: bool = True
    capitals: Capitals = "names"
    function: str = ""
    general: str = ""
    starters: str = ""
    capitalised: str = ""
    acronyms: str = ""
    titles: str = ""
    connectors: str = ""
    telling: str = ""
    experience: str = ""
    address: dict[str, str] = {}
    levels: dict[str, str] = {}
    languages: dict[str, str] = {}
    numbers: dict[str, float] = {}
    joined: str | None = None
    halved: str | None = None
    articles: str = ""
    joins: str = ""
    per: str = ""
    ordinals: str = ""
    lasts: str = ""
    clock: str = ""
    units: dict[str, str] = {}
    fixed: dict[str, str] = {}
    halves: list[str] = []
    lists: dict[str, str] = {}
    cues: dict[str, list[str]] = {}
    allows: dict[str, str] = {}


def read_lexicons(stemming: Stemming, detect: Detect | None, safety: Safety, own: Path | None = None) -> Lexicons:
    """The words of every language that has a file in the shipped folder or in the business's own.

    A list, a cue or a word of the business's file is added to the shipped ones; what has one value takes its place.

    Raises:
        Misconfigured: a file is not as it should be; it names file and field, and what was expected.
    """
    files: dict[str, list[Path]] = {}
    for folder in (SHIPPED, *([] if own is None else [own])):
        for path in sorted(folder.glob("*.yaml")):
            files.setdefault(path.stem, []).append(path)
    read = {language: _read(paths) for language, paths in files.items()}
    return Lexicons(
        safety=safety,
        by_language={language: _lexicon(language, each, files[language], stemming) for language, each in read.items()},
        acronyms=frozenset(word for each in read.values() for word in _words(each.acronyms)),
        detect=detect,
    )


def faults(stemming: Stemming, own: Path) -> Iterator[str]:
    """What `read_lexicons` has against each file of the business's own, of all of them and not of the first alone."""
    for path in sorted(own.glob("*.yaml")):
        paths = [*sorted(SHIPPED.glob(path.name)), path]
        try:
            if problems := problems_of(read_yaml_file(path) or {}, LexiconFile):
                yield from (f"{path}: {each}" for each in problems)
                continue
            _lexicon(path.stem, _read(paths), paths, stemming)
        except Misconfigured as error:
            yield str(error)


def _read(paths: Iterable[Path]) -> LexiconFile:
    merged: dict[str, Any] = {}
    for path in paths:
        file = checked(f"{path}", read_yaml_file(path) or {}, LexiconFile)
        for name, value in file.model_dump(exclude_unset=True).items():
            merged[name] = _over(merged.get(name), value)
    return LexiconFile.model_validate(merged)


def _over(under: Any, value: Any) -> Any:
    """The value over what is there: lists and words are added, a mapping is laid over key by key."""
    match under, value:
        case dict(), dict():
            return {**under, **{key: _over(under.get(key), each) for key, each in value.items()}}
        case list(), list():
            return [*under, *value]
        case str(), str():
            return f"{under} {value}"
        case _:
            return value


def _lexicon(language: str, file: LexiconFile, paths: Iterable[Path], stemming: Stemming) -> Lexicon:
    try:
        stem = stemming(file.stemmer)
        lists = {name: fold(each) for name, each in file.lists.items()}
        cues = {rule: [fold(each) for each in lines] for rule, lines in file.cues.items()}
        return Lexicon(
            language=language,
            stem=stem,
            has_spaces=file.spaces,
            capitals=file.capitals,
            function=_words(file.function),
            general=frozenset(stem(each) for each in _words(file.general)),
            starters=_words(file.starters),
            capitalised=_words(file.capitalised),
            titles=_words(file.titles),
            connectors=_words(file.connectors),
            telling=_words(file.telling),
            experience=_words(file.experience),
            address={form: _as_written(each) for form, each in file.address.items()},
            levels=_named(file.levels),
            languages=_named(file.languages),
            counting=_counting(file),
            cues=cues_of(cues, lists, has_spaces=file.spaces),
            allows={rule: _words(each) for rule, each in file.allows.items()},
        )
    except (ValueError, Misconfigured) as error:
        raise Misconfigured(f"{', '.join(map(str, paths))}: {error}") from error


def _as_written(words: str) -> tuple[str, ...]:
    """The words with case and accents; `_` in a word is a space."""
    return tuple(each.replace("_", " ") for each in words.split())


def _named(named: dict[str, str]) -> dict[str, str]:
    """Words to names; `_` in a word is a space."""
    return {word.replace("_", " "): name for name, words in named.items() for word in _words(words)}


def _counting(file: LexiconFile) -> Counting:
    return Counting(
        numbers=dict(_numbers(file)),
        units={
            fold(word): (kind.split("*")[0], float(kind.partition("*")[2] or 1))
            for kind, words in file.units.items()
            for word in words.split()
        },
        fixed={tokens(text): _quantity(each) for text, each in file.fixed.items()},
        halves=frozenset(tokens(each) for each in file.halves),
        articles=_words(file.articles),
        joins=_words(file.joins),
        per=_words(file.per),
        ordinals=_words(file.ordinals),
        lasts=_words(file.lasts),
        clock=_words(file.clock),
    )


def _numbers(file: LexiconFile) -> Iterable[tuple[str, float]]:
    named = {fold(word): value for word, value in file.numbers.items()}
    yield from named.items()
    units = {word: value for word, value in named.items() if value < TENS.step}
    tens = {word: value for word, value in named.items() if value in TENS}
    for word, value in units.items():
        if file.halved:
            yield fold(file.halved.format(unit=word)), value + HALF
        for ten, many in tens.items() if file.joined else ():
            yield fold((file.joined or "").format(unit=word, ten=ten)), many + value


def _quantity(text: str) -> tuple[str, float]:
    value, _, kind = text.partition(" ")
    return kind, float(value)


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(each) for each in text.split())
