"""A model by script: it imagines what the lead's `said` says, and picks what an adviser preferred who saw no score."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.judged.leads import Lead, reply_of
from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply, Usage
from services.recommender.core.asking.questions import MOST_PICKS, STAGE_JOB

FILE = Path(__file__).with_name("preferences.csv")
NAME = "script"
NOTHING_PAID = Usage(0, 0)


@dataclass(frozen=True, slots=True)
class Adviser:
    """Answers for one lead; without preferences nobody answers the second question."""

    lead: Lead
    preferences: Sequence[str] | None = None

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:  # noqa: ARG002 a script takes no time
        """The job; or up to three preferred of those given, else the first given, partly."""
        if ask.stage == STAGE_JOB:
            return _answer(reply_of(self.lead))
        if self.preferences is None:
            return NoAnswer(Fault.OFF, "nobody picks")
        given = ask.schema["properties"]["picks"]["items"]["properties"]["course_id"]["enum"]
        chosen = [each for each in self.preferences if each in given][:MOST_PICKS]
        picks = [{"course_id": each, "fits": "yes"} for each in chosen] or [{"course_id": given[0], "fits": "partly"}]
        reason = "It is nearest to what this person wants to get done."
        return _answer(json.dumps({"picks": picks, "cites": ["conversion"], "reason": reason}))


def read_preferences(path: Path = FILE) -> Mapping[str, tuple[str, ...]]:
    """Lead → the courses an adviser would mail, best first; empty where none would do."""
    with path.open(encoding="utf-8", newline="") as rows:
        return {row["lead"]: tuple(filter(None, row["courses"].split(";"))) for row in csv.DictReader(rows)}


def _answer(text: str) -> Answer:
    return Answer(json.loads(text), text, NAME, NOTHING_PAID, 0.0)
