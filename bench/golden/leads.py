"""The golden set as values: who each lead is, what she did, which courses would help her, what a model would say."""

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import StringConstraints

from schemas.course import Language, Level, Slug
from schemas.program import Program, SignalRule
from schemas.recommendation import (
    ConsentProof,
    DeclaredFact,
    Interest,
    Recipient,
    RecommendationRequest,
    SignalFact,
    Snapshot,
    TakenCourse,
    Trigger,
)
from schemas.speaker import Speaker
from schemas.values import Value
from services.runtime.program import read_yaml

FILE = Path(__file__).with_name("leads.yaml")
NOW = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)  # of every decision, so that runs compare
NAMESPACE = uuid.UUID("3a3cf7a4-4ad8-5f6c-9b3f-2f1d5c1f7a60")  # of decision ids, for life
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
    took = _part(lead.took)
    playbook = next((each for each in program.playbooks if took.kind in each.entry), program.playbooks[0])
    return RecommendationRequest(
        decision_id=str(uuid.uuid5(NAMESPACE, lead.id)),
        person=f"u:{lead.id}",
        trigger=Trigger(
            playbook=playbook.name, purpose=playbook.purpose, event_id=f"{lead.id}-took", event_name=took.kind,
            title=took.title, occurred_at=NOW, opened_at=NOW, due_at=NOW, attempt=0,
        ),
        experiment=playbook.experiment.name,
        arm="treatment",
        language=lead.language,
        snapshot=_snapshot(lead, program),
        recipient=Recipient(address=f"{lead.id}@lead.example", address_key="0" * 32),
        consent=ConsentProof(purpose="marketing", proof="form 2026-01", captured_at=NOW),
        created_at=NOW,
        not_before=NOW,
        expires_at=NOW + timedelta(days=2),
    )  # fmt: skip


def replies_of(lead: Lead) -> dict[str, list[str]]:
    """The scripted reply to the first question; the pick is left to the rank, since a script has not seen the ten."""
    told = {
        "cites": ["conversion"], "job": lead.model.job, "stage": "exploring", "confidence": 0.7,
        "title": lead.model.title, "description": lead.model.description, "skills": lead.model.skills,
        "level": lead.model.level,
    }  # fmt: skip
    return {"job+imagine": [json.dumps(told, ensure_ascii=False)]}


def _snapshot(lead: Lead, program: Program) -> Snapshot:
    half_life = program.signals.half_life_days
    signals, interests = [], dict[str, float]()
    for age, act in enumerate((lead.took, *reversed(lead.did))):
        kind, about, title = _part(act)
        rule = _rule(kind, program)
        weight = rule.weight * 0.5 ** (age / half_life)
        is_item = rule.kind == COURSE
        key = f"item:{about}" if is_item else f"topic:{about}"
        interests[key] = interests.get(key, 0.0) + weight
        signals.append(
            SignalFact(
                id="s1", kind=rule.kind, title=title, item=about if is_item else None,
                topics=() if is_item else (about,), last_at=NOW - timedelta(days=age), count=1, weight=round(weight, 6),
                speaker=Speaker.KNOWN_BROWSER if age else Speaker.SERVER,
            )
        )  # fmt: skip
    signals.sort(key=lambda each: -each.weight)
    return Snapshot(
        interests=tuple(Interest(key=key, weight=round(weight, 6)) for key, weight in interests.items()),
        signals=tuple(each.model_copy(update={"id": f"s{place}"}) for place, each in enumerate(signals, 1)),
        facts=_facts(lead),
        history=tuple(TakenCourse(course_id=each, taken_at=NOW - timedelta(days=30)) for each in lead.history),
        evidence=round(sum(interests.values()), 6),
        version=len(signals),
        hash=uuid.uuid5(NAMESPACE, lead.model_dump_json()).hex,
    )


def _facts(lead: Lead) -> tuple[DeclaredFact, ...]:
    told = {
        "company": lead.company, "company_size": str(lead.size), "goal": lead.goal, "industry": lead.industry,
        "role": lead.role,
    }  # fmt: skip
    return tuple(
        DeclaredFact(name=name, value=value, source="form", is_verified=False, said_at=NOW)
        for name, value in told.items()
        if value is not None
    )


def _rule(kind: str, program: Program) -> SignalRule:
    """The first rule of this event, or of this kind."""
    return next(rule for rule in program.signals.rules if kind in {rule.event, rule.kind})


def _part(act: str) -> _Part:
    match = _ACT.fullmatch(act)
    if match is None:
        raise ValueError(f"expected `<kind> <topic>: <title>`, {act!r} came")
    return _Part(*match.groups())
