"""`kindling person show` and `kindling suppressions …`: what is stored of one person, and what cannot be read."""

import asyncio
from typing import Annotated

import typer

from services.cli.verbs import group, say, say_json, say_table, verb

person = group("person", "What is stored of one person.")
suppressions = group("suppressions", "Suppressions that this version cannot read, and the end of such a doubt.")


@verb(person, "show", "kindling person show u:10432", {1: "nothing is stored of them"})
def show(
    named: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="u:<user id>, a:<browser id>, e:<address key>, an address, or a mailbox: m:<address key>",
        ),
    ],
    is_json: Annotated[bool, typer.Option("--json", help="as it is stored, for programs")] = False,
) -> int:
    """Print what is stored of a person. Needs Kafka, KINDLING_SECRET and KINDLING_PROGRAM."""
    from services.profile.commands import shown

    return shown(named, is_raw=is_json)


@verb(suppressions, "list", "kindling suppressions list", {})
def listed(is_json: Annotated[bool, typer.Option("--json", help="one JSON object a record")] = False) -> int:
    """List the records that this version cannot read: each refuses every mail of its address. Needs Kafka."""
    from services.runtime.commands import standing
    from services.runtime.suppressions import shown

    found = asyncio.run(standing())
    if is_json:
        for each in found:
            place = {"partition": each.partition, "offset": each.offset, "key": shown(each.key)}
            say_json({**place, "names_an_address": each.address_key is not None, "reason": each.reason})
        return 0
    rows = [(f"{each.partition}/{each.offset}", shown(each.key), each.reason) for each in found]
    if rows:
        say_table(("at", "key", "reason"), rows)
    say(f"suppressions: {len(found)} cannot be read")
    return 0


@verb(suppressions, "tombstone", "kindling suppressions tombstone --at 2/1042", {})
def tombstone(
    key: Annotated[str | None, typer.Option(help="as `list` shows it")] = None,
    at: Annotated[str | None, typer.Option(metavar="PARTITION/OFFSET", help="where `list` shows it")] = None,
) -> int:
    """Forget one of them, and all that its key refused. Needs Kafka."""
    from services.runtime.commands import forgotten
    from services.runtime.outcome import Misconfigured
    from services.runtime.suppressions import shown

    if (key is None) == (at is None):
        raise Misconfigured("expected either --key or --at, as `kindling suppressions list` shows them")
    doubt = asyncio.run(forgotten(key, at))
    say(f"suppressions: forgot {shown(doubt.key)} of partition {doubt.partition}, and what it refused")
    return 0
