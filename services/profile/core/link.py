"""Links: an anonymous person's state goes to the known one, and leaves a forward pointer.

A browser may link an anonymous person to a known one; only a server may link known people; the first link stands.
"""

from typing import Any, NamedTuple

import orjson
from msgspec.structs import replace

from schemas.clean import Absorb, CleanEvent
from services.profile.core.act import Act
from services.profile.core.facets.triggers import Triggers
from services.profile.core.hearing import hears
from services.profile.core.person import ENCODER, Person, decode, encode
from services.profile.core.reasons import Count
from services.profile.core.trigger import unheld
from services.rules.claims import Claim

POINTER_BYTES = 6_000  # bound of a pointer


class Leaving(NamedTuple):
    """What becomes of a link: a count, and where it is made what goes to the known person, and what stays."""

    verdict: Count
    state: dict[str, Any] | None = None
    pointer: Person | None = None


def linked(person: Person, event: CleanEvent, act: Act) -> Leaving:
    """Link the person to the known one, where this may be; of what stays the event's mark is a part.

    Here alone: what was sent away has not folded it.
    """
    verdict = _verdict(person, event)
    if verdict is not Count.LINKED:
        return Leaving(verdict)
    state = _transferable(person)
    person.identity.keep(act.mark, act.received_ms)
    identity = person.identity.pointer(event["link"])
    stays = Person(events=person.events, newest_ms=person.newest_ms, size=POINTER_BYTES, identity=identity)
    return Leaving(verdict, state, stays)


def carried(record: Absorb, kind: type[Person]) -> Person:
    """The person in an absorb record; their size measured, not believed."""
    raw = ENCODER.encode(record.state)
    person = decode(raw, kind)
    person.size = len(raw)
    return person


def _verdict(person: Person, event: CleanEvent) -> Count:
    """Whether this link is made: LINKED, LINK_REPEATED, or LINK_REFUSED."""
    key, known, identity = event["person"], event["link"], person.identity
    if identity.forward is not None:
        return Count.LINK_REPEATED if identity.forward == known else Count.LINK_REFUSED
    claim = Claim.VISITOR if key.startswith("a:") else Claim.SAME
    if known.startswith("a:") or known == key or known in identity.past or not hears(claim, event):
        return Count.LINK_REFUSED
    return Count.LINKED


def _transferable(person: Person) -> dict[str, Any]:
    """What goes with the absorb record: all but what belongs to the person's own key, as whom the person awaits."""
    identity = replace(person.identity, awaited={})
    triggers = Triggers({purpose: unheld(each) for purpose, each in person.triggers.by_purpose.items()})
    theirs = {**vars(person), "identity": identity, "triggers": triggers}
    state: dict[str, Any] = orjson.loads(encode(type(person)(rest=dict(person.rest), **theirs)))
    return state
