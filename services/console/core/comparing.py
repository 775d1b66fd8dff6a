"""A replayed case beside the one that was: whether its mail is the same, byte for byte, or what would have changed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.codec import encode
from schemas.decision import Decision
from schemas.email import OutboundEmail
from schemas.recommendation import Asked
from schemas.replay import Case
from schemas.topics import EMAIL_OUTBOUND
from services.console.core.pricing import Prices, cost, money


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an exact replay came to; `differs` are fields of the mail, or `mail` where only one of both has one."""

    decision_id: str
    is_same: bool
    differs: tuple[str, ...]
    notes: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """The verdict in words."""
        said = "the same, byte for byte" if self.is_same else f"differs in {', '.join(self.differs) or 'the record'}"
        yield f"{self.decision_id}  {said}"
        yield from (f"  {note}" for note in self.notes)


def verdict(then: Case, now: Case) -> Verdict:
    """Whether the replayed mail is the one that was made.

    Without the outbound record the address is a placeholder's: the verdict is then never that it is the same.
    """
    name, notes = then.decision.decision_id, now.notes
    if now.skipped is not None:
        return Verdict(name, is_same=False, differs=(), notes=(*notes, now.skipped))
    if then.mail is None and then.decision.ending == "sent":
        return Verdict(name, is_same=False, differs=("address",), notes=notes)
    differs = (*_mails_differ(then.mail, now.mail), *_records_differ(then.decision, now.decision))
    return Verdict(name, is_same=not differs and not notes, differs=differs, notes=notes)


def _mails_differ(then: OutboundEmail | None, now: OutboundEmail | None) -> tuple[str, ...]:
    if then is None or now is None:
        return () if then is now else ("mail",)
    if encode(EMAIL_OUTBOUND, then) == encode(EMAIL_OUTBOUND, now):
        return ()
    return tuple(name for name in OutboundEmail.model_fields if getattr(then, name) != getattr(now, name))


def _records_differ(then: Decision, now: Decision) -> tuple[str, ...]:
    names = ("ending", "reason", "job", "imagined", "pick", "also", "rungs", "refusals")
    return tuple(f"decision.{name}" for name in names if getattr(then, name) != getattr(now, name))


@dataclass(frozen=True, slots=True)
class Figures:
    """What one decision came to, in what two of them can be compared by."""

    course: str | None
    job: str | None
    ending: str
    rungs: dict[str, str]
    refusals: dict[str, int]
    tokens_in: int
    tokens_out: int
    cost: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """One decision as it was, and as it would be."""

    decision_id: str
    then: Figures
    now: Figures
    notes: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """What changed, in words."""
        is_same = self.then.course == self.now.course
        yield f"{self.decision_id}  {'same course' if is_same else 'another course'}"
        yield f"  course  {_arrow(self.then.course, self.now.course)}"
        if self.then.job != self.now.job:
            yield f"  job     {self.then.job}"
            yield f"       -> {self.now.job}"
        yield f"  rungs   {_arrow(_pairs(self.then.rungs), _pairs(self.now.rungs))}"
        yield f"  gate    {_arrow(_gate(self.then), _gate(self.now))}"
        yield f"  tokens  {_arrow(_tokens(self.then), _tokens(self.now))}"
        yield f"  cost    {_arrow(money(self.then.cost), money(self.now.cost))}"
        yield from (f"  {note}" for note in self.notes)


def change(then: Case, now: Case, prices: Prices) -> Change:
    """What a case decided anew would have been."""
    notes = now.notes if now.skipped is None else (*now.notes, now.skipped)
    return Change(then.decision.decision_id, figures(then.decision, prices), figures(now.decision, prices), notes)


def figures(decision: Decision, prices: Prices) -> Figures:
    """The figures of one decision."""
    return Figures(
        course=None if decision.course is None else decision.course.id,
        job=None if decision.job is None else decision.job.text,
        ending=f"{decision.ending} ({decision.reason})",
        rungs=dict(sorted(decision.rungs.items())),
        refusals=dict(sorted(Counter(each.rule for each in decision.refusals).items())),
        tokens_in=_sum(decision.asked, "prompt_tokens"),
        tokens_out=_sum(decision.asked, "completion_tokens"),
        cost=cost(decision.asked, prices),
    )


def summary(changes: Sequence[Change]) -> dict[str, int | float | None]:
    """The figures of all together, `_then` and `_now`."""
    then, now = [each.then for each in changes], [each.now for each in changes]
    told: dict[str, int | float | None] = {
        "decisions": len(changes),
        "same_course": sum(each.then.course == each.now.course for each in changes),
    }
    for name, part in (("then", then), ("now", now)):
        costs = [each.cost for each in part]
        told |= {
            f"sent_{name}": sum(each.ending.startswith("sent") for each in part),
            f"copy_by_llm_{name}": sum(each.rungs.get("copy") == "llm" for each in part),
            f"refusals_{name}": sum(sum(each.refusals.values()) for each in part),
            f"tokens_{name}": sum(each.tokens_in + each.tokens_out for each in part),
            f"cost_{name}": None if None in costs else sum(each or 0.0 for each in costs),
        }
    return told


def _arrow(then: object, now: object) -> str:
    return f"{then}" if then == now else f"{then} -> {now}"


def _pairs(named: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in named.items()) or "none"


def _gate(of: Figures) -> str:
    refused = ", ".join(f"{rule} x{times}" for rule, times in of.refusals.items())
    return f"{of.ending}, refused {refused or 'nothing'}"


def _tokens(of: Figures) -> str:
    return f"{of.tokens_in} in, {of.tokens_out} out"


def _sum(asked: Sequence[Asked], name: str) -> int:
    return sum(getattr(each, name) for each in asked)
