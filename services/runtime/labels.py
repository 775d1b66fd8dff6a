"""Labels are bounded: what comes from outside counts under a word of ours, or as `other`. Pure."""

from collections.abc import Container

OTHER = "other"


def bounded(word: str, known: Container[str]) -> str:
    """The word where it is one of the known ones, else `other`: a label's values must never be a stranger's to make."""
    return word if word in known else OTHER
