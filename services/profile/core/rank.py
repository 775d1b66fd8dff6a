"""How far what an event declares is believed; a rank stands before the time."""

VERIFIED = 2  # the rank of what a server proved


def rank_of(person: str, *, is_trusted: bool) -> int:
    """2 for what a server proved of a known person, 1 for what their browser said, 0 for an anonymous person."""
    if person.startswith("a:"):
        return 0
    return VERIFIED if is_trusted else 1
