"""One form for every quantity of a text: `eleven` is 11, `four-week` is 28 days, `150 minutes` is 2 h 30.

A quantity is (kind, value): `minutes`, `days`, `months`, `%`, `money`, `fold` (tenfold), `plain`, `order` (lesson 3),
or a kind and `/` and what it comes again in (`minutes/days7` is so many minutes a week). Values are canonical decimals.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from services.composer.core.gate.folding import BREAK
from services.composer.core.gate.lexicons import Counting
from services.composer.core.gate.numerals import (
    DIGITS,
    Numeral,
    amount_of,
    canonical,
    number_of,
    numeral_at,
)

Quantity: TypeAlias = tuple[str, str]
PLAIN, ORDER, MONEY, PERCENT, MINUTES = "plain", "order", "money", "%", "minutes"
TIMES = frozenset({MINUTES, "days", "months"})
SMALL = 10  # up to here a number in words is a number before a unit alone
HOUR = 60.0
NTH = "第"  # before a number that is an order where there are no spaces
LONGEST_FIXED = 5  # tokens of a whole expression
CLOCK_DIGITS = 2  # of minutes behind an hour without their unit: `2 h 15`
SIGNS = {"%": PERCENT, **dict.fromkeys("€$£¥", MONEY)}
_END = (BREAK,) * LONGEST_FIXED  # behind the last token, so that every token has some after it


@dataclass(frozen=True, slots=True)
class Said:
    """A quantity as a text says it; `is_word`: in words alone."""

    kind: str
    value: str
    text: str
    is_word: bool

    @property
    def quantity(self) -> Quantity:
        """What it says."""
        return self.kind, self.value


def said_in(tokens: Sequence[str], counting: Counting) -> tuple[Said, ...]:
    """Every quantity that these tokens say, in order; small numbers in words only before a unit."""
    return tuple(_scan((*tokens, *_END), counting))


def held_by(said: Sequence[Said], tokens: Sequence[str], counting: Counting) -> frozenset[Quantity]:
    """Every quantity that a fact lets a text say: those it says, as bare numbers too, and times of so many times."""
    bare = {(PLAIN, number) for number in _bare(tokens, counting)}
    products = {
        (one.kind, canonical(amount_of(one.value) * amount_of(other.value)))
        for one in said
        for other in said
        if one.kind in TIMES and other.kind == PLAIN and other.value.isdigit()
    }
    return frozenset((*(each.quantity for each in said), *bare, *products))


def _bare(tokens: Sequence[str], counting: Counting) -> Iterator[str]:
    for each in tokens:
        if DIGITS.match(each):
            yield number_of(each)
        elif each in counting.numbers:
            yield canonical(counting.numbers[each])


def _scan(each: Sequence[str], counting: Counting) -> Iterator[Said]:
    place = 0
    while place < len(each) - len(_END):
        read = _fixed(each, place, counting) or _priced(each, place) or _counted(each, place, counting)
        if read is None:
            place += 1
            continue
        said, place = read
        yield from _again(said, each, place, counting)


def _fixed(each: Sequence[str], place: int, counting: Counting) -> tuple[Said, int] | None:
    """A whole expression: `half an hour`, `twice as fast`; the second half is a part and no share."""
    if place and each[place - 1] in counting.ordinals:
        return None
    for length in range(LONGEST_FIXED, 0, -1):
        words = tuple(each[place : place + length])
        if (found := counting.fixed.get(words)) is not None:
            kind, value = found
            return Said(kind, canonical(value), " ".join(words), is_word=True), place + length
    return None


def _priced(each: Sequence[str], place: int) -> tuple[Said, int] | None:
    """A sign before its number."""
    if each[place] not in SIGNS or not DIGITS.match(each[place + 1]):
        return None
    text = "".join(each[place : place + 2])
    return Said(SIGNS[each[place]], number_of(each[place + 1]), text, is_word=False), place + 2


def _counted(each: Sequence[str], place: int, counting: Counting) -> tuple[Said, int] | None:
    """A number with its half, its unit, and the minutes after its hours."""
    numeral = numeral_at(each, place, counting)
    before = each[place - 1] if place else BREAK
    if numeral is None or (numeral.is_word and before in counting.ordinals):
        return None
    half, after = _half(each, numeral.end, counting)
    unit = (SIGNS[each[after]], 1.0) if each[after] in SIGNS else counting.units.get(each[after])
    if unit is None:
        return _bare_number(each, place, numeral, counting)
    if unit == (MINUTES, HOUR) and before in counting.clock:
        return None
    late, end = _half(each, after + 1, counting)
    if _says_nothing(each, place, numeral, unit[0], counting) and not half + late:
        return None
    kind, many = unit
    if before == NTH and kind == PLAIN:
        return Said(ORDER, numeral.value, f"{before}{each[place]}{each[after]}", is_word=False), after + 1
    value = canonical(amount_of(numeral.value) + half + late) if half + late else numeral.value
    if many != 1:
        value = canonical(amount_of(value) * many)
    if (kind, many) == (MINUTES, HOUR):
        more, end = _minutes(each, end, counting)
        value = canonical(amount_of(value) + more)
    return Said(kind, value, " ".join(each[place:end]), numeral.is_word), end


def _says_nothing(each: Sequence[str], place: int, numeral: Numeral, kind: str, counting: Counting) -> bool:
    """`an hour` unless something is of it or takes it; `one lesson`."""
    after = numeral.end + 1
    is_rate = kind in TIMES and each[after] in counting.per and each[after + 1] in counting.units
    is_article = each[place] in counting.articles and not (place and each[place - 1] in counting.lasts) and not is_rate
    return is_article or (numeral.is_word and kind == PLAIN and amount_of(numeral.value) <= 1)


def _bare_number(each: Sequence[str], place: int, numeral: Numeral, counting: Counting) -> tuple[Said, int] | None:
    """A number without a unit behind it: the third of something, a price, or plain; a small one in words is none."""
    before = each[place - 1] if place else BREAK
    kind = counting.units.get(before, (PLAIN, 1.0))[0] if before in counting.units else ""
    text = " ".join(each[place : numeral.end])
    if kind == PLAIN and not numeral.is_word:
        return Said(ORDER, numeral.value, f"{before} {text}", is_word=False), numeral.end
    if numeral.is_word and amount_of(numeral.value) <= SMALL:
        return None
    return Said(MONEY if kind == MONEY else PLAIN, numeral.value, text, numeral.is_word), numeral.end


def _half(each: Sequence[str], place: int, counting: Counting) -> tuple[float, int]:
    for words in counting.halves:
        if tuple(each[place : place + len(words)]) == words:
            return 0.5, place + len(words)
    return 0.0, place


def _minutes(each: Sequence[str], place: int, counting: Counting) -> tuple[float, int]:
    """The minutes behind hours, with or without their unit: `2 h 30`, `2 hours and 30 minutes`."""
    start = place + 1 if each[place] in counting.joins else place
    numeral = numeral_at(each, start, counting) if start < len(each) - 2 else None
    if numeral is None:
        return 0.0, place
    if counting.units.get(each[numeral.end]) == (MINUTES, 1.0):
        return amount_of(numeral.value), numeral.end + 1
    is_clock = start == place and len(each[start]) == CLOCK_DIGITS and each[numeral.end] not in counting.units
    return (amount_of(numeral.value), numeral.end) if is_clock and not numeral.is_word else (0.0, place)


def _again(said: Said, each: Sequence[str], place: int, counting: Counting) -> Iterator[Said]:
    """The quantity, and where it comes again in a time (`a week`), that too."""
    kind, many = counting.units.get(each[place + 1], ("", 1.0)) if each[place] in counting.per else ("", 1.0)
    if said.kind in {*TIMES, MONEY} and kind in TIMES:
        often = f"{said.kind}/{kind}{'' if many == 1 else canonical(many)}"
        yield Said(often, said.value, f"{said.text} {each[place]} {each[place + 1]}", said.is_word)
    yield said
