"""Numbers that no fact holds, and counts that every fact has otherwise."""

from collections.abc import Iterator

from services.composer.core.gate.counts import by_noun
from services.composer.core.gate.known import Known, holds
from services.composer.core.gate.numerals import canonical
from services.composer.core.gate.quantities import ORDER, PLAIN, Said
from services.composer.core.gate.statement import Statement

ONE = "1"  # of anything: each lesson is one


def number(statement: Statement) -> str | None:
    """A number, percentage, price or time with digits that no fact holds as the same kind."""
    said = (each for each in statement.said.quantities if not each.is_word)
    found = next((each for each in said if not _is_held(each, statement.known)), None)
    return None if found is None else f"{found.value} ({found.kind})"


def number_word(statement: Statement) -> str | None:
    """A number in words that no fact holds, in words or digits: from eleven on always, below before a unit."""
    known = statement.known
    said = (each for each in statement.said.quantities if each.is_word)
    unheld = [each for each in said if not (_is_held(each, known) or _is_part(each, known))]
    theirs = frozenset(_theirs(statement)) if unheld else frozenset()
    return next((each.text for each in unheld if each not in theirs), None)


def count(statement: Statement) -> str | None:
    """A number of what every fact that counts it has another number of: five tunes where there are three."""
    said = statement.own.counts
    held = by_noun(pair for each in statement.known.quotable for pair in each.counts) if said else {}
    return next((f"{value} {noun}" for value, noun in said if value not in held.get(noun, {value})), None)


def _theirs(statement: Statement) -> Iterator[Said]:
    """What the reader counts themselves, of the same: their twenty olive trees, the hour a day they want to win."""
    typed = statement.known.typed_texts
    phrases = " ".join(each.phrase for each in typed)
    counted, theirs = by_noun(statement.said.counts), by_noun(pair for each in typed for pair in each.counts)
    shared = {value for noun, values in counted.items() for value in values & theirs.get(noun, set())}
    for each in statement.said.quantities:
        if f" {each.text} " in phrases or (each.kind == PLAIN and each.value in shared):
            yield each


def _is_part(said: Said, known: Known) -> bool:
    """A number and a unit that the facts hold apart: three years where it is from three to six years."""
    value, *unit = said.text.split()
    numbers = known.lexicon.counting.numbers
    return (
        len(unit) == 1
        and value in numbers
        and (PLAIN, canonical(numbers[value])) in known.numbers
        and holds(known.stems, unit[0], known.lexicon)
    )


def _is_held(said: Said, known: Known) -> bool:
    """The same quantity; a bare number also as part of one; the third lesson where there are three."""
    match said.kind:
        case "plain":
            return said.value == ONE or said.value in {value for _, value in known.numbers}
        case "order":
            counts = (value for kind, value in known.numbers if kind in {PLAIN, ORDER})
            return any(value.isdigit() and float(said.value) <= float(value) for value in counts)
        case _:
            return said.quantity in known.numbers
