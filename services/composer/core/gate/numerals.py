"""Numbers in digits, words and kanji, as they stand among the tokens of a text."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.composer.core.gate.lexicons import Counting

SLASH = "\u2044"  # what `½` folds to, between its digits
TEN, TWENTY, SIXTY, HUNDRED, THOUSAND = 10.0, 20.0, 60.0, 100.0, 1000.0
DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")
_KANJI = dict(zip("\u3007一二三四五六七八九", range(10), strict=True))
_SCALE = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_MYRIAD = 10_000
_KANJI_NUMBER = re.compile("[\u3007一二三四五六七八九十百千万]+")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number: its canonical value, the place behind it, and whether it is in words alone."""

    value: str
    end: int
    is_word: bool


def canonical(value: float) -> str:
    """The shortest decimal: 2.5, 30."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def number_of(digits: str) -> str:
    """Digits with separators as one decimal: `1,000`, `1.000` are 1000, `2,5` is 2.5; `1.2.3` stays."""
    dotted = "".join(str(unicodedata.decimal(each)) if each.isdecimal() else "." for each in digits)
    if _GROUPED.fullmatch(dotted):
        return dotted.replace(".", "")
    return dotted.rstrip("0").rstrip(".") if dotted.count(".") == 1 else dotted


def amount_of(value: str) -> float:
    """The number of a canonical value; zero of what is none, as `1.2.3`."""
    return float(value) if value.count(".") <= 1 and value.replace(".", "").isdigit() else 0.0


def numeral_at(each: Sequence[str], place: int, counting: Counting) -> Numeral | None:
    """The number that begins here; behind it are two tokens at least that are no number."""
    if DIGITS.match(each[place]):
        return _in_digits(each, place, counting)
    return _in_words(each, place, counting) if each[place] in counting.numbers else None


def number_in_kanji(text: str) -> str:
    """The number that digits or kanji write, in digits."""
    return number_of(text) if text.isdecimal() else str(_of_kanji(text))


def unspaced(folded: str, counting: Counting) -> Iterator[str]:
    """Tokens of a text without spaces: digits, kanji numbers before a unit as digits, units, and the rest by letter."""
    longest = sorted(counting.units, key=len, reverse=True)
    place = 0
    while place < len(folded):
        digits, kanji = DIGITS.match(folded, place), _KANJI_NUMBER.match(folded, place)
        unit = next((each for each in longest if folded.startswith(each, place)), None)
        if digits:
            token, shown = digits.group(), digits.group()
        elif kanji and any(folded.startswith(each, kanji.end()) for each in longest):
            token, shown = kanji.group(), str(_of_kanji(kanji.group()))
        else:
            token = shown = unit or folded[place]
        yield shown
        place += len(token)


def _in_digits(each: Sequence[str], place: int, counting: Counting) -> Numeral:
    if each[place + 1] == SLASH and amount_of(each[place + 2]):
        return Numeral(canonical(amount_of(each[place]) / amount_of(each[place + 2])), place + 3, is_word=False)
    value, scale = number_of(each[place]), counting.numbers.get(each[place + 1], 0.0)
    if scale >= THOUSAND:
        return Numeral(canonical(amount_of(value) * scale), place + 2, is_word=False)
    return Numeral(value, place + 1, is_word=False)


def _in_words(each: Sequence[str], place: int, counting: Counting) -> Numeral:
    total, current, room, end = 0.0, 0.0, float("inf"), place
    while True:
        value = counting.numbers.get(each[end])
        if value is None and end > place and _goes_on(each, end, counting, current):
            end += 1
            continue
        if value is None or room <= value < HUNDRED:
            break
        total, current, room = _added(total, current, value)
        end += 1
    return Numeral(canonical(total + current), end, is_word=True)


def _added(total: float, current: float, value: float) -> tuple[float, float, float]:
    """What is counted so far, and below what the next word must stay to belong to it."""
    if value >= THOUSAND:
        return total + (current or 1) * value, 0.0, float("inf")
    if value >= HUNDRED:
        return total, (current or 1) * value, HUNDRED
    tens = TWENTY if value >= SIXTY else TEN  # soixante-dix
    return total, current + value, tens if value >= TWENTY or value == TEN else 0.0  # dix-huit


def _goes_on(each: Sequence[str], place: int, counting: Counting, current: float) -> bool:
    """Whether the word after an `and` goes on with the number: `twenty and one`, never `three and four`."""
    after = counting.numbers.get(each[place + 1])
    is_round = current >= TWENTY and current % 10 == 0
    return each[place] in counting.joins and after is not None and is_round and after < current / 2


def _of_kanji(text: str) -> int:
    total = current = 0
    for each in text:
        if each in _KANJI:
            current = current * 10 + _KANJI[each]
        elif _SCALE[each] == _MYRIAD:
            total, current = (total + (current or 1)) * _MYRIAD, 0
        else:
            total, current = total + (current or 1) * _SCALE[each], 0
    return total + current
