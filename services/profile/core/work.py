"""The running state of one step: who was touched, and what it leads to so far. Lives for one call of `advance`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.standing import Outcome, Taken
from schemas.topics import COURSES_SIGNALS, DECISIONS
from services.profile.core.pending import Ended, dues
from services.profile.core.reasons import Became, Count, Refusal
from services.profile.core.request import Case, decision
from services.profile.core.rules import Rules
from services.profile.core.state import State, copied, empty, stored
from services.profile.core.step import Input, Read, Rejected, Step
from services.runtime.outcome import Send


@dataclass(slots=True)
class Work:
    """Grows while the inputs of a step are taken; the only value here that changes, and for speed."""

    read: Read
    rules: Rules
    now_ms: int
    offsets: dict[str, int]
    sources: dict[str, list[int]]
    rest: dict[str, Any]
    values: dict[str, State] = field(default_factory=dict)
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

    def state_of(self, person: str) -> State:
        """The person's state, owned: copied at the first touch of the step."""
        state = self.values.get(person)
        if state is None:
            known = self.read(person)
            state = self.values[person] = empty() if known is None else copied(known)
            self.dues[person] = dues(state) if state["pend"] or state["mail"] else None
        return state

    def reject(self, each: Input, reason: Refusal, detail: str) -> None:
        """Send the record to the dead letters."""
        self.rejects.append(Rejected(each, reason, detail))
        self.count(Count.REJECTED, reason)

    def end(self, person: str, ended: Iterable[Ended]) -> None:
        """Write the decision of triggers that end without waiting."""
        for entry, reason in ended:
            case = Case(person, self.values[person], entry, self.rules, self.now_ms)
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
            if (state["pend"] or state["mail"]) and (due := dues(state)) is not None and due != self.dues[person]
        ]  # fmt: skip
        position = {**self.rest, "offsets": self.offsets, "sources": self.sources}
        values = {person: stored(state) for person, state in self.values.items()}
        return Step(
            values, position, tuple(self.sends), tuple(self.rejects), tuple(timers), self.counts,
            tuple(sorted(self.strangers)),
        )  # fmt: skip


def begun(position: Mapping[str, Any], read: Read, rules: Rules, now_ms: int) -> Work:
    """A step that has taken nothing yet."""
    return Work(
        read, rules, now_ms, dict(position.get("offsets", {})), dict(position.get("sources", {})),
        {key: part for key, part in position.items() if key not in {"offsets", "sources"}},
    )  # fmt: skip
