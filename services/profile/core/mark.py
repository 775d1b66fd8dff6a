"""Marks: by which an event, or a record, is known again where it was folded."""

from functools import lru_cache
from hashlib import blake2b

from schemas.clean import name_space
from services.profile.core.event import Event

DIGITS = 12  # of a mark: 48 bits of a hash, in hex


def mark_of(event: Event) -> str:
    """By which the event is known again: a hash of its id within its name space."""
    hashing = _hashing(event.kind, event.trusted).copy()
    hashing.update(event.id.encode())
    return hashing.hexdigest()


def mark_in(space: str, message_id: str) -> str:
    """The mark of an id within a name space."""
    return blake2b(message_id.encode(), digest_size=6, person=space.encode()).hexdigest()


@lru_cache
def _hashing(kind: str, is_trusted: bool) -> blake2b:  # noqa: FBT001 part of the cache's key
    return blake2b(digest_size=6, person=name_space(kind, is_trusted=is_trusted).encode())


def old_mark(message_id: str) -> str:
    """The mark of a state stored before there were name spaces."""
    return blake2b(message_id.encode(), digest_size=6).hexdigest()
