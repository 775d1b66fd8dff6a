"""A person's state: a plain dict with the short keys that `schemas.profile.ProfileState` explains; caps of size.

Whoever changes a state owns its two upper levels (`copied`); what lies deeper is replaced, never changed.
"""

import heapq
from collections.abc import Callable
from typing import Any, TypeAlias

from schemas import plain
from services.profile.core.interests import weigher

State: TypeAlias = dict[str, Any]
Weigh: TypeAlias = Callable[[dict[str, int]], float]

LIMIT_BYTES = 64 * 1024  # the changelog's promise: what compaction and recovery are sized for
CHECK_BYTES = 60_000  # an upper bound above this is measured
SHRUNK_BYTES = 48 * 1024  # room for some fifty events before the next measurement
RING = 128  # message ids: what clients send twice comes again within a few dozen events of a person
MARK = 13  # characters: a bar and 48 bits of the id's hash in hex
MAX_SIGNALS = 20
MAX_HISTORY = 30
MAX_COMPLETED = 100
MAX_TOOK = 200  # courses told of: beyond, the oldest may be told again
MAX_RECOMMENDED = 60
MAX_PAST = 16
MAX_AWAITED = 8  # a call links three persons at most
MAX_TOUCHES = 100
DECISION = 36  # characters of a decision's id, with which the key of a row of `mail` begins
MAX_INTERESTS = 128
MONTHS = 24  # of buckets that count


def empty() -> State:
    """The state of a person nothing is known of, with every part: what a step works on."""
    return {
        "v": 1, "n": 0, "new": 0, "size": 200, "i": {}, "sig": {}, "who": {}, "fact": {}, "hist": {}, "done": {},
        "reco": {}, "took": {}, "cons": {}, "supp": {}, "eng": {}, "hour": {}, "touch": {}, "mail": {}, "pend": {},
        "ids": "", "past": [], "wait": {},
    }  # fmt: skip


def copied(state: State) -> State:
    """A state with every part, whose two upper levels are one's own."""
    own = empty()
    for key, part in state.items():
        kind = type(part)
        own[key] = part.copy() if kind is dict or kind is list else part
    return own


def stored(state: State) -> State:
    """The state without the parts that are empty, as it is kept: small, and light on the garbage collector."""
    return {key: part for key, part in state.items() if part or part == 0}


def encode(value: State) -> bytes:
    """The state as stored; equal states have equal bytes.

    Raises:
        ValueError: over 64 KB, which `fit` makes impossible: our bug.
    """
    raw = plain.dumps(value)
    if len(raw) > LIMIT_BYTES:
        raise ValueError(f"a state may have {LIMIT_BYTES} bytes, this one has {len(raw)}: it was not fitted")
    return raw


def decode(raw: bytes) -> State:
    """The state of these bytes."""
    return plain.loads(raw)


def grown(state: State, byte_count: int, half_life_ms: float) -> bool:
    """True if the state, grown by at most so many bytes, had to be shrunk: the lightest interests, the oldest else."""
    state["size"] += byte_count
    if state["size"] <= CHECK_BYTES:
        return False
    weigh = weigher(state["new"], half_life_ms)
    state["size"] = len(plain.dumps(state))
    if state["size"] <= SHRUNK_BYTES:
        return False
    share = 1
    while state["size"] > SHRUNK_BYTES and share <= LIMIT_BYTES:
        _shrink(state, share, weigh)
        state["size"] = len(plain.dumps(state))
        share *= 2
    return True


def keep_newest(times: dict[str, int], most: int) -> None:
    """Drop the oldest beyond `most`; ties by name, so that order does not matter."""
    for name in sorted(times, key=lambda each: (times[each], each))[: max(0, len(times) - most)]:
        del times[name]


def keep_heaviest(interests: dict[str, dict[str, int]], most: int, weigh: Weigh) -> None:
    """Drop the lightest interests beyond `most`."""
    if len(interests) > most:
        kept = set(heapq.nlargest(most, interests, key=lambda key: (abs(weigh(interests[key])), key)))
        for key in [each for each in interests if each not in kept]:
            del interests[key]


def _shrink(state: State, share: int, weigh: Weigh) -> None:
    keep_heaviest(state["i"], MAX_INTERESTS // share, weigh)
    for part, most in (("i", MAX_INTERESTS), ("eng", 16)):
        newest_of = {key: sorted(months, key=int)[-max(1, MONTHS // share) :] for key, months in state[part].items()}
        state[part] = {
            key: {month: state[part][key][month] for month in months}
            for key, months in list(newest_of.items())[: max(1, most // share)]
        }
    keep_newest_rows(state["sig"], MAX_SIGNALS // share, 4)
    state["who"] = {key: row for key, row in state["who"].items() if key in state["sig"]}
    keep_newest(state["hist"], MAX_HISTORY // share)
    keep_newest(state["done"], MAX_COMPLETED // share)
    keep_newest(state["reco"], MAX_RECOMMENDED // share)
    keep_newest(state["took"], MAX_TOOK // share)
    keep_newest_rows(state["touch"], MAX_TOUCHES // share, 0)
    state["mail"] = {key: row for key, row in state["mail"].items() if key[:DECISION] in state["touch"]}
    state["ids"] = state["ids"][-MARK * max(8, RING // share) :]
    del state["past"][: -max(1, MAX_PAST // share)]
    keep_newest(state["wait"], MAX_AWAITED // share)
    if share > 8:  # noqa: PLR2004 what is small and dear goes last
        state["hour"].clear()
        keep_newest_rows(state["fact"], 8 // (share // 8), 1)


def keep_newest_rows(rows: dict[str, list[Any]], most: int, column: int) -> None:
    """Drop the rows with the oldest time in `column` beyond `most`."""
    for name in sorted(rows, key=lambda each: (rows[each][column], each))[: max(0, len(rows) - most)]:
        del rows[name]
