"""What was typed at a terminal, read into values; each command says in its own way that a word is none."""

from datetime import UTC, datetime


def instant_of(text: str) -> datetime:
    """A date or an instant; without a zone it is UTC.

    Raises:
        ValueError: it is none; the text says what was expected and what came.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a date or an instant, as 2026-11-03T09:30; came {text}") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
