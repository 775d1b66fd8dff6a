"""The ring of a state: hashes of the ids of what it folded of late, so that what a client sends twice counts once.

Only what was folded here, or ended here, is put in: an event that was merely seen, and went on, may yet come back.
"""

from hashlib import blake2b

from schemas.clean import CleanEvent, name_space
from services.profile.core.state import MARK, RING, State

ABSORBED = "absorbed"  # the name space of records that carried a state here; no event is in it


def holds(state: State, event: CleanEvent) -> bool:
    """True if an event of this id and name space was folded here."""
    return _holds(state, name_space(event), event["id"])


def keep(state: State, event: CleanEvent) -> None:
    """Remember that the event was folded here; the oldest is forgotten."""
    _keep(state, name_space(event), event["id"])


def holds_absorb(state: State, from_person: str, record_id: str) -> bool:
    """True if the record that carried this person's state was taken here."""
    return _holds(state, ABSORBED, _absorb(from_person, record_id))


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


def _holds(state: State, space: str, message_id: str) -> bool:
    ids: str = state["ids"]
    return bool(ids) and (_mark(space, message_id) in ids or _old_mark(message_id) in ids)


def _keep(state: State, space: str, message_id: str) -> None:
    state["ids"] = (state["ids"] + _mark(space, message_id))[-RING * MARK :]


def _mark(space: str, message_id: str) -> str:
    return "|" + blake2b(message_id.encode(), digest_size=6, person=space.encode()).hexdigest()


def _old_mark(message_id: str) -> str:
    """The mark of a state stored before there were name spaces: it protects in each of them until it is forgotten."""
    return "|" + blake2b(message_id.encode(), digest_size=6).hexdigest()


def _absorb(from_person: str, record_id: str) -> str:
    return f"absorb:{from_person}:{record_id}"
