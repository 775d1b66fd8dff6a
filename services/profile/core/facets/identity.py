"""Whose events these are: ids folded of late, persons absorbed or awaited, and where a person went.

The ids are hashes in a ring, so that what a client sends twice counts once. Only what was folded here, or ended here,
is put in: an event that was merely seen, and went on, may yet come back.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from msgspec import Struct

from services.profile.core.act import Act
from services.profile.core.caps import keep_newest
from services.profile.core.facet import Arrival, Change, Effect, Facet, Look
from services.profile.core.mark import DIGITS, mark_in, old_mark
from services.profile.core.trigger import WAIT_MS

RING = 128  # message ids: what clients send twice comes again within a few dozen events of a person
LEAST_RING = 8
MARK = 1 + DIGITS  # characters: a bar, so that no twelve digits are those of two marks
MAX_PAST = 16
MAX_AWAITED = 8  # a call links three persons at most
ABSORBED = "absorbed"  # the name space of records that carried a state here; no event is in it
_ROW_BYTES = 80  # of a person awaited or absorbed, beside the person: with the names of facet and field, and a mark
_CHARACTER_BYTES = 6  # as JSON writes what cannot be printed: a person's key is not cut


class Erased(Struct, array_like=True, frozen=True, gc=False):
    """When a person asked to be forgotten, and a receipt; it stops revival."""

    time_ms: int
    receipt: str


class Identity(Facet):
    """The ring, persons absorbed, since when which are awaited, where a person was linked to, and their erasure.

    A later stage knows a person by their key alone: a snapshot shows nothing of it.
    """

    TIMES: ClassVar[frozenset[str]] = frozenset({"awaited"})

    ids: str = ""
    past: list[str] = []
    awaited: dict[str, int] = {}
    forward: str | None = None
    erased: Erased | None = None

    def apply(self, change: Change) -> Effect | None:
        """Note whose states the event's call has linked to this person.

        The clock says since when, since after a backlog the event is old already. Who was absorbed is not awaited, and
        the first hearing stands: a link that is refused, and so brings nothing, makes nobody wait again.
        """
        links = change.event.get("links")
        if links is None:
            return None
        known = {change.person, *self.past}
        others = [each for each in links if each not in known]
        for other in others:
            self.awaited.setdefault(other, change.now_ms)
        keep_newest(self.awaited, MAX_AWAITED)
        return Effect(sum(map(_bytes_of, others)))

    def merge(self, other: Self, arrival: Arrival) -> Effect:
        """Add what the other folded, whose clients may send it again, and whom it had absorbed; await none of them.

        Associative and commutative in all but the order of ids and persons.
        """
        marks = dict.fromkeys((other.ids + self.ids).split("|")[1:])
        self.ids = "".join(f"|{mark}" for mark in marks)[-RING * MARK :]
        self.past = [*dict.fromkeys([*self.past, *other.past, arrival.from_person])][-MAX_PAST:]
        for person in self.past:
            self.awaited.pop(person, None)
        return Effect(_bytes_of(arrival.from_person))

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the newest."""
        del newest_ms, half_life_ms
        self.ids = self.ids[-MARK * max(LEAST_RING, RING // share) :]
        del self.past[: -max(1, MAX_PAST // share)]
        keep_newest(self.awaited, MAX_AWAITED // share)

    def readable(self, look: Look) -> dict[str, Any]:
        """All of it, of the ring how many it holds."""
        shown = super().readable(look)
        return {**shown, "ids": f"{len(self.ids) // MARK} of {RING}"} if self.ids else shown

    def awaited_until_ms(self) -> int:
        """When each state that is awaited has had its time, in milliseconds; 0 where none is."""
        return max(self.awaited.values(), default=-WAIT_MS) + WAIT_MS

    def holds(self, act: Act) -> bool:
        """True if an event of this mark was folded here; a mark of old protects what servers said alone.

        Two searches would cost a browser's event .6 of some 10 µs, and it gains a repeat around an upgrade.
        """
        return act.mark in self.ids or (act.old_mark != "" and act.old_mark in self.ids)

    def keep(self, mark: str) -> None:
        """Remember that the event, or record, of this mark was folded here; the oldest is forgotten."""
        ids = self.ids
        self.ids = f"{ids}|{mark}" if len(ids) < RING * MARK else f"{ids[MARK:]}|{mark}"

    def fresh(self, acts: Sequence[Act]) -> list[Act]:
        """Remember the acts as folded here; gives those that were not before. Law: as `holds` and `keep` one by one."""
        ids, new = self.ids, list[Act]()
        for act in acts:
            mark = act.mark
            if mark in ids or (act.old_mark and act.old_mark in ids):
                continue
            ids = f"{ids}|{mark}" if len(ids) < RING * MARK else f"{ids[MARK:]}|{mark}"
            new.append(act)
        self.ids = ids
        return new

    def holds_absorb(self, from_person: str, record_id: str) -> bool:
        """True if the record that carried this person's state was taken here."""
        said = _absorb(from_person, record_id)
        return mark_in(ABSORBED, said) in self.ids or old_mark(said) in self.ids

    def keep_absorb(self, from_person: str, record_id: str) -> None:
        """Remember the record."""
        self.keep(mark_in(ABSORBED, _absorb(from_person, record_id)))

    def forget_old(self, message_id: str) -> None:
        """Forget an id as rings were marked before name spaces: the link's, which was the id of its call."""
        self.ids = self.ids.replace(f"|{old_mark(message_id)}", "")


def _bytes_of(person: str) -> int:
    """An upper bound of a row with this person's key."""
    return _ROW_BYTES + _CHARACTER_BYTES * len(person)


def _absorb(from_person: str, record_id: str) -> str:
    return f"absorb:{from_person}:{record_id}"
