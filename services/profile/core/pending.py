"""Triggers that wait: opened by a conversion, extended by what follows, decided when due."""

from typing import Any, NamedTuple

from schemas.clean import CleanEvent, said_by
from schemas.program import Playbook
from services.profile.core.awaiting import free_ms
from services.profile.core.reasons import Became, Reason
from services.profile.core.rules import Rules
from services.profile.core.signals import Meaning, title_of
from services.profile.core.state import State
from services.profile.core.telling import next_end

TOO_OLD_MS = 86_400_000  # a rebuild folds what is older but mails nothing

Entry = dict[str, Any]
Ended = tuple[Entry, Reason]


def dues(value: State) -> int | None:
    """When to look at a state again in milliseconds, for a trigger or a mail's end; None where nothing waits."""
    times = [free_ms(entry, value) for entry in value.get("pend", {}).values()]
    end = next_end(value)
    return min(times if end is None else [*times, end], default=None)


def extend(state: State, received_ms: int, rules: Rules) -> None:
    """Let what waits wait on for a quiet period after this event, up to the playbook's limit. Law: order-free."""
    for purpose, entry in state["pend"].items():
        playbook = rules.playbooks.get(entry["playbook"])
        if playbook is not None and entry["tries"] == 0:
            limit = entry["opened"] + max(1000 * playbook.quiet_limit_s, rules.quiet_ms(playbook))
            due = max(entry["due"], min(received_ms + rules.quiet_ms(playbook), limit))
            state["pend"][purpose] = {**entry, "due": due}


class Opened(NamedTuple):
    """What became of a conversion, and its triggers that end at once, with the reason."""

    became: Became
    ended: list[Ended]


def opened(state: State, event: CleanEvent, meaning: Meaning | None, rules: Rules, now_ms: int) -> Opened:
    """Open a trigger for each playbook the conversion enters."""
    ended: list[Ended] = []
    entered = entries(event, meaning, rules)
    for entry in entered:
        if min(event["time_ms"], event["received_ms"]) < now_ms - TOO_OLD_MS:
            ended.append((entry, Reason.TOO_OLD))
        elif entry["purpose"] in state["pend"]:
            ended.append((entry, Reason.PURPOSE_TAKEN))
        else:
            state["pend"][entry["purpose"]] = entry
    return Opened(_became(len(entered), ended), ended)


def ended_at_once(event: CleanEvent, reason: Reason, rules: Rules) -> Opened:
    """No trigger of the conversion may wait: each ends for this reason."""
    ended = [(entry, reason) for entry in entries(event, None, rules)]
    return Opened(_became(len(ended), ended), ended)


def entries(event: CleanEvent, meaning: Meaning | None, rules: Rules) -> list[Entry]:
    """The triggers a conversion opens, one for each playbook it enters."""
    return [_entry(event, meaning, playbook, rules) for playbook in rules.openers.get(event["name"], ())]


def merge_pending(state: State, other: dict[str, Entry]) -> list[Ended]:
    """Add another person's waiting triggers; of one purpose the one opened first stays, the other ends."""
    ended: list[Ended] = []
    for purpose, entry in other.items():
        known = state["pend"].get(purpose)
        if known is None:
            state["pend"][purpose] = entry
            continue
        first, second = sorted((known, entry), key=lambda each: (each["opened"], each["event"], each["playbook"]))
        state["pend"][purpose] = first
        ended.append((second, Reason.PURPOSE_TAKEN))
    return ended


def _became(entered: int, ended: list[Ended]) -> Became:
    if len(ended) < entered:
        return Became.OPENED
    if any(reason is Reason.PURPOSE_TAKEN for _, reason in ended):
        return Became.JOINED
    return Became.ENDED if ended else Became.NO_PLAYBOOK


def _entry(event: CleanEvent, meaning: Meaning | None, playbook: Playbook, rules: Rules) -> Entry:
    return {
        "purpose": playbook.purpose,
        "playbook": playbook.name,
        "event": event["id"],
        "name": event["name"][:300],
        "item": meaning.item if meaning else None,
        "title": title_of(event),
        "time": event["time_ms"],
        "opened": event["received_ms"],
        "due": event["received_ms"] + rules.quiet_ms(playbook),
        "tries": 0,
        "speaker": said_by(event).value,
    }
