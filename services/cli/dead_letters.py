"""`kindling dlq list|show|redrive`: what a stage could not take, and sending it back once it can."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.verbs import group, say, say_json, say_table, verb
from services.cli.words import Place, instant, place

if TYPE_CHECKING:
    from services.runtime.dead_letters import Report, Told
    from services.runtime.letters import Selection

tree = group("dlq", "Dead letters: what a stage could not take, and sending it back once it can.")
SOME_STAY = 1
Stages = Annotated[list[str] | None, typer.Option("--stage", help="ingest, profile, …; several by repeating it")]
Reason = Annotated[str | None, typer.Option("--reason", help="as `list` shows it")]
Since = Annotated[datetime | None, typer.Option(parser=instant, metavar="TIME", help="written then or later")]
Until = Annotated[datetime | None, typer.Option(parser=instant, metavar="TIME", help="written before")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a letter, and one for the sum")]


@verb(tree, "list", "kindling dlq list --stage composer --since 2026-11-03", {})
def listed(
    stages: Stages = None,
    reason: Reason = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="the newest so many")] = 100,
    is_json: AsJson = False,
) -> int:
    """List dead letters, newest first, with counts by stage and reason. Needs Kafka."""
    from services.runtime import dead_letters

    found = asyncio.run(dead_letters.listed(_kafka(), _meant(stages, reason, since, until), limit))
    if is_json:
        for each in found.newest:
            say_json(_row(each))
        counts = [{"stage": stage, "reason": why, "letters": count} for (stage, why), count in found.by_reason.items()]
        say_json({"sum": counts})
        return 0
    _say_letters(found.newest)
    for (stage, why), count in sorted(found.by_reason.items()):
        say(f"dlq: {count} of {stage}: {why}")
    say(f"dlq: {sum(found.by_reason.values())} dead letters, {len(found.newest)} shown")
    return 0


@verb(tree, "show", "kindling dlq show composer 2/1042", {})
def show(
    stage: Annotated[str, typer.Argument(metavar="STAGE")],
    at: Annotated[Place, typer.Argument(metavar="PARTITION/OFFSET", parser=place, help="as `list` shows it")],
    is_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> int:
    """Show one dead letter whole: where it was, why it is here, its headers and bytes. Needs Kafka."""
    from services.runtime import dead_letters
    from services.runtime.letters import WHY, as_text, reading

    told = asyncio.run(dead_letters.shown(_kafka(), stage, at.partition, at.offset))
    letter, bar = told.letter, told.bar
    headers = [[name, as_text(value)] for name, value in letter.headers]
    more = {"detail": letter.detail, "headers": headers, "reads": reading(letter), "value": as_text(letter.value)}
    whole = _row(told) | {"key": None if letter.key is None else as_text(letter.key)} | more
    if is_json:
        say_json(whole)
        return 0
    for name, value in whole.items():
        if name not in {"headers", "value", "bar"}:
            say(f"{name:<10}{'-' if value is None else value}")
    say(f"{'redrive':<10}{'would send it back' if bar is None else WHY[bar]}")
    for name, text in headers:
        say(f"{'header':<10}{name}: {text}")
    say(as_text(letter.value))
    return 0


@verb(
    tree, "redrive", "kindling dlq redrive --stage composer --reason schema --dry-run",
    {0: "all that were meant went back, or would", 1: "some stay: each says why"},
)  # fmt: skip
def redrive(
    stages: Stages = None,
    reason: Reason = None,
    since: Since = None,
    until: Until = None,
    at: Annotated[
        Place | None, typer.Option(metavar="PARTITION/OFFSET", parser=place, help="one letter of one --stage")
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help="every dead letter of every stage")] = False,
    is_dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would go back")] = False,
    is_json: AsJson = False,
) -> int:
    """Send dead letters back to where their records came from, each once; after three times one is parked.

    Needs Kafka. A run that was broken off is run again: what it sent is marked, and stays.
    """
    from services.runtime import dead_letters
    from services.runtime.outcome import Misconfigured

    if is_all == any(each is not None for each in (stages, reason, since, until, at)):
        raise Misconfigured("expected which dead letters: --stage, --reason, --since, --until or --at; or --all alone")
    report = asyncio.run(dead_letters.redrive(_kafka(), _meant(stages, reason, since, until, at), is_dry=is_dry_run))
    _say_report(report, is_dry_run=is_dry_run, is_json=is_json)
    return SOME_STAY if report.barred.total() else 0


def _say_report(report: "Report", *, is_dry_run: bool, is_json: bool) -> None:
    from services.runtime.letters import WHY

    if is_json:
        for each in report.told:
            say_json(_row(each))
        say_json({"sum": {"sent": report.sent, "barred": dict(report.barred), "is_dry_run": is_dry_run}})
        return
    _say_letters(report.told)
    for bar, count in sorted(report.barred.items()):
        say(f"dlq: {count} stay ({bar}): {WHY[bar]}")
    say(f"dlq: {report.sent} {'would be sent' if is_dry_run else 'sent'} back, {report.barred.total()} stay")


def _say_letters(found: "Iterable[Told]") -> None:
    rows = [_row(each) for each in found]
    if rows:
        columns = ("stage", "at", "written", "reason", "from", "attempt", "bar")
        say_table(columns, [[_cell(row[name]) for name in columns] for row in rows])


def _row(told: "Told") -> dict[str, Any]:
    letter, origin = told.letter, told.letter.origin
    return {
        "stage": letter.stage,
        "at": f"{letter.partition}/{letter.offset}",
        "written": letter.at.isoformat(timespec="seconds"),
        "reason": letter.reason,
        "from": None if origin is None else f"{origin.topic} {origin.partition}/{origin.offset}",
        "attempt": letter.attempt,
        "bar": None if told.bar is None else str(told.bar),
    }


def _cell(value: object) -> str:
    return "-" if value is None else str(value)


def _meant(
    stages: list[str] | None,
    reason: str | None,
    since: datetime | None,
    until: datetime | None,
    at: Place | None = None,
) -> "Selection":
    from schemas.topics import STAGES
    from services.runtime.letters import Selection

    where = None if at is None else (at.partition, at.offset)
    return Selection(tuple(stages) if stages else STAGES, reason=reason, since=since, until=until, at=where)


def _kafka() -> Any:
    from services.runtime.kafka_access import kafka_of
    from services.runtime.settings import KafkaSettings, load

    return kafka_of(load(KafkaSettings))
