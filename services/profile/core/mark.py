"""Marks: by which an event, or a record, is known again where it was folded.

Two kinds, by what a false repeat would cost. A conversion, feedback, a privacy act and a link have a whole mark of 120
bits: no two are ever taken for one. Behaviour has a short one of 36 bits, since a page view that is lost costs nothing.
"""

from binascii import b2a_base64
from hashlib import blake2b

from schemas.clean import name_space
from services.profile.core.event import Event

SHORT = 6  # characters of base64
WHOLE = 20
OLD_DIGITS = 12  # in hex, of a mark as rings held them before
_BYTES = 6  # of the hash with which either begins: eight characters
_FURTHER_BYTES = 9  # of a whole one
_SHORT_KINDS = frozenset({"track", "page", "identify"})


def mark_of(event: Event) -> str:
    """By which the event is known again: a hash of its id within its name space."""
    begun = _BEGUN[event.trusted].get(event.kind)
    if begun is None:
        return mark_in(name_space(event.kind, is_trusted=event.trusted), event.id)
    hashing = begun.copy()
    hashing.update(event.id.encode())
    return b2a_base64(hashing.digest())[:SHORT].decode()


def mark_in(space: str, message_id: str) -> str:
    """The whole mark of an id within a name space."""
    said, person = message_id.encode(), space.encode()
    first = blake2b(said, digest_size=_BYTES, person=person).digest()
    return b2a_base64(first + blake2b(said, digest_size=_FURTHER_BYTES, person=person).digest(), newline=False).decode()


def digest_in(space: str, said: str) -> str:
    """Of what is noted without being kept itself: 48 bits of a hash, in hex."""
    return blake2b(said.encode(), digest_size=_BYTES, person=space.encode()).hexdigest()


def _begun(kind: str, *, is_trusted: bool) -> blake2b:
    return blake2b(digest_size=_BYTES, person=name_space(kind, is_trusted=is_trusted).encode())


_BEGUN = {trusted: {kind: _begun(kind, is_trusted=trusted) for kind in _SHORT_KINDS} for trusted in (False, True)}
"""Hashes of behaviour, by whether it is trusted, before any id was put in."""
