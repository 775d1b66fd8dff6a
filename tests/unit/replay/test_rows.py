"""Lines that are no cases, and cases on their way through the stages."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from schemas.decision import Decision
from schemas.replay import MOST_LINE_BYTES, Case, NoCase, row_of
from services.console.adapters.fake_stages import FakeStages
from services.console.pipeline import STAGES, from_record
from services.runtime.outcome import Unavailable

EXAMPLE = Path(__file__).parents[3] / "schemas" / "examples" / "decisions" / "pinned.json"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"decision": 7}', "decision: expected fields by name"),
        (b"[", "the whole: expected JSON"),
        (b"\xff", "the whole: expected JSON"),
        (b"{}", "decision: expected, and nothing came"),
        (b" " * (MOST_LINE_BYTES + 1), f"at most {MOST_LINE_BYTES} bytes"),
    ],
)
def test_a_line_that_is_no_case_is_a_row_that_says_so(raw: bytes, expected: str) -> None:
    """With its number and what was expected; each stage behind hands the row on as it is."""
    row = row_of(7, raw)
    assert isinstance(row, NoCase)
    assert row.line == 7
    assert row.skipped.startswith("line 7: expected a case")
    assert expected in row.skipped
    assert row_of(3, row.model_dump_json().encode()) == row


async def _same(case: Case) -> Case:
    return case


@pytest.mark.parametrize("answers", [0, 2])
async def test_stages_that_lose_or_make_cases_are_found_out(answers: int) -> None:
    """As many cases come back as went, or the command ends: none is compared with another's."""
    case = Case(decision=Decision.model_validate_json(EXAMPLE.read_bytes()))
    stages = MiscountingStages(FakeStages(dict.fromkeys(STAGES, _same)), answers)
    with pytest.raises(Unavailable, match="cases"):
        await from_record([case], stages, lambda _, __: None)


async def test_a_case_is_asked_for_when_it_is_needed() -> None:
    """What became of the first is told before the third is fetched."""
    case = Case(decision=Decision.model_validate_json(EXAMPLE.read_bytes()))
    told: list[Case] = []

    def cases() -> Iterator[Case]:
        yield case
        yield case
        assert told
        yield case

    stages = FakeStages(dict.fromkeys(STAGES, _same))
    assert await from_record(cases(), stages, lambda _, now: told.append(now)) == 3


class MiscountingStages:
    """Stages that answer each case so many times."""

    def __init__(self, stages: FakeStages, answers: int) -> None:
        self._stages, self._answers = stages, answers

    async def replay(
        self, stages: Sequence[str], words: Sequence[str], cases: Iterable[Case], take: Callable[[Case], None]
    ) -> None:
        """Each case, so many times."""

        def times(case: Case) -> None:
            for _ in range(self._answers):
                take(case)

        await self._stages.replay(stages, words, cases, times)
