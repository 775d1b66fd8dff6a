"""Stages that run in this process, for tests."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.replay import Case


@dataclass(slots=True)
class FakeStages:
    """Answers with what it is given for each stage; `asked` are the calls, in order."""

    by_stage: Mapping[str, Callable[[Case], Awaitable[Case]]]
    asked: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)

    async def replay(
        self, stages: Sequence[str], words: Sequence[str], cases: Iterable[Case], take: Callable[[Case], None]
    ) -> None:
        """Each case as the stages' functions leave it, one after the other."""
        self.asked.append((tuple(stages), tuple(words)))
        for each in cases:
            case = each
            for stage in stages:
                case = await self.by_stage[stage](case)
            take(case)
