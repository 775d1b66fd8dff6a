"""What the demo prints: the live table, the emails with their reasons, the non-emails with their reason codes."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.local.watch import Conversion

CITED = 4


def live_table(conversions: Iterable[Conversion]) -> Table:
    """Lead, stage, rung, time: one row per conversion."""
    table = Table("lead", "conversion", "stage", "rungs", "ends as", "time", title="Kindling at work")
    for each in conversions:
        end = Text(each.end or "")
        if each.end is not None:
            end.stylize("red" if each.is_over and each.is_surprise else "green")
        name = each.decision.trigger.event_name if each.decision is not None else ""
        table.add_row(each.lead.name, name, each.stage, _rungs(each.decision), end, f"{each.seconds:.1f} s")
    return table


def print_email(console: Console, each: Conversion) -> None:
    """One email as text, and why it was sent."""
    email, decision = each.email, each.decision
    head = f"To: {email.to.address}\nSubject: {email.subject}\nPreheader: {email.preheader}\n"
    console.print(Panel(Text(head + "\n" + email.text.strip()), title=f"{each.lead.name}: {each.lead.about}"))
    console.print(Group(*_reasons(decision)))
    console.print()


def print_without(console: Console, each: Conversion) -> None:
    """One conversion that led to no email, and why."""
    expected = "" if not each.is_surprise else f" (expected {each.expected})"
    console.print(f"  {each.lead.name:<10} {each.end or 'nothing'}{expected}: {each.lead.about}", highlight=False)


def summary(conversions: Iterable[Conversion]) -> str:
    """The demo's last line."""
    every = list(conversions)
    emails = sum(each.end == "email" for each in every)
    return f"{emails} emails, {len(every) - emails} non-emails, {sum(each.is_surprise for each in every)} surprises"


def _rungs(decision: Any) -> str:
    return "" if decision is None else " ".join(f"{stage}:{rung}" for stage, rung in decision.rungs.items())


def _reasons(decision: Any) -> list[Text]:
    lines = [Text(f"  why      job: {decision.job.text}" if decision.job else "  why")]
    if decision.imagined is not None:
        lines.append(Text(f"           imagined: {decision.imagined.title}"))
    if decision.pick is not None:
        lines.append(Text(f"           picked {decision.pick.course_id}: {decision.pick.reason}"))
    signals = sorted(decision.snapshot.signals, key=lambda signal: -signal.weight)[:CITED]
    lines += [Text(f"           signal {each.id} {each.weight:.2f} {each.kind}: {each.title}") for each in signals]
    tokens = sum(each.prompt_tokens + each.completion_tokens for each in decision.asked)
    lines.append(Text(f"           rungs {_rungs(decision)}; {tokens} tokens; decision {decision.decision_id}"))
    return lines
