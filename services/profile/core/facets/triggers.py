"""Triggers that wait: opened by a conversion, extended by what follows, decided when due."""

from collections.abc import Sequence
from typing import Self

from msgspec.structs import replace

from schemas.clean import CleanEvent, said_by
from schemas.program import Playbook
from schemas.trace import is_traceparent
from services.profile.core.facet import Arrival, Change, Effect, Facet, Visit
from services.profile.core.hearing import hears
from services.profile.core.meaning import Meaning, title_of
from services.profile.core.reasons import Became, Count, Reason
from services.profile.core.rules import Rules
from services.profile.core.trigger import Ended, Trigger, free_ms
from services.rules.claims import Claim

TOO_OLD_MS = 86_400_000  # a rebuild folds what is older but mails nothing
OPENED_BYTES = 4_000  # bound of one trigger
MAX_NAME = 300  # characters
MAX_WAITING = (
    8  # triggers of one person: what a link may carry (`schemas.profile`), with `OPENED_BYTES` half of a state
)


class Triggers(Facet):
    """The one trigger that waits for each purpose, eight at most: those opened first.

    Nothing of it may be forgotten where a person is too large. A decision names its trigger by itself.
    """

    by_purpose: dict[str, Trigger] = {}

    def hear(self, visit: Visit) -> int:
        """Let what waits wait on."""
        if self.by_purpose:
            self._extend(max([act.received_ms for act in visit.acts]), visit.rules)
        return 0

    def apply(self, change: Change) -> Effect | None:
        """Open what a conversion enters."""
        event, rules = change.event, change.rules
        if event["kind"] != "conversion":
            return None
        waited = len(self.by_purpose)
        became, ended = self._open(event, change.meaning, rules, change.now_ms)
        counted: list[Count | Became] = [became, Count.OPENED] if became is Became.OPENED else [became]
        return Effect(OPENED_BYTES * (len(self.by_purpose) - waited), ended, counted)

    def merge(self, other: Self, arrival: Arrival) -> Effect | None:
        """Add the other's; of one purpose the one opened first stays, the other ends."""
        del arrival
        ended: list[Ended] = []
        for purpose, trigger in other.by_purpose.items():
            known = self.by_purpose.get(purpose)
            if known is None:
                self.by_purpose[purpose] = trigger
                continue
            first, second = sorted((known, trigger), key=lambda each: (each.opened_ms, each.event, each.playbook))
            self.by_purpose[purpose] = first
            ended.append((second, Reason.PURPOSE_TAKEN))
        last = sorted(self.by_purpose, key=lambda each: (self.by_purpose[each].opened_ms, each))[MAX_WAITING:]
        ended += [(self.by_purpose.pop(purpose), Reason.CAP_REACHED) for purpose in last]
        return Effect(ended=ended) if ended else None

    def due(self, awaited_until_ms: int, now_ms: int) -> list[str]:
        """The purposes whose triggers are to be looked at, in the order in which they were due."""
        return [
            purpose
            for _, purpose in sorted(
                (each.due_ms, purpose)
                for purpose, each in self.by_purpose.items()
                if free_ms(each, awaited_until_ms) <= now_ms
            )
        ]

    def comes_due(self, awaited_until_ms: int, now_ms: int) -> bool:
        """True if one is due that waits for no time: it was opened late, or what it waited for has come.

        A next try is none: whoever says before when it may not be made reads another clock.
        """
        return any(
            (each.tries == 0 or each.asked is not None) and free_ms(each, awaited_until_ms) <= now_ms
            for each in self.by_purpose.values()
        )

    def next_ms(self, awaited_until_ms: int) -> int | None:
        """When the first is looked at, in milliseconds; None where none waits."""
        return min((free_ms(each, awaited_until_ms) for each in self.by_purpose.values()), default=None)

    def ended(self, reason: Reason) -> list[Ended]:
        """All of them, ended for this reason, in the order of their purposes."""
        return [(each, reason) for _, each in sorted(self.by_purpose.items())]

    def _extend(self, received_ms: int, rules: Rules) -> None:
        """Let what waits wait on for a quiet period, up to the playbook's limit. Law: order-free."""
        for purpose, each in self.by_purpose.items():
            playbook = rules.playbooks.get(each.playbook)
            if playbook is not None and each.tries == 0 and each.asked is None:
                limit_ms = each.opened_ms + max(1000 * playbook.quiet_limit_s, rules.quiet_ms(playbook))
                due_ms = min(received_ms + rules.quiet_ms(playbook), limit_ms)
                if due_ms > each.due_ms:
                    self.by_purpose[purpose] = replace(each, due_ms=due_ms)

    def _open(
        self, event: CleanEvent, meaning: Meaning | None, rules: Rules, now_ms: int
    ) -> tuple[Became, list[Ended]]:
        ended: list[Ended] = []
        entered = opened(event, meaning, rules)
        for each in entered:
            if min(event["time_ms"], event["received_ms"]) < now_ms - TOO_OLD_MS:
                ended.append((each, Reason.TOO_OLD))
            elif each.purpose in self.by_purpose:
                ended.append((each, Reason.PURPOSE_TAKEN))
            elif len(self.by_purpose) >= MAX_WAITING:
                ended.append((each, Reason.CAP_REACHED))
            else:
                self.by_purpose[each.purpose] = each
        return _became(len(entered), [reason for _, reason in ended]), ended


def ended_at_once(event: CleanEvent, reason: Reason, rules: Rules) -> tuple[Became, list[Ended]]:
    """What becomes of a conversion whose triggers may not wait: each ends for this reason."""
    ended = [(each, reason) for each in opened(event, None, rules)]
    return _became(len(ended), [reason] * len(ended)), ended


def opened(event: CleanEvent, meaning: Meaning | None, rules: Rules) -> list[Trigger]:
    """The triggers a conversion opens, one for each playbook it enters; none by the word of who may not say one."""
    if not hears(Claim.CONVERSION, event):
        return []
    return [_trigger(event, meaning, playbook, rules) for playbook in rules.openers.get(event["name"], ())]


def _became(entered: int, reasons: Sequence[Reason]) -> Became:
    if len(reasons) < entered:
        return Became.OPENED
    if Reason.PURPOSE_TAKEN in reasons:
        return Became.JOINED
    return Became.ENDED if reasons else Became.NO_PLAYBOOK


def _trigger(event: CleanEvent, meaning: Meaning | None, playbook: Playbook, rules: Rules) -> Trigger:
    return Trigger(
        purpose=playbook.purpose,
        playbook=playbook.name,
        event=event["id"],
        name=event["name"][:MAX_NAME],
        item=meaning.item if meaning else None,
        title=title_of(event),
        time_ms=event["time_ms"],
        opened_ms=event["received_ms"],
        due_ms=event["received_ms"] + rules.quiet_ms(playbook),
        tries=0,
        speaker=said_by(event).value,
        trace=_trace_of(event),
    )


def _trace_of(event: CleanEvent) -> str | None:
    """What came with the event, where it is one."""
    said = event.get("trace")
    return said if is_traceparent(said) else None
