"""The golden set as values: who each lead is, what they did, which courses would help, what a model would say."""

import json
import re
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import StringConstraints

from bench.requests import Act as ShortAct
from bench.requests import Business, Conversion, ShortRequest
from bench.requests import request_of as request_of_short
from schemas.course import Language, Level, Slug
from schemas.program import Program
from schemas.recommendation import RecommendationRequest
from schemas.values import Value
from services.runtime.program import read_yaml

FILE = Path(__file__).with_name("leads.yaml")
COURSE = "course"
_ACT = re.compile(r"([A-Z][\w ]+?|\w+) ([a-z0-9-]+): (.+)")
Act = Annotated[str, StringConstraints(pattern=_ACT.pattern)]


class Said(Value):
    """What a good model would say of the lead without a look at the catalogue."""

    job: str
    title: str
    description: str
    skills: tuple[str, ...]
    level: Level


class Lead(Value):
    """One lead. Acts are `<kind> <topic>: <title>`, oldest first; of kind `course` `<kind> <course id>: <title>`."""

    id: str
    language: Language
    company: str
    industry: str
    size: int
    role: str
    goal: str | None = None
    did: tuple[Act, ...] = ()
    took: Act
    history: tuple[Slug, ...] = ()
    helps: tuple[Slug, ...]
    model: Said

    @property
    def slice(self) -> str:
        """`thin`: a conversion and at most one act; else `rich`."""
        return "thin" if self.goal is None and len(self.did) <= 1 else "rich"


class Leads(Value):
    """The file."""

    leads: tuple[Lead, ...]


class _Part(NamedTuple):
    kind: str
    about: str
    title: str


def read_leads(path: Path = FILE) -> tuple[Lead, ...]:
    """Every lead of the file.

    Raises:
        Misconfigured: as `read_yaml`.
    """
    return read_yaml(path, Leads).leads


def request_of(lead: Lead, program: Program) -> RecommendationRequest:
    """What profile would ask for this lead: each act a day after the other, weighed and decayed as the program says."""
    return request_of_short(short_of(lead), business_of(program, _part(lead.took).kind))


def short_of(lead: Lead) -> ShortRequest:
    """The lead in the form that the bench makes requests of."""
    took = _part(lead.took)
    told = {
        "company": lead.company, "company_size": str(lead.size), "goal": lead.goal, "industry": lead.industry,
        "role": lead.role,
    }  # fmt: skip
    return ShortRequest(
        id=lead.id,
        language=lead.language,
        conversion=Conversion(event=took.kind, title=took.title, topic=took.about),
        acts=tuple(_act(each, days_ago) for days_ago, each in enumerate(reversed(lead.did), start=1)),
        facts={name: value for name, value in told.items() if value is not None},
        history=lead.history,
        registered=False,  # the titles are of no page that the academy's `content.yaml` has
    )


def business_of(program: Program, event: str) -> Business:
    """The program as the lead of this conversion meets it. An event or kind weighs what its first rule says."""
    playbook = next((each for each in program.playbooks if event in each.entry), program.playbooks[0])
    weights: dict[str, float] = {}
    for rule in program.signals.rules:
        for name in (rule.event, rule.kind):
            if name is not None:
                weights.setdefault(name, rule.weight)
    half_life_days = program.signals.half_life_days
    return Business(playbook.name, playbook.purpose, playbook.experiment.name, weights, weights, half_life_days)


def replies_of(lead: Lead) -> dict[str, list[str]]:
    """The scripted reply to the first question; the pick is left to the rank, since a script has not seen the ten."""
    told = {
        "cites": ["conversion"], "job": lead.model.job, "stage": "exploring", "confidence": 0.7,
        "title": lead.model.title, "description": lead.model.description, "skills": lead.model.skills,
        "level": lead.model.level,
    }  # fmt: skip
    return {"job+imagine": [json.dumps(told, ensure_ascii=False)]}


def _act(act: str, days_ago: int) -> ShortAct:
    kind, about, title = _part(act)
    is_item = kind == COURSE
    return ShortAct(
        kind=kind, title=title, topic=None if is_item else about, item=about if is_item else None, days_ago=days_ago
    )


def _part(act: str) -> _Part:
    match = _ACT.fullmatch(act)
    if match is None:
        raise ValueError(f"expected `<kind> <topic>: <title>`, {act!r} came")
    return _Part(*match.groups())
