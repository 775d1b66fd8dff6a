"""Stages that run in this process, for tests."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.replay import Case


@dataclass(slots=True)
class FakeStages:
    """Answers with what it is given for each stage; `asked` are the calls, in order."""

    by_stage: Mapping[str, Callable[[Case], Awaitable[Case]]]
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    async def replay(self, stage: str, words: Sequence[str], cases: Sequence[Case]) -> tuple[Case, ...]:
        """Each case as the stage's function leaves it."""
        self.asked.append((stage, tuple(words)))
        return tuple([await self.by_stage[stage](each) for each in cases])
