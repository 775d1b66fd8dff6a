"""The short form of a request: a conversion, what the lead did, what was declared; and the request that it stands for.

Every lead of the bench becomes a request here.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from pydantic import Field

from schemas.course import Language, Slug
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

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)  # of every decision, so that runs compare
NAMESPACE = uuid.UUID("5a0c1f0e-6c7b-5d53-9a57-0d0f2f8f3b11")  # of decision ids, for life
SEARCH, CONVERSION = "search", "conversion"  # a server tells of a conversion, a browser of the other acts
ANY_WEIGHT = 1.0  # of a conversion or act that the business does not weigh


@dataclass(frozen=True, slots=True)
class Business:
    """Whose lead it is: the playbook that asks, and what weighs how much, conversions by event and acts by kind.

    A weight halves in `half_life_days`.
    """

    playbook: str
    purpose: str
    experiment: str
    conversions: Mapping[str, float]
    acts: Mapping[str, float]
    half_life_days: float


# The weights of the academy's `signals.yaml`.
FIRST_DAY = Business(
    playbook="first-day",
    purpose="marketing",
    experiment="first-day",
    conversions=MappingProxyType(
        {"Guide Downloaded": 1.5, "Webinar Registered": 1.5, "Newsletter Signed Up": 0.3, "Trial Started": 1.0}
    ),
    acts=MappingProxyType(
        {"read": 0.6, "search": 0.8, "browse": 0.5, "watched": 1.0, "pricing": 0.5, "guide": 0.8, "webinar": 0.8,
         "course": 1.0}
    ),
    half_life_days=30.0,
)  # fmt: skip


class Conversion(Value):
    """What the lead took, and of which topic it is, if that is known."""

    event: str
    title: str = ""
    topic: Slug | None = None


class Act(Value):
    """One thing the lead did before: a page read, words searched for, a course looked at (`item`)."""

    kind: str
    title: str
    topic: Slug | None = None
    item: Slug | None = None
    days_ago: float = Field(default=0.0, ge=0)
    count: int = Field(default=1, ge=1)


class ShortRequest(Value):
    """One lead as a person would note them down. `history` are courses taken, newest first.

    `registered`: what they read and watched are pages of the business's own, with their titles in its `content.yaml`;
    else only a browser says what they are called.
    """

    id: str
    language: Language
    conversion: Conversion
    acts: tuple[Act, ...] = ()
    facts: Mapping[str, str] = {}
    history: tuple[Slug, ...] = ()
    registered: bool = True


def request_of(lead: ShortRequest, business: Business = FIRST_DAY) -> RecommendationRequest:
    """What profile would ask for this lead of this business."""
    return RecommendationRequest(
        decision_id=str(uuid.uuid5(NAMESPACE, lead.id)),
        person=f"u:{lead.id}",
        trigger=Trigger(
            playbook=business.playbook, purpose=business.purpose, event_id=f"{lead.id}-conversion",
            event_name=lead.conversion.event, title=lead.conversion.title or None, occurred_at=NOW, opened_at=NOW,
            due_at=NOW, attempt=0,
        ),
        experiment=business.experiment,
        arm="treatment",
        language=lead.language,
        snapshot=_snapshot(lead, business),
        recipient=Recipient(address=f"{lead.id}@lead.example", address_key="0" * 32),
        consent=ConsentProof(purpose="marketing", proof="form 2026-01", captured_at=NOW),
        created_at=NOW,
        not_before=NOW,
        expires_at=NOW + timedelta(days=2),
    )  # fmt: skip


def _snapshot(lead: ShortRequest, business: Business) -> Snapshot:
    signals = _signals(lead, business)
    interests: dict[str, float] = {}
    for each in signals:
        for key in _keys(each):
            interests[key] = interests.get(key, 0.0) + each.weight
    return Snapshot(
        interests=tuple(Interest(key=key, weight=round(weight, 6)) for key, weight in interests.items()),
        signals=tuple(each.model_copy(update={"id": f"s{place}"}) for place, each in enumerate(signals[:16], 1)),
        facts=tuple(
            DeclaredFact(name=name, value=value, source="form", is_verified=False, said_at=NOW)
            for name, value in sorted(lead.facts.items())
        ),
        history=tuple(TakenCourse(course_id=each, taken_at=NOW - timedelta(days=30)) for each in lead.history),
        evidence=round(sum(interests.values()), 6),
        version=len(signals),
        hash=uuid.uuid5(NAMESPACE, lead.model_dump_json()).hex,
    )


def _signals(lead: ShortRequest, business: Business) -> list[SignalFact]:
    """The conversion and every act, the heaviest first."""
    taken = lead.conversion
    conversion = Act(kind=CONVERSION, title=taken.title, topic=taken.topic)
    weighed = [(conversion, business.conversions.get(taken.event, ANY_WEIGHT))]
    weighed += [(each, business.acts.get(each.kind, ANY_WEIGHT)) for each in lead.acts]
    signals = (_signal(act, weight, business.half_life_days, lead) for act, weight in weighed)
    return sorted(signals, key=lambda each: -each.weight)


def _signal(act: Act, weight: float, half_life_days: float, lead: ShortRequest) -> SignalFact:
    is_page = lead.registered and act.kind not in {SEARCH, CONVERSION}
    decayed = weight * act.count * 0.5 ** (act.days_ago / half_life_days)
    return SignalFact(
        id="s1", kind=act.kind, title=act.title, item=act.item, topics=() if act.topic is None else (act.topic,),
        last_at=NOW - timedelta(days=act.days_ago), count=act.count, weight=round(decayed, 6),
        speaker=Speaker.SERVER if act.kind == CONVERSION else Speaker.KNOWN_BROWSER,
        content=act.title if is_page else None,
    )  # fmt: skip


def _keys(signal: SignalFact) -> tuple[str, ...]:
    item = () if signal.item is None else (f"item:{signal.item}",)
    return (*item, *(f"topic:{each}" for each in signal.topics))
