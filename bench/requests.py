"""The short form of a request: a conversion, what the lead did, what was declared; and the request that it stands for.

Acts are weighed as the academy's program weighs theirs, and decay by half in thirty days.
"""

import uuid
from collections.abc import Mapping
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
HALF_LIFE_DAYS = 30.0
SEARCH, CONVERSION = "search", "conversion"  # told by a server: the other acts are a browser's
CONVERSION_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"Guide Downloaded": 1.5, "Webinar Registered": 1.5, "Newsletter Signed Up": 0.3, "Trial Started": 1.0}
)
ACT_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"read": 0.6, "search": 0.8, "browse": 0.5, "watched": 1.0, "pricing": 0.5, "guide": 0.8, "webinar": 0.8,
     "course": 1.0}
)  # fmt: skip
ANY_WEIGHT = 1.0  # of a conversion or act that is not named above


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


def request_of(lead: ShortRequest) -> RecommendationRequest:
    """What profile would ask for this lead."""
    return RecommendationRequest(
        decision_id=str(uuid.uuid5(NAMESPACE, lead.id)),
        person=f"u:{lead.id}",
        trigger=Trigger(
            playbook="first-day", purpose="marketing", event_id=f"{lead.id}-conversion",
            event_name=lead.conversion.event, title=lead.conversion.title or None, occurred_at=NOW, opened_at=NOW,
            due_at=NOW, attempt=0,
        ),
        experiment="first-day",
        arm="treatment",
        language=lead.language,
        snapshot=_snapshot(lead),
        recipient=Recipient(address=f"{lead.id}@lead.example", address_key="0" * 32),
        consent=ConsentProof(purpose="marketing", proof="form 2026-01", captured_at=NOW),
        created_at=NOW,
        not_before=NOW,
        expires_at=NOW + timedelta(days=2),
    )  # fmt: skip


def _snapshot(lead: ShortRequest) -> Snapshot:
    taken, of = lead.conversion, CONVERSION_WEIGHTS.get(lead.conversion.event, ANY_WEIGHT)
    signals = [_signal(CONVERSION, Act(kind=CONVERSION, title=taken.title, topic=taken.topic), of)]
    signals += [_of_act(each, is_registered=lead.registered) for each in lead.acts]
    signals.sort(key=lambda each: -each.weight)
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


def _of_act(act: Act, *, is_registered: bool) -> SignalFact:
    signal = _signal(act.kind, act, ACT_WEIGHTS.get(act.kind, ANY_WEIGHT))
    is_page = is_registered and act.kind != SEARCH
    return signal.model_copy(update={"content": act.title}) if is_page else signal


def _signal(kind: str, act: Act, weight: float) -> SignalFact:
    decayed = weight * act.count * 0.5 ** (act.days_ago / HALF_LIFE_DAYS)
    return SignalFact(
        id="s1", kind=kind, title=act.title, item=act.item, topics=() if act.topic is None else (act.topic,),
        last_at=NOW - timedelta(days=act.days_ago), count=act.count, weight=round(decayed, 6),
        speaker=Speaker.SERVER if kind == CONVERSION else Speaker.KNOWN_BROWSER,
    )  # fmt: skip


def _keys(signal: SignalFact) -> tuple[str, ...]:
    item = () if signal.item is None else (f"item:{signal.item}",)
    return (*item, *(f"topic:{each}" for each in signal.topics))
