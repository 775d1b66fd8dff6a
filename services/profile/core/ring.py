"""The ring of a state: hashes of the ids of what it folded of late, so that what a client sends twice counts once.

Only what was folded here, or ended here, is put in: an event that was merely seen, and went on, may yet come back.
"""

from functools import lru_cache
from hashlib import blake2b

from schemas.clean import CleanEvent, name_space
from services.profile.core.state import MARK, RING, State

ABSORBED = "absorbed"  # the name space of records that carried a state here; no event is in it


def holds(state: State, event: CleanEvent) -> bool:
    """True if an event of this id and name space was folded here; a mark of old protects what servers said alone.

    The two searches would cost a browser's event 2 of some 50 µs for ever, and it gains a repeat around an upgrade.
    """
    ids: str = state["ids"]
    return bool(ids) and (
        _mark(name_space(event), event["id"]) in ids or (event["trusted"] and _old_mark(event["id"]) in ids)
    )


def keep(state: State, event: CleanEvent) -> None:
    """Remember that the event was folded here; the oldest is forgotten."""
    _keep(state, name_space(event), event["id"])


def holds_absorb(state: State, from_person: str, record_id: str) -> bool:
    """True if the record that carried this person's state was taken here."""
    said = _absorb(from_person, record_id)
    return _mark(ABSORBED, said) in state["ids"] or _old_mark(said) in state["ids"]


def keep_absorb(state: State, from_person: str, record_id: str) -> None:
    """Remember the record."""
    _keep(state, ABSORBED, _absorb(from_person, record_id))


def merge(state: State, other: State) -> None:
    """Add what the other folded: its clients may send that again, and the other's forward pointer leads here."""
    marks = dict.fromkeys((other["ids"] + state["ids"]).split("|")[1:])
    state["ids"] = "".join(f"|{mark}" for mark in marks)[-RING * MARK :]


def without(ids: str, message_id: str) -> str:
    """The ring without an id as rings were marked before name spaces: the link's, which was the id of its call."""
    return ids.replace(_old_mark(message_id), "")


def _keep(state: State, space: str, message_id: str) -> None:
    state["ids"] = (state["ids"] + _mark(space, message_id))[-RING * MARK :]


@lru_cache(maxsize=1)  # it is looked for, then kept
def _mark(space: str, message_id: str) -> str:
    return "|" + blake2b(message_id.encode(), digest_size=6, person=space.encode()).hexdigest()


def _old_mark(message_id: str) -> str:
    """The mark of a state stored before there were name spaces."""
    return "|" + blake2b(message_id.encode(), digest_size=6).hexdigest()


def _absorb(from_person: str, record_id: str) -> str:
    return f"absorb:{from_person}:{record_id}"
