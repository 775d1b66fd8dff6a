"""Touches: mails asked for and ghosts of the held out; what became of them; caps and purposes.

A row: time, reserved until, purpose, playbook, `ask` or `ghost`, the strongest word heard.
"""

from typing import Any

from schemas.clean import CleanEvent, FeedbackFact
from schemas.identity import message_id_of
from schemas.standing import Outcome, Taken
from services.profile.core import interests, telling
from services.profile.core.declared import VERIFIED
from services.profile.core.reasons import Count
from services.profile.core.rules import Rules
from services.profile.core.state import MAX_RECOMMENDED, MAX_TOUCHES, State, keep_newest
from services.profile.core.text import clipped

CONFIRMING = (  # weakest first: each says that a mail went out, `unknown` that one may have
    "unknown", "queued", "sent", "deferred", "delivered", "autoresponded", "bounced", "opened", "clicked",
    "unsubscribed", "complained", "converted",
)  # fmt: skip
STRENGTH = {word: strength for strength, word in enumerate(("", "failed", "rejected", *CONFIRMING))}
STRONGEST = len(STRENGTH)  # of a word of a later version that is stored: it may say that a mail went, and how it ended
SUPPRESSING = {"unsubscribed": "unsubscribed", "complained": "complained"}
COUNTED = frozenset({"delivered", "opened", "clicked"})


def is_human(fact: FeedbackFact) -> bool:
    """True unless a machine may have done it; an open of unknown origin is taken for a machine's prefetch."""
    machine = fact.get("machine")
    return machine == "no" or (machine is None and fact["word"] != "opened")


def hear(state: State, event: CleanEvent, time_ms: int, rules: Rules) -> tuple[Count, list[Taken | Outcome]]:
    """Note what became of a mail; gives what it was counted as and what is told of it.

    Laws: repeats change no more; what is not trusted changes nothing, so who speaks is asked before what is said.
    """
    if not event["trusted"]:
        return Count.HEARD, []
    fact = event["feedback"]
    word = fact["word"]
    suppress(state, fact, time_ms)
    if word in COUNTED and is_human(fact):
        month, much = interests.amount(1.0, time_ms, rules.half_life_ms)
        if not interests.is_outlived(month, state["new"]):
            interests.add(state["eng"], word, month, much)
    if STRENGTH.get(word, -1) >= STRENGTH["sent"]:
        for course in filter(None, (telling.named(event), *telling.further(event))):
            _recommended(state, clipped(course, 100), time_ms)
    decision = _decision_of(state, fact)
    if decision is None:
        return Count.UNKNOWN_TOUCH, []
    touch = state["touch"][decision]
    if word == "not_sent":
        return _give_back(state, decision, touch), []
    if STRENGTH.get(word, -1) > strength_of(touch):
        state["touch"][decision] = [*touch[:5], word]
    return Count.HEARD, telling.heard(state, decision, event, rules) if is_human(fact) else []


def reserve(state: State, decision: str, row: list[Any], rules: Rules) -> None:
    """Add a touch; forget those no rule looks at any more."""
    now_ms = row[0]
    rows = state["touch"]
    for name in [each for each, old in rows.items() if old[0] <= now_ms - rules.memory_ms and old[1] <= now_ms]:
        del rows[name]
        telling.forget(state, name)
    rows[decision] = row


def is_taken(state: State, purpose: str, now_ms: int, purpose_ms: int) -> bool:
    """True if the purpose was served within `purpose_ms`, or is reserved."""
    return any(
        row[2] == purpose and (now_ms - row[0] < purpose_ms if is_confirmed(row) else row[1] > now_ms)
        for row in state["touch"].values()
    )


def free_at(state: State, now_ms: int, rules: Rules) -> int:
    """When the caps let one more mail go, in milliseconds; `now` or before where they do at once."""
    rows = state["touch"].values()
    at = now_ms
    for cap in rules.caps:
        ends = sorted(end for row in rows if (end := _counts_until(row, cap.window_ms)) > now_ms)
        if len(ends) >= cap.most:
            at = max(at, ends[len(ends) - cap.most])
    if len(rows) >= MAX_TOUCHES:
        lives = sorted(max(row[0] + rules.memory_ms, row[1]) for row in rows)
        at = max(at, lives[len(lives) - MAX_TOUCHES])
    return at


def is_confirmed(row: list[Any]) -> bool:
    """True if the touch happened, or may have; a ghost always did, and what a later version calls otherwise."""
    return row[4] != "ask" or strength_of(row) >= STRENGTH["unknown"]


def strength_of(row: list[Any]) -> int:
    """How much the strongest word heard of a touch says; one that nobody here knows more than any."""
    return STRENGTH.get(row[5], STRONGEST)


def is_suppressed(state: State, purpose: str) -> bool:
    """True if the person refused every mail, or the address is dead.

    A trusted consent newer than an unsubscribe lifts it here; the composer still wants a signed lift.
    """
    refused = state["supp"]
    if "complained" in refused or "opt_out" in refused:
        return True
    if "bounced" in refused and refused["bounced"] >= (state["addr"][1] if "addr" in state else 0):
        return True
    given = [row[0] for row in state["cons"].get(purpose, {}).values() if row[1] and row[4] == VERIFIED]
    return "unsubscribed" in refused and refused["unsubscribed"] >= max(given, default=0)


def refuse(state: State, why: str, time_ms: int) -> None:
    """Note a refusal; the latest time of each kind stays."""
    state["supp"][why] = max(time_ms, state["supp"].get(why, 0))


def suppress(state: State, fact: FeedbackFact, time_ms: int) -> None:
    """Note the refusal that feedback is, where it is one."""
    word = fact["word"]
    if word in SUPPRESSING:
        refuse(state, SUPPRESSING[word], time_ms)
    elif word == "bounced" and fact.get("bounce_class") == "hard":
        refuse(state, "bounced", time_ms)


def _decision_of(state: State, fact: FeedbackFact) -> str | None:
    """The touch that the feedback is about; many an ESP echoes the message id alone."""
    named = fact.get("decision_id")
    if named in state["touch"]:
        return named
    return next((each for each in state["touch"] if message_id_of(each) == fact["message_id"]), None)


def _give_back(state: State, decision: str, touch: list[Any]) -> Count:
    if is_confirmed(touch):
        return Count.HEARD
    del state["touch"][decision]
    telling.forget(state, decision)
    return Count.GIVEN_BACK


def _recommended(state: State, course: str, time_ms: int) -> None:
    state["reco"][course] = max(time_ms, state["reco"].get(course, 0))
    keep_newest(state["reco"], MAX_RECOMMENDED)


def _counts_until(row: list[Any], window_ms: int) -> int:
    end: int = row[0] + window_ms
    return end if is_confirmed(row) else min(end, row[1])
