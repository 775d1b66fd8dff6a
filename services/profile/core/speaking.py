"""Who gave a signal its title: a row beside the signal's, of the time at which its title was said.

Of several who spoke at that time the least trusted counts, so a browser never borrows a server's word.
Laws: order-free, associative, idempotent; a row of another time than the signal's says nothing.
"""

from collections.abc import Mapping
from typing import Any

from schemas.speaker import SPEAKERS, Speaker, browser_of, speaker
from services.profile.core.state import State

ROW_BYTES = 80  # bound of a row beside its key
_TRUST = {each.value: place for place, each in enumerate(SPEAKERS)}


def note(rows: dict[str, list[Any]], key: str, time_ms: int, word: str) -> None:
    """Note who gave this signal its title at this time."""
    _keep(rows, key, [time_ms, word])


def merge_speakers(rows: dict[str, list[Any]], other: Mapping[str, list[Any]]) -> None:
    """Add the other's rows."""
    for key, row in other.items():
        _keep(rows, key, row)


def forget_speakers(state: State) -> None:
    """Drop the rows of signals that are gone."""
    state["who"] = {key: row for key, row in state["who"].items() if key in state["sig"]}


def speaker_of_signal(state: State, key: str, person: str) -> Speaker:
    """Who gave the signal the title it has; where no row says, a browser of the person's own kind."""
    time_ms, word = state["who"].get(key, (None, None))
    if time_ms != state["sig"][key][4]:
        return browser_of(person)
    return speaker(word, is_trusted=False, person=person)


def speaker_of_rank(rank: int, verified: int, person: str) -> Speaker:
    """Who declared a fact of this rank: 0 is an anonymous browser's wherever its state went."""
    if rank == verified:
        return Speaker.SERVER
    return browser_of(person) if rank else Speaker.ANONYMOUS_BROWSER


def _keep(rows: dict[str, list[Any]], key: str, row: list[Any]) -> None:
    known = rows.get(key)
    if known is None or _standing(row) > _standing(known):
        rows[key] = row


def _standing(row: list[Any]) -> tuple[int, int, str]:
    """Later before earlier, then the less trusted; a word of a later version is trusted least."""
    return (row[0], -_TRUST.get(row[1], -1), row[1])
