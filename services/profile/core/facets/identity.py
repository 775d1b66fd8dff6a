"""Whose events these are: ids folded in 30 days, persons absorbed or awaited, and where a person went.

The ids are marks in two rings, so that what a client or server sends twice counts once: whole ones of what must not be
lost, short ones of behaviour, of which one in thirty million is taken for another at worst. Only what was folded here,
or ended here, is put in: an event that was merely seen, and went on, may yet come back.
"""

from binascii import a2b_base64
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from msgspec import Struct

from services.profile.core.act import Act
from services.profile.core.caps import keep_newest
from services.profile.core.facet import Arrival, Change, Effect, Facet, Look
from services.profile.core.mark import OLD_DIGITS, SHORT, WHOLE, mark_in
from services.profile.core.ring import KEPT_DAYS, Day, Ring
from services.profile.core.rules import DAY_MS
from services.profile.core.trigger import WAIT_MS

SEEN = Ring(SHORT, 2_048)  # of behaviour: 12 KB; a mark is one of 2**36
DONE = Ring(WHOLE, 1_024)  # of all else: 20 KB
MOST_SEEN = SEEN.most * SHORT  # characters
LEAST_SEEN, LEAST_DONE = 8, 64
OLD_MARK = 1 + OLD_DIGITS  # characters: a bar, so that no twelve digits are those of two marks
MANY = 40  # acts from which on a set of a ring's marks costs less than to search it for each, however full it is
MARK_BYTES = WHOLE + 20  # bound of one more, with its day
_HASHED = 8  # characters of a whole mark that are of the same hash as an old one's
MAX_OLD = 128
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
    """The rings, persons absorbed, since when which are awaited, where a person was linked to, and their erasure.

    `seen` are the marks of behaviour and `done` all others, with their days. `ids` is one ring of both as it was
    before: nothing is put in, and it goes when 30 days have passed.

    A later stage knows a person by their key alone: a snapshot shows nothing of it.
    """

    TIMES: ClassVar[frozenset[str]] = frozenset({"awaited"})

    seen: str = ""
    seen_days: list[Day] = []
    done: str = ""
    done_days: list[Day] = []
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
        self.seen = SEEN.union(self.seen, self.seen_days, other.seen, other.seen_days)
        self.done = DONE.union(self.done, self.done_days, other.done, other.done_days)
        marks = dict.fromkeys((other.ids + self.ids).split("|")[1:])
        self.ids = "".join(f"|{mark}" for mark in marks)[-MAX_OLD * OLD_MARK :]
        self.past = [*dict.fromkeys([*self.past, *other.past, arrival.from_person])][-MAX_PAST:]
        for person in self.past:
            self.awaited.pop(person, None)
        return Effect(_bytes_of(arrival.from_person))

    def shrink(self, share: int, newest_ms: int, half_life_ms: float) -> None:
        """Keep the newest."""
        del newest_ms, half_life_ms
        self.seen = SEEN.newest(self.seen, self.seen_days, max(LEAST_SEEN, SEEN.most // share))
        self.done = DONE.newest(self.done, self.done_days, max(LEAST_DONE, DONE.most // share))
        self.ids = self.ids[-OLD_MARK * max(LEAST_SEEN, MAX_OLD // share) :]
        del self.past[: -max(1, MAX_PAST // share)]
        keep_newest(self.awaited, MAX_AWAITED // share)

    def readable(self, look: Look) -> dict[str, Any]:
        """All of it, of the rings how many they hold."""
        shown = super().readable(look)
        for name, count in (("seen", len(self.seen) // SHORT), ("done", len(self.done) // WHOLE),
                            ("ids", len(self.ids) // OLD_MARK)):  # fmt: skip
            shown.pop(f"{name}_days", None)
            if name in shown:
                shown[name] = count
        return shown

    def awaited_until_ms(self) -> int:
        """When each state that is awaited has had its time, in milliseconds; 0 where none is."""
        return max(self.awaited.values(), default=-WAIT_MS) + WAIT_MS

    def holds(self, mark: str) -> bool:
        """True if an event, or record, of this mark was folded here."""
        is_here = SEEN.holds(self.seen, mark) if len(mark) == SHORT else DONE.holds(self.done, mark)
        return is_here or (self.ids != "" and _old(mark) in self.ids)

    def keep(self, mark: str, received_ms: int) -> None:
        """Remember that it was folded here."""
        day = received_ms // DAY_MS
        if len(mark) == SHORT:
            self._forget_old(self.seen_days, day)
            self.seen = SEEN.add(self.seen, self.seen_days, mark, day)
        else:
            self._forget_old(self.done_days, day)
            self.done = DONE.add(self.done, self.done_days, mark, day)

    def pointer(self, known: str) -> "Identity":
        """What stays of who was linked to the known person: by its marks a link that comes again is one."""
        days = [Day(each.day, each.count) for each in self.done_days]
        done = DONE.newest(self.done, days, LEAST_DONE)
        return Identity(done=done, done_days=days, ids=self.ids, forward=known)

    def fresh(self, acts: Sequence[Act], known: set[str] | None = None) -> list[Act]:
        """Remember the acts as folded here; gives those that were not before. Law: as `holds` and `keep` one by one.

        `known`, where there are many: the marks of behaviour that are held, kept up to date.
        """
        return self._fresh_of_few(acts) if known is None else self._fresh_of_many(acts, known)

    def known(self, acts: Sequence[Act]) -> set[str] | None:
        """The marks of behaviour held, where the acts are so many that a set of them is sooner made than searched."""
        return SEEN.marks(self.seen) if len(acts) >= MANY else None

    def _fresh_of_few(self, acts: Sequence[Act]) -> list[Act]:
        seen, days, old = self.seen, self.seen_days, self.ids
        new: list[Act] = []
        day_end_ms = (days[-1].day + 1) * DAY_MS if days else 0
        for act in acts:
            mark = act.mark
            if (mark in seen and SEEN.holds(seen, mark)) or (old and _old(mark) in old):
                continue
            new.append(act)
            if act.received_ms < day_end_ms and len(seen) < MOST_SEEN:
                seen += mark
                days[-1].count += 1
                continue
            self.seen = seen
            self.keep(mark, act.received_ms)
            seen, day_end_ms, old = self.seen, (days[-1].day + 1) * DAY_MS, self.ids
        self.seen = seen
        return new

    def _fresh_of_many(self, acts: Sequence[Act], known: set[str]) -> list[Act]:
        days, new, added = self.seen_days, list[Act](), list[str]()
        day_end_ms = (days[-1].day + 1) * DAY_MS if days else 0
        for act in acts:
            mark = act.mark
            if mark in known or (self.ids and _old(mark) in self.ids):
                continue
            new.append(act)
            if act.received_ms >= day_end_ms:
                self._put(added)
                added.clear()
                self.keep(mark, act.received_ms)
                day_end_ms = (days[-1].day + 1) * DAY_MS
                known.clear()
                known |= SEEN.marks(self.seen)
                continue
            known.add(mark)
            added.append(mark)
            if (gone := len(self.seen) // SHORT + len(added) - SEEN.most) > 0:
                known.discard(self.seen[(gone - 1) * SHORT : gone * SHORT] or added[gone - 1 - len(self.seen) // SHORT])
        self._put(added)
        return new

    def _put(self, added: Sequence[str]) -> None:
        """Put marks of the last day into the ring of behaviour."""
        if added:
            self.seen_days[-1].count += len(added)
            self.seen += "".join(added)
            if len(self.seen) > MOST_SEEN:
                self.seen = SEEN.newest(self.seen, self.seen_days, SEEN.most)

    def _forget_old(self, days: Sequence[Day], day: int) -> None:
        """Give up the ring of before, once what has come since is as old as is kept."""
        if days and days[0].day < day - KEPT_DAYS:
            self.ids = ""


def absorb_mark(from_person: str, record_id: str) -> str:
    """The mark of a record that carried a person's state here."""
    return mark_in(ABSORBED, f"absorb:{from_person}:{record_id}")


def _old(mark: str) -> str:
    """The mark as rings held it before; of a short one its beginning."""
    said = mark[:_HASHED]
    digits = a2b_base64(said.ljust(_HASHED, "A")).hex()
    return f"|{digits[: len(said) * 6 // 4]}"


def _bytes_of(person: str) -> int:
    """An upper bound of a row with this person's key."""
    return _ROW_BYTES + _CHARACTER_BYTES * len(person)
