"""The state of one person as it is sent after a link: what is stored of them, facet by facet, by their names.

Every part may be absent. Amounts of interest are integers of a millionth, so that adding them is exactly
commutative; times are milliseconds since 1970; a month is counted from January 1970.
"""

from typing import Annotated, Literal, NotRequired, TypeAlias

from pydantic import Discriminator, Field, StringConstraints, Tag, with_config
from typing_extensions import TypedDict

from schemas.profile_before import BouncesBefore, ProfileStateBefore
from schemas.profile_parts import (
    Awaited,
    Buckets,
    Clicks,
    ConsentRows,
    Count,
    Days,
    Facts,
    Forward,
    Hours,
    Mails,
    Ms,
    Refusals,
    Ring,
    Said,
    Text,
    Times,
    TouchRows,
)
from schemas.recommendation import DecisionId, SendTimeReason, ZoneSource
from schemas.values import OPEN, known


@with_config(OPEN)
class AttributionState(TypedDict, total=False):
    """Courses that courses.signals was told of, and when each was taken."""

    took: Times


@with_config(OPEN)
class ChoicesState(TypedDict, total=False):
    """What a person chose on the page behind a mail's link: paused (since, until) · language (since, code)."""

    paused: tuple[Ms, Ms]
    language: tuple[Ms, Text]


@with_config(OPEN)
class ConsentsState(TypedDict, total=False):
    """rows {purpose: {address key or "": time, given, source, text version, rank}} · refusals {why: time}."""

    rows: ConsentRows
    refusals: Refusals


@with_config(OPEN)
class EngagementState(TypedDict, total=False):
    """by_word feedback {word: {month: amount}} · hours {hour of the week: count}."""

    by_word: Buckets
    hours: Hours


@with_config(OPEN)
class HistoryState(TypedDict, total=False):
    """Courses taken, completed, recommended, each {course: time}."""

    taken: Times
    completed: Times
    recommended: Times


@with_config(OPEN)
class IdentityState(TypedDict, total=False):
    """Whose events these are.

    seen, done marks of events of 30 days, oldest first: of behaviour 6 characters each, of all else 20 ·
    seen_days, done_days (day since 1970, how many) · ids marks as they were before, 12 hex digits each after a bar ·
    past persons absorbed · awaited persons whose state a link sends {person: since when} · forward pointer ·
    erased (when, receipt).
    """

    seen: Annotated[str, StringConstraints(pattern=r"^(?:[A-Za-z0-9+/]{6})*$", max_length=6 * 2_048)]
    seen_days: Days
    done: Annotated[str, StringConstraints(pattern=r"^(?:[A-Za-z0-9+/]{20})*$", max_length=20 * 1_024)]
    done_days: Days
    ids: Ring
    past: list[Text]
    awaited: Awaited
    forward: Forward
    erased: tuple[Ms, Text]


@with_config(OPEN)
class InterestsState(TypedDict, total=False):
    """by_key {topic or item: {month: amount}}."""

    by_key: Buckets


@with_config(OPEN)
class SharingState(TypedDict, total=False):
    """addresses: marks of those that browsers gave for the id · visitors how many anonymous ids led to it."""

    addresses: Annotated[list[Text], Field(max_length=5)]
    visitors: Count


@with_config(OPEN)
class SignalsState(TypedDict, total=False):
    """rows {kind, a bar, item or else title: last, count, weight, who gave the title, (title of an item, topics)}."""

    rows: dict[Text, tuple[Ms, Count, float, Text, tuple[Text | None, list[Text]]]]


@with_config(OPEN)
class TouchesState(TypedDict, total=False):
    """Mails asked for and what became of them.

    rows {decision: time, until, purpose, playbook, ask or ghost, strongest word} ·
    mails {decision: course, strongest outcome heard, outcome told, end of the touch}; a further course of a mail has a
    row of its own, whose key goes on with a slash and 12 hex digits of the hash of its link ·
    clicks {decision: first delivery, clicks (time, hash of the link, of a further course's link, what was said of a
    machine, when it is judged or 0)} · mailboxes {decision: key of the address it was to}.
    """

    rows: TouchRows
    mails: Mails
    clicks: Clicks
    mailboxes: dict[DecisionId, Text]


@with_config(OPEN)
class TraitsState(TypedDict, total=False):
    """What a person said of themselves.

    facts {name: rank, time, value, source} · address (rank, time, value, key) · first name, language, time zone and
    country (rank, time, value, source). A rank is 2 for what a server proved, 1 for what the person's own browser said,
    0 for an anonymous browser.
    """

    facts: Facts
    address: Said
    name: Said
    language: Said
    timezone: Said
    country: Said


@with_config(OPEN)
class SendTimeState(TypedDict):
    """How a trigger's hour was looked for: the reason, when it was due, when it would be best, scores, zone."""

    reason: Annotated[str, known(SendTimeReason)]
    was_due_ms: Ms
    evidence: float
    score_due: float
    zone_source: Annotated[str, known(ZoneSource)]
    zone: NotRequired[Text]
    experiment: NotRequired[Text]
    best_ms: NotRequired[Ms]
    score_best: NotRequired[float]


@with_config(OPEN)
class Pending(TypedDict):
    """A trigger that waits: what opened it (event id, name, item, title, time), since when, until when, which try.

    held_ms since when, though due, it waits for the state that a link sends; speaker who told of it, else a server;
    trace the traceparent that came with what opened it; send_time how its hour was looked for; asked (when, key of the
    address, whether it is reserved) the home of the mailbox, of whom nothing is sent after a link.
    """

    purpose: Text
    playbook: Text
    event: Text
    name: Text
    item: NotRequired[Text | None]
    title: NotRequired[Text | None]
    time_ms: Ms
    opened_ms: Ms
    due_ms: Ms
    tries: Count
    held_ms: NotRequired[Ms]
    trace: NotRequired[Annotated[str, Field(max_length=55)]]
    asked: NotRequired[tuple[Ms, Text, bool]]
    send_time: NotRequired[SendTimeState]
    speaker: NotRequired[Text]


@with_config(OPEN)
class TriggersState(TypedDict, total=False):
    """by_purpose {purpose: trigger}."""

    by_purpose: Annotated[dict[Text, Pending], Field(max_length=8)]


@with_config(OPEN)
class ProfileStateNow(TypedDict):
    """One person: v format · events folded · newest_ms newest event · size bound of the encoded bytes · facets."""

    v: Literal[2]
    events: NotRequired[Count]
    newest_ms: NotRequired[Ms]
    size: NotRequired[Count]
    attribution: NotRequired[AttributionState]
    bounces: NotRequired[BouncesBefore]
    choices: NotRequired[ChoicesState]
    consents: NotRequired[ConsentsState]
    engagement: NotRequired[EngagementState]
    history: NotRequired[HistoryState]
    identity: NotRequired[IdentityState]
    interests: NotRequired[InterestsState]
    sharing: NotRequired[SharingState]
    signals: NotRequired[SignalsState]
    touches: NotRequired[TouchesState]
    traits: NotRequired[TraitsState]
    triggers: NotRequired[TriggersState]


def _version(state: object) -> str:
    return "before" if not isinstance(state, dict) or state.get("v", 1) == 1 else "now"


ProfileState: TypeAlias = Annotated[
    Annotated[ProfileStateBefore, Tag("before")] | Annotated[ProfileStateNow, Tag("now")], Discriminator(_version)
]
"""The state of this version, or of the one before: a link may be on its way while the profile is brought up."""
