"""The leads of the judged set, and what a good model would say of each without a look at the catalogue."""

import json
from pathlib import Path
from typing import Literal, TypeAlias

from bench.requests import ShortRequest
from schemas.course import Level
from schemas.values import Value

FILE = Path(__file__).with_name("leads.jsonl")
Half: TypeAlias = Literal["tune", "report"]
Slice: TypeAlias = Literal["plain", "thin", "noisy", "hostile", "taken"]


class Said(Value):
    """The job, and the course imagined for it."""

    job: str
    title: str
    description: str
    skills: tuple[str, ...]
    level: Level


class Lead(ShortRequest):
    """One lead: of which catalogue, of which slice, and in which half: weights are chosen on one, told of the other."""

    catalogue: str
    slice: Slice
    half: Half
    said: Said


def read_leads(path: Path = FILE) -> tuple[Lead, ...]:
    """Every lead of the file, in its order."""
    leads = (Lead.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(each if each.slice != "hostile" else unregistered(each) for each in leads)


def unregistered(lead: Lead) -> Lead:
    """The lead of a business without `content.yaml`, or with titles of nobody's pages, as those of a hostile one."""
    return lead.model_copy(update={"registered": False})


def reply_of(lead: Lead) -> str:
    """What a good model would answer to the first question, as it would answer it."""
    told = {"cites": ["conversion"], "stage": "exploring", "confidence": 0.7, **lead.said.model_dump(mode="json")}
    return json.dumps(told, ensure_ascii=False)
