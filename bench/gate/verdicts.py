"""Verdicts that a good model gave on lines of our own corpora, kept by line: a reader that needs no endpoint."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.decide.lines import Problem, read_lines
from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply, Usage
from schemas.reading import Verdict
from schemas.values import Value
from services.runtime.outcome import Misconfigured

VERDICTS = Path(__file__).with_name("verdicts.jsonl")
EXPECTED = '{"line": SHA-256, "model", "verdict", "why"}'


class Recorded(Value):
    """What a model said of the line with this key."""

    line: str
    model: str
    verdict: Verdict
    why: str


def key_of(language: str, text: str, cites: Sequence[tuple[str, str]]) -> str:
    """SHA-256 over language, text and cited facts: a line that changes has no verdict any more."""
    return hashlib.sha256(json.dumps([language, text, dict(cites)], sort_keys=True).encode()).hexdigest()


def read_verdicts(path: Path = VERDICTS) -> Mapping[str, Recorded]:
    """Every verdict of the file, by line.

    Raises:
        Misconfigured: it cannot be read, or a line is no verdict; with its number.
    """
    found: dict[str, Recorded] = {}
    for each in read_lines(path, EXPECTED, Recorded.model_validate):
        if isinstance(each, Problem):
            raise Misconfigured(str(each))
        found[each.line] = each
    return found


class RecordedReader:
    """Answers the reader's question about one line with the verdict on record; of another line it has none."""

    def __init__(self, verdicts: Mapping[str, Recorded]) -> None:
        self._verdicts = verdicts

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """As a model would answer; off where nothing is on record."""
        del within_s
        told: dict[str, Any] = json.loads(ask.user)
        (line,) = told["lines"]
        cites = [(each, told["facts"][each]) for each in line["cites"]]
        kept = self._verdicts.get(key_of(told["language"], line["text"], cites))
        if kept is None:
            return NoAnswer(Fault.OFF, "no verdict is on record")
        value = {"verdicts": [{"line": line["line"], "verdict": kept.verdict, "why": kept.why}]}
        return Answer(value, json.dumps(value), kept.model, Usage(), 0.0)
