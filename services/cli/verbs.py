"""How a verb stands in the tree, how it ends, and how it speaks: colours on a terminal, plain lines into a pipe."""

import json
import logging
import sys
from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any, ParamSpec

import typer

P = ParamSpec("P")
ENDS = {0: "done", 75: "what it needs is away: run it again", 78: "a setting, a file or a word is wrong"}
"""What an exit status means unless a verb says otherwise; 2 is a usage error everywhere."""


def group(name: str, what: str) -> typer.Typer:
    """A tree for verbs that have a word in common."""
    return typer.Typer(name=name, help=what, no_args_is_help=True)


def verb(tree: typer.Typer, name: str, example: str, ends: dict[int, str]) -> Callable[[Callable[P, int]], Any]:
    """Puts a function that gives its exit status into the tree; its help ends with the statuses and an example."""
    means = "; ".join(f"{status} {meaning}" for status, meaning in sorted((ENDS | ends).items()))

    def put(act: Callable[P, int]) -> Callable[P, int]:
        @wraps(act)
        def ended(*words: P.args, **named: P.kwargs) -> None:
            raise typer.Exit(status_of(partial(act, *words, **named)))

        tree.command(name, epilog=f"Exit status: {means}.\n\nExample: {example}", no_args_is_help=False)(ended)
        return act

    return put


def status_of(act: Callable[[], int]) -> int:
    """The act's own status, or that of the error which ended it: one sentence on standard error tells of that."""
    from services.runtime.errors import Status
    from services.runtime.outcome import Misconfigured, Unavailable

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it tells of every try; ours is one sentence
    try:
        return act()
    except Misconfigured as error:
        complain(str(error))
        return Status.MISCONFIGURED
    except Unavailable as error:
        complain(str(error))
        return Status.FENCED


def complain(sentence: str) -> None:
    """One sentence on standard error, red on a terminal."""
    say(f"kindling: {sentence}", "red", beside=True)


def say(line: str, style: str = "", *, beside: bool = False) -> None:
    """One line on standard output, or beside it on standard error; coloured on a terminal, unless NO_COLOR is set."""
    if not style or not (sys.stderr if beside else sys.stdout).isatty():
        typer.echo(line, err=beside)
        return
    from rich.console import Console
    from rich.text import Text

    Console(stderr=beside, highlight=False, soft_wrap=True).print(Text(line, style))


def say_json(value: Any) -> None:
    """One line of JSON on standard output."""
    say(json.dumps(value, ensure_ascii=False))


def say_table(columns: Sequence[str], rows: Sequence[Sequence[str]], colours: Sequence[str] = ()) -> None:
    """A table on a terminal; in a pipe the rows alone, a tab between cells. `colours`: one for each row."""
    if not sys.stdout.isatty():
        for row in rows:
            say("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for each in columns:
        table.add_column(each, overflow="fold")
    for number, row in enumerate(rows):
        style = colours[number] if colours else ""
        table.add_row(*(Text(cell, style=style) for cell in row))
    Console(highlight=False).print(table)
