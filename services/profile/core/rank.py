"""How far what an event declares is believed; a rank stands before the time."""

from schemas.clean import CleanEvent

VERIFIED = 2  # the rank of what a server proved


def rank_of(event: CleanEvent) -> int:
    """2 for what a server proved of a known person, 1 for what their browser said, 0 for an anonymous person."""
    if event["person"].startswith("a:"):
        return 0
    return VERIFIED if event["trusted"] else 1
