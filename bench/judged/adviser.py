"""A model by script: it imagines what the lead's `said` says, and picks what an adviser preferred who saw no score."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.judged.leads import Lead, reply_of
from bench.scripted import Scripted
from services.recommender.core.asking.questions import STAGE_JOB

FILE = Path(__file__).with_name("preferences.csv")


def adviser(lead: Lead, preferences: Sequence[str] = ()) -> Scripted:
    """Answers for one lead; where nothing that is preferred was found nobody answers the second question."""
    return Scripted({STAGE_JOB: json.loads(reply_of(lead))}, preferences)


def read_preferences(path: Path = FILE) -> Mapping[str, tuple[str, ...]]:
    """Lead → the courses an adviser would mail, best first; empty where none would do."""
    with path.open(encoding="utf-8", newline="") as rows:
        return {row["lead"]: tuple(filter(None, row["courses"].split(";"))) for row in csv.DictReader(rows)}
