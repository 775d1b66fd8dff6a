"""Numbers that no fact holds; a text that speaks of watching, or as a model."""

from services.composer.core.gate.known import Known
from services.composer.core.gate.quantities import ORDER, PLAIN, Said, said_in


def number(text: str, known: Known) -> str | None:
    """A number, percentage, price or time with digits that no fact holds as the same kind."""
    found = next(
        (each for each in said_in(text, known.lexicon) if not each.is_word and not _is_held(each, known)), None
    )
    return None if found is None else f"{found.value} ({found.kind})"


def number_word(text: str, known: Known) -> str | None:
    """A number in words that no fact holds, in words or digits: from eleven on always, below before a unit."""
    said = (each for each in said_in(text, known.lexicon) if each.is_word)
    return next((each.text for each in said if not _is_held(each, known)), None)


def _is_held(said: Said, known: Known) -> bool:
    """The same quantity; a bare number also as part of one; the third lesson where there are three."""
    match said.kind:
        case "plain":
            return said.value in {value for _, value in known.numbers}
        case "order":
            counts = (value for kind, value in known.numbers if kind in {PLAIN, ORDER})
            return any(value.isdigit() and float(said.value) <= float(value) for value in counts)
        case _:
            return said.quantity in known.numbers
