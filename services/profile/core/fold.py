"""One event into one person's state. Law: below the caps, any order with any repeats gives one answer."""

from typing import NamedTuple, get_args

from schemas.clean import CleanEvent, EventKind, said_by
from schemas.standing import Outcome, Taken
from services.profile.core import awaiting, interests, memory, pending, telling, touches
from services.profile.core.declared import consent, declare
from services.profile.core.pending import Ended
from services.profile.core.reasons import Became, Count
from services.profile.core.rules import Rules
from services.profile.core.signals import Meaning
from services.profile.core.speaking import ROW_BYTES
from services.profile.core.state import MAX_INTERESTS, State, empty, grown, keep_heaviest

KINDS = frozenset(get_args(EventKind))
SKEW_MS = 300_000  # the most a client's clock may run ahead of ours; ingest clamps to the same
SLACK = 32  # interests over the cap before it is enforced
EVENT_BYTES = 900  # bound of what any event adds beside its texts
FURTHER_BYTES = 400  # bound of a further course of a mail: its row, and that it was recommended
CHARACTER_BYTES = 4  # UTF-8, of printable text
HOUR_MS = 3_600_000
EPOCH_HOUR = 72  # 1 January 1970 was a Thursday; hour 0 of a week is Monday's first


class Folded(NamedTuple):
    """What folding one event gives: triggers that end at once, what is counted, what courses.signals is told."""

    ended: list[Ended]
    counted: list[Count | Became]
    told: list[Taken | Outcome]


def fold(state: State, event: CleanEvent, person: str, rules: Rules, now_ms: int) -> Folded:
    """Fold one event into a state that is owned."""
    time_ms = min(event["time_ms"], event["received_ms"] + SKEW_MS)
    state["n"] += 1
    counted: list[Count | Became] = [Count.FOLDED]
    ended: list[Ended] = []
    told: list[Taken | Outcome] = []
    _see(state, time_ms)
    kind = event["kind"]
    is_known = kind in KINDS
    event = event if is_known else _withdrawing(event)
    size = EVENT_BYTES + consent(state, event, time_ms) if "consent" in event else EVENT_BYTES
    if "links" in event:
        size += awaiting.hear(state, event, person, now_ms)
    if kind == "feedback":
        count, told = _heard(state, event, time_ms, rules)
        size += FURTHER_BYTES * len(event["feedback"].get("also", {}))
        counted.append(count)
    elif kind == "privacy":
        counted.append(_private(state, event, time_ms))
    elif not is_known:
        counted += _restricted(state, event, time_ms)
    elif kind != "alias":
        pending.extend(state, event["received_ms"], rules)
        said = rules.meaning(event)
        size += _behave(state, said, time_ms, rules, said_by(event).value) + declare(state, event, person, time_ms)
        if said is not None and said.weight and said.item and said.course in memory.TAKING:
            told = telling.took(state, said.item, time_ms)
        _hour(state, time_ms)
        if kind == "conversion":
            size += 4_000
            became, ended = pending.opened(state, event, said, rules, now_ms)
            counted += [became, Count.OPENED] if became is Became.OPENED else [became]
    if grown(state, size, rules.half_life_ms):
        counted.append(Count.SHRUNK)
    return Folded(ended, counted, told)


def erased(state: State, event: CleanEvent, receipt: str) -> State:
    """What stays of a person who asked to be forgotten: when, and a receipt; it stops revival."""
    return {**empty(), "n": state["n"], "gone": [event["time_ms"], receipt]}


def _withdrawing(event: CleanEvent) -> CleanEvent:
    """An event of a kind that a later version knows, without the consents it gives."""
    return {**event, "consent": [each for each in event.get("consent", ()) if not each["given"]]}


def _restricted(state: State, event: CleanEvent, time_ms: int) -> list[Count]:
    """Note what an event of such a kind refuses, where it is trusted; nothing else of it counts.

    One that erases does not come here: it is erased by, like one of kind `privacy`.
    """
    if not event["trusted"]:
        return [Count.UNKNOWN_KIND]
    if "feedback" in event:
        touches.suppress(state, event["feedback"], time_ms)
    return [Count.UNKNOWN_KIND, *([_private(state, event, time_ms)] if "privacy" in event else ())]


def _heard(state: State, event: CleanEvent, time_ms: int, rules: Rules) -> tuple[Count, list[Taken | Outcome]]:
    if event["feedback"]["word"] in {"opened", "clicked"} and event["trusted"] and touches.is_human(event["feedback"]):
        _hour(state, time_ms)
    return touches.hear(state, event, time_ms, rules)


def _see(state: State, time_ms: int) -> None:
    newest = state["new"]
    if time_ms > newest:
        state["new"] = time_ms
        if interests.month_of_day(time_ms // interests.DAY_MS) != interests.month_of_day(newest // interests.DAY_MS):
            interests.drop_outlived(state["i"], time_ms)
            interests.drop_outlived(state["eng"], time_ms)


def _behave(state: State, said: Meaning | None, time_ms: int, rules: Rules, who: str) -> int:
    if said is None or said.weight == 0:
        return 0
    _interests(state, said, time_ms, rules)
    memory.remember(state, said, time_ms, rules.half_life_ms, who)
    return ROW_BYTES + CHARACTER_BYTES * (3 * len(said.title) + 6 * len(said.item or ""))


def _interests(state: State, said: Meaning, time_ms: int, rules: Rules) -> None:
    month, much = interests.amount(said.weight, time_ms, rules.half_life_ms)
    if interests.is_outlived(month, state["new"]):
        return
    bag = state["i"]
    if said.item:
        interests.add(bag, f"item:{said.item}", month, much)
    for topic in said.topics[: 2 if said.item else 3]:
        interests.add(bag, f"topic:{topic}", month, much)
    if len(bag) > MAX_INTERESTS + SLACK:
        keep_heaviest(bag, MAX_INTERESTS, interests.weigher(state["new"], rules.half_life_ms))


def _hour(state: State, time_ms: int) -> None:
    hour = str((time_ms // HOUR_MS + EPOCH_HOUR) % 168)
    hours = state["hour"]
    hours[hour] = hours.get(hour, 0) + 1


def _private(state: State, event: CleanEvent, time_ms: int) -> Count:
    """An action that nobody here knows may be about mail: it is taken for an opt-out."""
    if event["privacy"] == "export":
        return Count.EXPORT
    touches.refuse(state, "opt_out", time_ms)
    return Count.OPTED_OUT
