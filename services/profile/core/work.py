"""The running state of one step: who was touched, and what it leads to so far. Lives for one call of `advance`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.standing import Outcome, Taken
from schemas.topics import COURSES_SIGNALS, DECISIONS
from services.profile.core.person import Person
from services.profile.core.reasons import Became, Count, Refusal
from services.profile.core.request import Case, decision
from services.profile.core.rules import Rules
from services.profile.core.step import Input, Read, Rejected, Step
from services.profile.core.timers import dues
from services.profile.core.trigger import Ended
from services.runtime.outcome import Send

PARTS = ("offsets", "sources", "last")
"""Of a position: what is done of each input, of each source of ingest's, and the last record applied of each input.

Of the last a row: its offset and time, by which it is known again, and the youngest time of all.
"""
_YOUNGEST = 2


@dataclass(slots=True)
class Work:
    """Grows while the inputs of a step are taken; the only value here that changes, and for speed."""

    read: Read
    rules: Rules
    now_ms: int
    offsets: dict[str, int]
    sources: dict[str, list[int]]
    last: dict[str, list[int]]
    rest: dict[str, Any]
    values: dict[str, Person] = field(default_factory=dict)
    dues: dict[str, int | None] = field(default_factory=dict)
    sends: list[Send] = field(default_factory=list)
    rejects: list[Rejected] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    strangers: set[str] = field(default_factory=set)

    def count(self, *reasons: Count | Became | str) -> None:
        """Count each reason once."""
        counts = self.counts
        for reason in reasons:
            counts[reason] = counts.get(reason, 0) + 1

    def is_repeat(self, each: Input) -> bool:
        """True if the record lies at a place that is done; none there is younger than all that was applied.

        One that is, is of another log: the topic was made anew, or cut off. Whose clock dated it does not matter.
        """
        if each.offset > self.offsets.get(each.topic, -1):
            return False
        row = self.last.get(each.topic)
        if row is None or each.timestamp_ms <= row[_YOUNGEST]:
            return True
        self.strangers.add(f"{each.topic}/{each.partition}")
        return not self.rules.accepts_gap

    def pass_to(self, each: Input) -> None:
        """Stand at the record; of another log nothing was applied before it."""
        row = self.last.get(each.topic) if each.offset > self.offsets.get(each.topic, -1) else None
        youngest = each.timestamp_ms if row is None else max(each.timestamp_ms, row[_YOUNGEST])
        self.offsets[each.topic] = each.offset
        self.last[each.topic] = [each.offset, each.timestamp_ms, youngest]

    def state_of(self, person: str) -> Person:
        """The person, owned: read at the first touch of the step."""
        state = self.values.get(person)
        if state is None:
            state = self.values[person] = self.read(person) or Person()
            self.dues[person] = dues(state)
        return state

    def reject(self, each: Input, reason: Refusal, detail: str) -> None:
        """Send the record to the dead letters."""
        self.rejects.append(Rejected(each, reason, detail))
        self.count(Count.REJECTED, reason)

    def end(self, person: str, ended: Iterable[Ended]) -> None:
        """Write the decision of triggers that end without waiting."""
        for trigger, reason in ended:
            case = Case(person, self.values[person], trigger, self.rules, self.now_ms)
            self.sends.append(Send(DECISIONS, decision(case, "not_asked", reason)))
            self.count(Count.NOT_ASKED, reason)

    def tell(self, told: Iterable[Taken | Outcome]) -> None:
        """Say what everybody's behaviour is learned from."""
        for signal in told:
            self.sends.append(Send(COURSES_SIGNALS, signal))
            self.count(Count.TOLD)

    def step(self) -> Step:
        """What the step leads to."""
        timers = [
            (due, person) for person, state in self.values.items()
            if (due := dues(state)) is not None and due != self.dues[person]
        ]  # fmt: skip
        position = {**self.rest, "offsets": self.offsets, "sources": self.sources}
        if self.last:
            position["last"] = self.last
        return Step(
            self.values, position, tuple(self.sends), tuple(self.rejects), tuple(timers), self.counts,
            tuple(sorted(self.strangers)),
        )  # fmt: skip


def begun(position: Mapping[str, Any], read: Read, rules: Rules, now_ms: int) -> Work:
    """A step that has taken nothing yet."""
    offsets, sources, last = (dict(position.get(part, {})) for part in PARTS)
    rest = {key: part for key, part in position.items() if key not in PARTS}
    return Work(read, rules, now_ms, offsets, sources, last, rest)
