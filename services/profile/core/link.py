"""Links: an anonymous person's state goes to the known one, and leaves a forward pointer.

A browser may link an anonymous person to a known one; only a server may link known people; the first link stands.
"""

from schemas.clean import CleanEvent
from schemas.profile import ProfileState
from schemas.signing import canonical
from services.profile.core import interests, ring
from services.profile.core.awaiting import arrived, unheld
from services.profile.core.declared import merge_declared
from services.profile.core.memory import keep_telling, merge_first, merge_signals
from services.profile.core.pending import Ended, merge_pending
from services.profile.core.reasons import Count
from services.profile.core.rules import Rules
from services.profile.core.speaking import merge_speakers
from services.profile.core.state import (
    MAX_COMPLETED,
    MAX_HISTORY,
    MAX_INTERESTS,
    MAX_PAST,
    MAX_RECOMMENDED,
    MAX_SIGNALS,
    MAX_TOOK,
    State,
    copied,
    empty,
    keep_heaviest,
    keep_newest,
)
from services.profile.core.telling import merge_mails
from services.profile.core.touches import refuse, strength_of

KNOWN = frozenset(ProfileState.__annotations__)
OWN = frozenset({"fwd", "wait"})


def verdict(state: State, event: CleanEvent) -> Count:
    """Whether this link is made: LINKED, LINK_REPEATED, or LINK_REFUSED."""
    person, known = event["person"], event["link"]
    if "fwd" in state:
        return Count.LINK_REPEATED if state["fwd"] == known else Count.LINK_REFUSED
    is_known = not person.startswith("a:")
    if known.startswith("a:") or known == person or known in state["past"] or (is_known and not event["trusted"]):
        return Count.LINK_REFUSED
    return Count.LINKED


def pointer(state: State, known: str) -> State:
    """What stays of a person that was linked away: where to, and what stops repeats."""
    return {**empty(), "n": state["n"], "new": state["new"], "ids": state["ids"], "size": 4_000, "fwd": known}


def luggage(state: State) -> State:
    """What goes with the absorb record: all but what belongs to the person's own key, as whom the person awaits."""
    kept = {key: part for key, part in state.items() if key not in OWN}
    return {**kept, "pend": {purpose: unheld(entry) for purpose, entry in state["pend"].items()}}


def absorb(state: State, other: State, from_person: str, rules: Rules) -> list[Ended]:
    """Add the other's state to this one; gives the triggers that end by it.

    Law: below the caps associative and commutative in all but the order of message ids.
    """
    other = copied(other)
    merged(state, other)
    guests = dict.fromkeys([*state["past"], *other["past"], from_person])
    state["past"] = [*guests][-MAX_PAST:]
    arrived(state)
    ended = merge_pending(state, other["pend"])
    keep_heaviest(state["i"], MAX_INTERESTS, interests.weigher(state["new"], rules.half_life_ms))
    if len(state["sig"]) > MAX_SIGNALS:
        keep_telling(state, rules.half_life_ms)
    for part, most in (("hist", MAX_HISTORY), ("done", MAX_COMPLETED), ("reco", MAX_RECOMMENDED), ("took", MAX_TOOK)):
        keep_newest(state[part], most)
    return ended


def merged(state: State, other: State) -> None:
    """Add what was folded and said; bucket by bucket, row by row."""
    state["n"] += other["n"]
    state["new"] = max(state["new"], other["new"])
    for part in ("i", "eng"):
        interests.merge(state[part], other[part])
        interests.drop_outlived(state[part], state["new"])
    merge_signals(state["sig"], other["sig"])
    merge_speakers(state["who"], other["who"])
    merge_first(state["hist"], other["hist"])
    merge_first(state["done"], other["done"])
    merge_first(state["took"], other["took"])
    merge_mails(state["mail"], other["mail"])
    for course, time_ms in other["reco"].items():
        state["reco"][course] = max(time_ms, state["reco"].get(course, 0))
    merge_declared(state, other)
    for why, time_ms in other["supp"].items():
        refuse(state, why, time_ms)
    for hour, count in other["hour"].items():
        state["hour"][hour] = state["hour"].get(hour, 0) + count
    for decision, row in other["touch"].items():
        known = state["touch"].get(decision, row)
        state["touch"][decision] = max(known, row, key=lambda each: (strength_of(each), each))
    for part in other.keys() - KNOWN:  # a later version's: one of the two, whichever came first
        state[part] = max(state.get(part, other[part]), other[part], key=canonical)
    ring.merge(state, other)
