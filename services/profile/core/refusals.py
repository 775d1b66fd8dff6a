"""Refusals by their kind, and when each was last said; of the one that is lifted nothing before it stands."""

from collections.abc import Mapping, Sequence

from schemas.suppression import EVERY_PURPOSE
from services.profile.core.times import keep_last

LIFTED = "lifted"  # stands among the refusals: since when they count
MAX_REFUSALS = 24  # a purpose more refuses every mail


def standing(refusals: Mapping[str, int]) -> dict[str, int]:
    """The refusals that no lift has undone: it undoes those before it."""
    lifted_ms = refusals.get(LIFTED, -1)
    return {why: time_ms for why, time_ms in refusals.items() if why != LIFTED and time_ms >= lifted_ms}


def refuse(refusals: dict[str, int], word: str, purposes: Sequence[str], time_ms: int) -> None:
    """Note a refusal of purposes, or of every mail where none is named; the latest time of each kind stays.

    Law: where the cap leaves no room for a purpose more, every mail is refused.
    """
    for purpose in purposes or (EVERY_PURPOSE,):
        why = word if purpose == EVERY_PURPOSE else f"{word}:{purpose}"
        is_one_more = why != word and why not in refusals and len(refusals) >= MAX_REFUSALS
        keep_last(refusals, word if is_one_more else why, time_ms)


def is_refused(refusals: Mapping[str, int], purpose: str) -> bool:
    """True if every mail is refused, or one of the purpose."""
    return any(":" not in why or why.partition(":")[2] == purpose for why in standing(refusals))
