"""How many of what: a number before a noun that the facts count as well, and otherwise."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from services.composer.core.gate.folding import BREAK, tokens
from services.composer.core.gate.known import Ground
from services.composer.core.gate.lexicons import Lexicon
from services.composer.core.gate.numerals import amount_of, number_in_kanji, numeral_at
from services.composer.core.gate.unsaid import unquoted
from services.composer.core.values import Line
from services.rules.folding import REMEMBERED, fold

MOST_WORDS = 2  # behind a number that may be what it counts: `three folk tunes`
FEWEST = 2  # one of something is any
_END = (BREAK,) * 5  # behind the last token, so that a number has some after it
_KANJI_COUNT = re.compile(r"([\d一二三四五六七八九十百千万]+)([\u4e00-\u9fff])")


def count(line: Line, ground: Ground) -> str | None:
    """A number of what every fact that counts it has another number of: five tunes where there are three."""
    known = ground.known
    held = counts_of(known.texts, known.lexicon)
    for value, noun in _counts(unquoted(line.text, known.texts), known.lexicon):
        if value not in held.get(noun, {value}):
            return f"{value} {noun}"
    return None


@lru_cache(maxsize=REMEMBERED)
def counts_of(texts: tuple[str, ...], lexicon: Lexicon) -> Mapping[str, set[str]]:
    """What these texts count, by the stem of what is counted, and every number of it."""
    held: dict[str, set[str]] = {}
    for text in texts:
        for value, noun in _counts(text, lexicon):
            held.setdefault(noun, set()).add(value)
    return held


def _counts(text: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """Each number from two on with the stem of each content word behind it; where there are no spaces, one kanji."""
    if not lexicon.has_spaces:
        counted = _KANJI_COUNT.findall(fold(text))
        yield from ((number_in_kanji(number), noun) for number, noun in counted if noun not in lexicon.counting.units)
        return
    counting, said = lexicon.counting, (*tokens(text), *_END)
    place = 0
    while place < len(said) - len(_END):
        numeral = numeral_at(said, place, counting)
        if numeral is None:
            place += 1
            continue
        is_part = place > 0 and said[place - 1] in counting.ordinals
        place = numeral.end
        if is_part or amount_of(numeral.value) < FEWEST:
            continue
        for word in said[place : place + MOST_WORDS]:
            if not word[0].isalpha() or word in lexicon.function or word in counting.units or word in counting.numbers:
                break
            yield numeral.value, lexicon.stem(word)
