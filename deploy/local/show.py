"""What the demo prints: the table, the emails with their reasons, the non-emails with their reason codes."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deploy.local.anew import MODEL_RUNG
from deploy.local.watch import Conversion

CITED = 4
PIPED_COLUMNS = 160  # where nobody looks at a terminal: a table row in one line
HEADS = ("lead", "conversion", "stage", "rungs", "ends as", "time")


def console_of(stream: TextIO) -> Console:
    """As wide as the terminal; what goes to a pipe or a file is as wide as `COLUMNS` says, else wide enough."""
    is_free = not stream.isatty() and "COLUMNS" not in os.environ
    return Console(file=stream, width=PIPED_COLUMNS if is_free else None)


@contextmanager
def watching(console: Console, conversions: Callable[[], Iterable[Conversion]]) -> Iterator[Callable[[], None]]:
    """What draws the table anew while all is at work, on a terminal alone: elsewhere it would be printed again."""
    if not console.is_terminal:
        yield _nothing
        return
    with Live(table_of(conversions()), console=console, refresh_per_second=4, transient=True) as live:
        yield lambda: live.update(table_of(conversions()))


def print_all(console: Console, conversions: Sequence[Conversion]) -> None:
    """The table, each email, and who got none or waits, each once."""
    console.print(table_of(conversions))
    for each in conversions:
        if each.email is not None and each.decision is not None:
            print_email(console, each)
    without = [each for each in conversions if each.end != "email"]
    for title, waits in (("No email, and why:", False), ("Waiting, and why:", True)):
        listed = [each for each in without if each.is_waiting == waits]
        if listed:
            console.print(title)
        for each in listed:
            print_without(console, each)


def table_of(conversions: Iterable[Conversion]) -> Table:
    """Lead, stage, rung, time: one row per conversion."""
    table = Table(title="Kindling at work")
    for head in HEADS:
        table.add_column(head, overflow="fold")
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
    text = Text(head + "\n" + email.text.strip(), overflow="fold")
    console.print(Panel(text, title=f"{each.lead.name}: {each.lead.about}"))
    for line in _reasons(each):
        console.print(line, soft_wrap=True)
    console.print()
    if each.is_off_topic:
        title = "no course" if decision.course is None else decision.course.title
        console.print(f"  off topic: expected a course about {each.lead.topic}, came {title}", highlight=False)


def print_without(console: Console, each: Conversion) -> None:
    """One conversion that led to no email, or not yet, and why."""
    expected = "" if not each.is_surprise else f" (expected {each.expected})"
    line = f"  {each.lead.name:<10} {each.end or 'nothing'}{expected}: {each.lead.about}"
    console.print(line, highlight=False, soft_wrap=True)


def summary(conversions: Iterable[Conversion]) -> str:
    """The demo's last line."""
    every = list(conversions)
    emails = sum(each.end == "email" for each in every)
    return f"{emails} emails, {len(every) - emails} non-emails, {sum(each.is_surprise for each in every)} surprises"


def _nothing() -> None:
    """Nobody looks."""


def _rungs(decision: Any) -> str:
    """The rung of each stage; a model by its name."""
    if decision is None:
        return ""
    models = {stage: each.model for each in decision.asked if each.model for stage in each.stage.split("+")}
    named = {stage: models.get(stage, rung) if rung == MODEL_RUNG else rung for stage, rung in decision.rungs.items()}
    return " ".join(f"{stage}:{rung}" for stage, rung in named.items())


def _reasons(each: Conversion) -> list[Text]:
    decision = each.decision
    lines = [Text(f"  why      job: {decision.job.text}" if decision.job else "  why")]
    if decision.imagined is not None:
        lines.append(Text(f"           imagined: {decision.imagined.title}"))
    if decision.pick is not None:
        lines.append(Text(f"           picked {decision.pick.course_id}: {decision.pick.reason}"))
    signals = sorted(decision.snapshot.signals, key=lambda signal: -signal.weight)[:CITED]
    lines += [Text(f"           signal {one.id} {one.weight:.2f} {one.kind}: {one.title}") for one in signals]
    tokens = sum(one.prompt_tokens + one.completion_tokens for one in decision.asked)
    lines.append(Text(f"           rungs {_rungs(decision)}; {tokens} tokens; decision {decision.decision_id}"))
    return lines
