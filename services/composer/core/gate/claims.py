"""Numbers that no fact holds; a text that speaks of watching, or as a model."""

from collections.abc import Iterator

from services.composer.core.gate.counts import counts_of
from services.composer.core.gate.folding import as_phrase
from services.composer.core.gate.known import Known, holds
from services.composer.core.gate.numerals import canonical
from services.composer.core.gate.quantities import ORDER, PLAIN, Said, said_in

ONE = "1"  # of anything: each lesson is one


def number(text: str, known: Known) -> str | None:
    """A number, percentage, price or time with digits that no fact holds as the same kind."""
    found = next(
        (each for each in said_in(text, known.lexicon) if not each.is_word and not _is_held(each, known)), None
    )
    return None if found is None else f"{found.value} ({found.kind})"


def number_word(text: str, known: Known) -> str | None:
    """A number in words that no fact holds, in words or digits: from eleven on always, below before a unit."""
    said = (each for each in said_in(text, known.lexicon) if each.is_word)
    theirs = frozenset(_theirs(text, known))
    return next(
        (each.text for each in said if not (_is_held(each, known) or _is_part(each, known) or each in theirs)),
        None,
    )


def _theirs(text: str, known: Known) -> Iterator[Said]:
    """What the reader counts themselves, of the same: their twenty olive trees, the hour a day they want to win."""
    lexicon = known.lexicon
    said_by_reader = " ".join(as_phrase(each) for each in known.said_by_reader)
    counted, theirs = counts_of((text,), lexicon), counts_of(known.said_by_reader, lexicon)
    shared = {value for noun, values in counted.items() for value in values & theirs.get(noun, set())}
    for each in said_in(text, lexicon):
        if f" {each.text} " in said_by_reader or (each.kind == PLAIN and each.value in shared):
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
