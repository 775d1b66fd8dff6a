"""Links: an anonymous person's state goes to the known one, and leaves a forward pointer.

A browser may link an anonymous person to a known one; only a server may link known people; the first link stands.
"""

from typing import Any

from schemas.clean import CleanEvent
from services.profile.core.facets.identity import Identity
from services.profile.core.person import Person, parts
from services.profile.core.reasons import Count

POINTER_BYTES = 4_000  # bound of a pointer


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
    stored = parts(person)
    del stored["wait"]
    for trigger in stored["pend"].values():
        trigger.pop("held", None)
    return stored
