"""How many of what: each number of a text before what it may count."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from services.composer.core.gate.folding import BREAK
from services.composer.core.gate.lexicons import Lexicon
from services.composer.core.gate.numerals import amount_of, number_in_kanji, numeral_at

Count: TypeAlias = tuple[str, str]
"""A number's canonical value, and the stem of what it counts."""

MOST_WORDS = 2  # behind a number that may be what it counts: `three folk tunes`
FEWEST = 2  # one of something is any
_END = (BREAK,) * 5  # behind the last token, so that a number has some after it
_KANJI_COUNT = re.compile(r"([\d一二三四五六七八九十百千万]+)([\u4e00-\u9fff])")


def counted_in(tokens: Sequence[str], folded: str, lexicon: Lexicon) -> tuple[Count, ...]:
    """Each number from two on with each content word behind it; where there are no spaces, with one kanji."""
    return tuple(_spaced(tokens, lexicon) if lexicon.has_spaces else _unspaced(folded, lexicon))


def by_noun(counts: Iterable[Count]) -> Mapping[str, set[str]]:
    """What is counted, and every number of it."""
    held: dict[str, set[str]] = {}
    for value, noun in counts:
        held.setdefault(noun, set()).add(value)
    return held


def _unspaced(folded: str, lexicon: Lexicon) -> Iterator[Count]:
    counted = _KANJI_COUNT.findall(folded)
    return ((number_in_kanji(number), noun) for number, noun in counted if noun not in lexicon.counting.units)


def _spaced(tokens: Sequence[str], lexicon: Lexicon) -> Iterator[Count]:
    counting, said = lexicon.counting, (*tokens, *_END)
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
