"""`kindling decision explain|replay|send-time`, `kindling replay`, `kindling reconcile`: decisions, and loose ends.

The words are the console's: what stands here is handed to it as it was typed, so that one parser says what it means.
"""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.verbs import group, verb

decisions = group("decision", "One decision explained, past ones made again, or mails of a better hour measured.")
File = Annotated[Path | None, typer.Option("--file", help="read cases from this file, as `explain --json` prints them")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line")]
Price = Annotated[list[str] | None, typer.Option("--price", metavar="MODEL=IN/OUT", help="per million tokens")]
NOT_THE_SAME = "a mail is not the same, a line is no case, or there is no such decision"


def add(tree: typer.Typer) -> None:
    """The verbs; `replay` stands twice."""
    tree.add_typer(decisions)
    for place in decisions, tree:
        verb(place, "replay", "kindling decision replay --since 2026-11-03 --limit 20", {1: NOT_THE_SAME})(replay)
    ends = {0: "everything has an end", 1: "something has none"}
    verb(tree, "reconcile", "kindling reconcile --older-than 2h --json", ends)(reconcile)


@verb(decisions, "explain", "kindling decision explain 5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f", {1: "there is none"})
def explain(
    context: typer.Context,
    decision_id: Annotated[
        str, typer.Argument(metavar="WHAT", help="a decision's id, a person as u:42, or an address")
    ],
    is_all: Annotated[bool, typer.Option("--all", help="of a person: every decision, a line each")] = False,
    is_with_mail: Annotated[
        bool, typer.Option("--with-mail", help="with --json: the outbound record too, and its address")
    ] = False,
    file: File = None,
    is_json: AsJson = False,
    price: Price = None,
) -> int:
    """Tell all that led to one decision, or to the newest of a person.

    Needs Kafka, or a file of cases; and KINDLING_SECRET where an address is given.
    """
    return _asked("decision", "explain", *typed(context))


def replay(
    context: typer.Context,
    decision_id: Annotated[str | None, typer.Argument(metavar="DECISION", help="without one: a range")] = None,
    since: Annotated[str | None, typer.Option(help="of a range: ended at or after, as 2026-11-03")] = None,
    until: Annotated[str | None, typer.Option(help="of a range: ended before")] = None,
    limit: Annotated[int | None, typer.Option(help="of a range: the newest so many; 50")] = None,
    is_anew: Annotated[bool, typer.Option("--anew", help="ask the model again, with nothing else changed")] = False,
    prompt: Annotated[Path | None, typer.Option(help="ask anew with this prompt file: pick.vN.md …")] = None,
    model: Annotated[str | None, typer.Option(help="ask this model anew, at OPENAI_BASE_URL")] = None,
    catalogue: Annotated[Path | None, typer.Option(help="decide anew over the courses of this file")] = None,
    file: File = None,
    is_json: AsJson = False,
    price: Price = None,
) -> int:
    """Make the same mail from the record, byte for byte and without a model; or decide anew, and compare.

    Needs Kafka or a file of cases, KINDLING_PROGRAM and KINDLING_SECRET. It publishes nothing.
    """
    return _asked("decision", "replay", *typed(context))


@verb(decisions, "send-time", "kindling decision send-time --json", {1: "no trigger was moved, and none was control"})
def send_time(context: typer.Context, is_json: AsJson = False) -> int:
    """Tell what became of mails that were moved to a better hour, beside their control. Needs Kafka."""
    return _asked("decision", "send-time", *typed(context))


def reconcile(
    context: typer.Context,
    older_than: Annotated[str | None, typer.Option(help="of a conversion, as 90s, 30m, 2h, 1d; 2h")] = None,
    mails_older_than: Annotated[str | None, typer.Option(help="of a mail without feedback; 1d")] = None,
    is_all: Annotated[bool, typer.Option("--no-playbook", help="conversions that enter no playbook too")] = False,
    is_json: AsJson = False,
) -> int:
    """List conversions without an end, and mails that nobody spoke of. Needs Kafka and KINDLING_PROGRAM."""
    return _asked("reconcile", *typed(context))


def typed(context: typer.Context) -> list[str]:
    """What stood on the command line of this verb: options first, then what has a place."""
    options: list[str] = []
    places: list[str] = []
    for each in context.command.params:
        value = context.params.get(each.name or "")
        source = context.get_parameter_source(each.name or "")
        if source is None or source.name != "COMMANDLINE":
            continue
        if each.param_type_name == "argument":
            places.append(str(value))
        elif isinstance(value, bool):
            options.append(each.opts[0])
        else:
            options += [f"{each.opts[0]}={one}" for one in (value if isinstance(value, list | tuple) else [value])]
    return [*options, *(["--", *places] if places else [])]


def _asked(*words: str) -> int:
    from services.console.commands import told

    return told(words)
