"""The second reader over lines that the gate let through, asked and validated as the composer does: one line a call."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bench.gate.figures import Judged
from bench.gate.rows import Row
from schemas.llm import Ask, Reply
from services.composer.core.gate.facts import fact_of
from services.composer.core.reader import Heard, Material, second_reading
from services.composer.core.values import Line, Prompt

WITHIN_S = 120.0  # for every model that is asked about a line


class Model(Protocol):
    """What is asked."""

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """The reply, within so many seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Read:
    """One line as the gate judged it, and as it stands after the reader; None where there was no verdict on it."""

    before: Judged
    after: Judged | None

    @property
    def was_read(self) -> bool:
        """True where the gate let it through and the reader had its say."""
        return self.before.has_passed and self.after is not None


async def read(lines: Sequence[Judged], model: Model, prompt: Prompt) -> tuple[Read, ...]:
    """Each line; those that the gate refused are as they were, and nobody is asked about them."""
    return tuple(await asyncio.gather(*(_read(each, model, prompt) for each in lines)))


def summary(lines: Sequence[Read]) -> Iterator[str]:
    """How many were read, what of each kind that is to be refused was accepted, and what honest lines were lost."""
    let_through = [each for each in lines if each.before.has_passed]
    told = [each for each in lines if each.after is not None]
    unread = sum(each.after is None for each in let_through)
    yield f"{len(let_through)} lines that the gate lets through: {len(let_through) - unread} read, {unread} unread"
    yield f"{'of the lines that are not unread':34}{'lines':>7}{'by the gate':>13}{'and the reader':>16}"
    for kind in sorted({each.before.row.kind for each in told if not each.before.row.is_expected_to_pass}):
        yield _counted(f"{kind}, accepted", [each for each in told if each.before.row.kind == kind], is_passed=True)
    honest = [each for each in told if each.before.row.is_expected_to_pass]
    yield _counted("honest, lost", honest, is_passed=False)


def _counted(name: str, lines: Sequence[Read], *, is_passed: bool) -> str:
    before = sum(each.before.has_passed is is_passed for each in lines)
    after = sum(each.after is not None and each.after.has_passed is is_passed for each in lines)
    return f"{name:34}{len(lines):7}{before:13}{after:16}"


async def _read(judged: Judged, model: Model, prompt: Prompt) -> Read:
    if not judged.has_passed:
        return Read(judged, judged)
    heard = await _heard(judged.row, model, prompt)
    if heard.is_unread or not heard.asked:
        return Read(judged, None)
    return Read(judged, replace(judged, findings=heard.findings))


async def _heard(row: Row, model: Model, prompt: Prompt) -> Heard:
    """What the composer would hear of a mail of this one line."""
    line = Line(row.field, row.text, tuple(identifier for identifier, _ in row.cites))
    facts = tuple(fact_of(identifier, text) for identifier, text in row.cites)
    talk = second_reading(Material((line,), facts, row.language), prompt)
    reply = await model.ask(next(talk), within_s=WITHIN_S)
    try:
        talk.send(reply)
    except StopIteration as end:
        heard: Heard = end.value
        return heard
    raise AssertionError("one question a mail")
