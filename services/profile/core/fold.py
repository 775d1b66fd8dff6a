"""One event into one person. Law: below the caps, any order with any repeats gives one answer."""

from typing import NamedTuple, get_args

from schemas.clean import CleanEvent, EventKind
from schemas.standing import Outcome, Taken
from services.profile.core import decay
from services.profile.core.facet import Change
from services.profile.core.facets.identity import Erased, Identity
from services.profile.core.meaning import Meaning
from services.profile.core.person import Person, facets, grow, hearing_usual
from services.profile.core.reasons import Became, Count
from services.profile.core.rules import Rules
from services.profile.core.trigger import Ended

KINDS = frozenset(get_args(EventKind))
SAID_OF_A_PERSON = frozenset({"feedback", "privacy", "alias"})  # kinds of what they did not do on a site
TAKING = frozenset({"taken", "completed"})  # what a rule may say of a course that makes it part of the history
SKEW_MS = 300_000  # the most a client's clock may run ahead of ours; ingest clamps to the same
EVENT_BYTES = 900  # bound of what any event adds beside its texts


class Folded(NamedTuple):
    """What folding one event gives: triggers that end at once, what is counted, what courses.signals is told."""

    ended: list[Ended]
    counted: list[Count | Became]
    told: list[Taken | Outcome]


def fold(person: Person, event: CleanEvent, key: str, rules: Rules, now_ms: int) -> Folded:
    """Fold one event into a person that is owned; `key` is theirs.

    Of a kind that a later version knows, only what it refuses counts. One that erases does not come here: it is erased
    by, like one of kind `privacy`.
    """
    change = _change(person, event, key, rules, now_ms)
    ended: list[Ended] = []
    counted: list[Count | Became] = [Count.FOLDED] if change.is_known else [Count.FOLDED, Count.UNKNOWN_KIND]
    told: list[Taken | Outcome] = []
    size = EVENT_BYTES
    asked = hearing_usual(person) if _is_usual(change) else facets(person)
    for facet in asked:
        effect = facet.apply(change)
        if effect is not None:
            size += effect.size
            ended += effect.ended
            counted += effect.counted
            told += effect.told
    if grow(person, size, rules.half_life_ms):
        counted.append(Count.SHRUNK)
    return Folded(ended, counted, told)


def erased(person: Person, event: CleanEvent, receipt: str) -> Person:
    """What stays of a person who asked to be forgotten: when, and a receipt; it stops revival."""
    return Person(events=person.events, identity=Identity(erased=Erased(event["time_ms"], receipt)))


def _change(person: Person, event: CleanEvent, key: str, rules: Rules, now_ms: int) -> Change:
    time_ms = min(event["time_ms"], event["received_ms"] + SKEW_MS)
    has_month_turned = _see(person, time_ms)
    kind = event["kind"]
    is_known = kind in KINDS
    is_behaviour = is_known and kind not in SAID_OF_A_PERSON
    meaning = rules.meaning(event) if is_behaviour else None
    return Change(
        event, key, time_ms, person.newest_ms, has_month_turned, is_known, is_behaviour, meaning, _course(meaning),
        now_ms, rules,
    )  # fmt: skip


def _is_usual(change: Change) -> bool:
    event = change.event
    return change.is_behaviour and change.course is None and "consent" not in event and "links" not in event


def _see(person: Person, time_ms: int) -> bool:
    """Count the event; true if it is the first of a newer month."""
    person.events += 1
    newest_ms = person.newest_ms
    if time_ms <= newest_ms:
        return False
    person.newest_ms = time_ms
    day, newest_day = time_ms // decay.DAY_MS, newest_ms // decay.DAY_MS
    return day != newest_day and decay.month_of_day(day) != decay.month_of_day(newest_day)


def _course(meaning: Meaning | None) -> str | None:
    """The course that was taken or completed."""
    if meaning is None or not meaning.item or not meaning.weight or meaning.course not in TAKING:
        return None
    return meaning.item
