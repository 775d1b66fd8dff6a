"""What comes into a step, by person: each person's part is folded by itself, one person after the other.

So a step holds one decoded person at a time, however many it is about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from msgspec import UNSET

from schemas.clean import BEHAVIOUR, Absorb, CleanEvent, Rekey
from schemas.mailbox import Answer, Heard, ToHome
from services.profile.core.act import Act, Told, act_of
from services.profile.core.event import Event
from services.profile.core.facets.traits import declares
from services.profile.core.meaning import Meaning
from services.profile.core.packs import Item, Own, Unsound, wholes
from services.profile.core.reasons import Became, Count
from services.profile.core.rules import Rules
from services.profile.core.transition import Input, Rejected, Seen

PARTS = ("offsets", "sources", "last")
"""Of a checkpoint: what is done of each input, of each source of ingest's, and the last record applied of each input.

Of the last a row: its offset and time, by which it is known again, and the youngest time of all.
"""
YOUNGER_MS = 60_000  # brokers of one cluster differ by less
_YOUNGEST = 2
_TIME = 2  # of a row of coordinates; rows of an older version have none
_VISITING = BEHAVIOUR - {"linked", "conversion"}  # kinds of which an event may be an act and nothing more


Arrived: TypeAlias = list[Act] | Told | Absorb | Rekey | Answer | Heard
"""One thing that came of a person: acts that followed each other and say no more are one."""


@dataclass(slots=True)
class Arrivals:
    """What came so far, each person's and each mailbox's in its order; it changes, and for speed.

    `open_acts` are the lists to which the next act of a person belongs, `wholes` packs that were read with all parts,
    `names` those of sources, by topic and partition.
    """

    rules: Rules
    offsets: dict[str, int]
    sources: dict[str, list[int]]
    last: dict[str, list[int]]
    rest: dict[str, Any]
    by_person: dict[str, list[Arrived]] = field(default_factory=dict)
    by_mailbox: dict[str, list[ToHome]] = field(default_factory=dict)
    open_acts: dict[str, list[Act]] = field(default_factory=dict)
    rejects: list[Rejected] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    strangers: set[str] = field(default_factory=set)
    wholes: dict[bytes, dict[int, CleanEvent]] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)
    names: dict[str, dict[int, str]] = field(default_factory=dict)

    @property
    def checkpoint(self) -> dict[str, Any]:
        """Where the step has come to."""
        checkpoint = {**self.rest, "offsets": self.offsets, "sources": self.sources}
        return {**checkpoint, "last": self.last} if self.last else checkpoint

    def passes_to(self, each: Input) -> bool:
        """Stand at the record; false if it lies at a place that is done, and is to be passed over.

        None there is younger than all that was applied. One that is, is of another log: the topic was made anew, or
        cut off; of that nothing was applied before it. Whose clock dated it does not matter.
        """
        is_new = each.offset > self.offsets.get(each.topic, -1)
        row = self.last.get(each.topic)
        if not is_new:
            if row is None or each.timestamp_ms <= row[_YOUNGEST]:
                return self._repeats()
            self.strangers.add(f"{each.topic}/{each.partition}")
            if not self.rules.accepts_gap:
                return self._repeats()
        youngest = max(each.timestamp_ms, row[_YOUNGEST]) if is_new and row is not None else each.timestamp_ms
        self.offsets[each.topic] = each.offset
        self.last[each.topic] = [each.offset, each.timestamp_ms, youngest]
        return True

    def whole(self, act: Act) -> CleanEvent:
        """The act's event with the parts that only a later version knows; without, if they nest too deep to read."""
        if act.pack not in self.wholes:
            self.wholes[act.pack] = wholes(act.pack)
        return self.wholes[act.pack][act.place]

    def gather(self, record: Input, items: Sequence[Item]) -> None:
        """Take what a record holds. An event at or below its source's last coordinates is a repeat of ingest.

        One that is younger than what was applied last is so no more: that source is another log. Of a source that the
        operator says was made anew, coordinates are neither judged nor kept: packs of the old log may still wait
        before those of the new one. Its repeats are known by their ids alone.
        """
        rules, sources, open_acts, pack = self.rules, self.sources, self.open_acts, record.raw or b""
        meaning_of, made_anew = rules.meaning, rules.made_anew
        names: dict[int, str] = {}
        of_topic = None
        self._see(items)
        for place, event in enumerate(items):
            if not isinstance(event, Event):
                self._take_other(record, event)
                continue
            topic, partition, offset, number = event.at
            if topic != of_topic:
                of_topic, names = topic, self.names.setdefault(topic, {})
            if not made_anew or topic not in made_anew:
                source = names.get(partition)
                if source is None:
                    source = names[partition] = f"{topic}/{partition}"
                last = sources.get(source)
                if last is not None and (offset < last[0] or (offset == last[0] and number <= last[1])):
                    self._repeats_source(event, source, last)
                    continue
                sources[source] = [offset, number, event.received_ms]
            if event.bot is True:
                count(self.counts, Count.BOT, *if_conversion(event.kind, Became.BOT))
                continue
            person, meaning = event.person, meaning_of(event)
            act = act_of(event, meaning, pack, place)
            if says_more(event, meaning):
                self._arrive(person, Told(act, event))
                continue
            acts = open_acts.get(person)
            if acts is None:
                acts = open_acts[person] = []
                self.by_person.setdefault(person, []).append(acts)
            acts.append(act)

    def _see(self, items: Sequence[Item]) -> None:
        if items and isinstance(items[0], Event):
            self.seen.accept(items[0].received_ms)

    def _take_other(self, record: Input, item: Own | Unsound) -> None:
        if isinstance(item, Unsound):
            self.rejects.append(Rejected(record, item.reason, item.detail))
            count(self.counts, Count.REJECTED, item.reason, *[Became.REJECTED] * item.conversions)
        elif isinstance(item, ToHome):
            self.by_mailbox.setdefault(item.mailbox, []).append(item)
        else:
            self._arrive(item.person, item)

    def _arrive(self, person: str, arrived: Arrived) -> None:
        self.open_acts.pop(person, None)
        self.by_person.setdefault(person, []).append(arrived)

    def _repeats(self) -> bool:
        count(self.counts, Count.REPEAT_RECORD)
        return False

    def _repeats_source(self, event: Event, source: str, last: list[int]) -> None:
        if event.at[0] in self.rules.stamped and is_of_another_log(last, event.received_ms):
            self.strangers.add(source)
        count(self.counts, Count.REPEAT_COORDINATES, *if_conversion(event.kind, Became.REPEAT))


def arrivals(checkpoint: Mapping[str, Any], rules: Rules) -> Arrivals:
    """A step at this checkpoint, into which nothing has come yet."""
    offsets, sources, last = (dict(checkpoint.get(part, {})) for part in PARTS)
    rest = {key: part for key, part in checkpoint.items() if key not in PARTS}
    return Arrivals(rules, offsets, sources, last, rest)


def says_more(event: Event, meaning: Meaning | None) -> bool:
    """True if the event says more than that the person was there."""
    return (
        event.kind not in _VISITING
        or event.links is not UNSET
        or event.consent is not UNSET
        or (meaning is not None and meaning.taken is not None)
        or declares(event)
    )


def count(counts: dict[str, int], *reasons: Count | Became | str) -> None:
    """Count each reason once."""
    for reason in reasons:
        counts[reason] = counts.get(reason, 0) + 1


def if_conversion(kind: str, became: Became) -> tuple[Became, ...]:
    """What became of an event of this kind, where it is a conversion; nothing else is counted so."""
    return (became,) if kind == "conversion" else ()


def is_of_another_log(last: list[int], received_ms: int) -> bool:
    """True if a record at or below the last place is younger than what was applied there: the topic was made anew."""
    return len(last) > _TIME and received_ms > last[_TIME] + YOUNGER_MS
