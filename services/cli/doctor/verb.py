"""The verb `kindling doctor`."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.verbs import say, say_json, say_table, verb

if TYPE_CHECKING:
    from services.cli.doctor.finding import Finding

SOMETHING_FAILS = 1
COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def add(tree: typer.Typer) -> None:
    """The verb."""
    ends = {0: "nothing fails; there may be warnings", 1: "something fails"}
    verb(tree, "doctor", "kindling doctor --json", ends)(doctor)


def doctor(
    asks_model: Annotated[
        bool, typer.Option("--ask-model", help="ask the model a question of a few tokens, which are paid for")
    ] = False,
    is_json: Annotated[bool, typer.Option("--json", help="one JSON object a check, and one for the sum")] = False,
) -> int:
    """Look at settings, program, broker, topics, rights, groups, Qdrant, model, mail server, clock and disks.

    It needs what the services need: run it where they run, with their environment. It writes nothing, sends no mail,
    and gives each check 5 seconds.
    """
    from services.cli.doctor.checks import examine

    found = asyncio.run(examine(asks_model=asks_model))
    _tell(found, is_json=is_json)
    return SOMETHING_FAILS if any(each.verdict == "fail" for each in found) else 0


def _tell(found: "list[Finding]", *, is_json: bool) -> None:
    counts = {name: sum(each.verdict == name for each in found) for name in COLOURS}
    if is_json:
        for each in found:
            say_json({"check": each.check, "verdict": each.verdict, "seen": each.seen, "todo": each.todo or None})
        say_json({"sum": counts})
        return
    rows = [(each.check, each.verdict, each.seen, each.todo) for each in found]
    say_table(("check", "", "seen", "to do"), rows, [COLOURS[each.verdict] for each in found])
    say(f"doctor: {counts['ok']} ok, {counts['warn']} warnings, {counts['fail']} fail")
