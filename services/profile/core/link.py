"""Links: an anonymous person's state goes to the known one, and leaves a forward pointer.

A browser may link an anonymous person to a known one; only a server may link known people; the first link stands.
"""

from typing import Any

from msgspec.json import Encoder
from msgspec.structs import replace

from schemas import plain
from schemas.clean import Absorb, CleanEvent
from services.profile.core.facets.identity import Erased, Identity
from services.profile.core.facets.triggers import Triggers
from services.profile.core.person import Person, decode, encode
from services.profile.core.reasons import Count
from services.profile.core.trigger import unheld

POINTER_BYTES = 4_000  # bound of a pointer
_ENCODER = Encoder(order="deterministic")  # as persons are stored


def verdict(person: Person, event: CleanEvent) -> Count:
    """Whether this link is made: LINKED, LINK_REPEATED, or LINK_REFUSED."""
    key, known, identity = event["person"], event["link"], person.identity
    if identity.forward is not None:
        return Count.LINK_REPEATED if identity.forward == known else Count.LINK_REFUSED
    is_known = not key.startswith("a:")
    if known.startswith("a:") or known == key or known in identity.past or (is_known and not event["trusted"]):
        return Count.LINK_REFUSED
    return Count.LINKED


def pointer(person: Person, known: str) -> Person:
    """What stays of a person that was linked away: where to, and what stops repeats."""
    identity = Identity(ids=person.identity.ids, forward=known)
    return Person(events=person.events, newest_ms=person.newest_ms, size=POINTER_BYTES, identity=identity)


def transferable(person: Person) -> dict[str, Any]:
    """What goes with the absorb record: all but what belongs to the person's own key, as whom the person awaits."""
    identity = replace(person.identity, awaited={})
    triggers = Triggers({purpose: unheld(each) for purpose, each in person.triggers.by_purpose.items()})
    theirs = {**vars(person), "identity": identity, "triggers": triggers}
    return plain.loads(encode(type(person)(rest=dict(person.rest), **theirs)))


def carried(record: Absorb, kind: type[Person]) -> Person:
    """The person in an absorb record; their size measured, not believed.

    Once a link bore the id of its call, and its ring said so: the call itself may not have been folded yet.
    """
    raw = _ENCODER.encode(record.state)
    person = decode(raw, kind)
    person.identity.forget_old(record.id)
    person.size = len(raw)
    return person


def erased(person: Person, event: CleanEvent, receipt: str) -> Person:
    """What stays of a person who asked to be forgotten: when, and a receipt; it stops revival."""
    return Person(events=person.events, identity=Identity(erased=Erased(event["time_ms"], receipt)))
