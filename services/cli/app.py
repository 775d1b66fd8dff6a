"""The tree of verbs; each group of them is a module of this package."""

from collections.abc import Sequence
from typing import Annotated

import typer

from services.cli import backups, dead_letters, decisions, imports, people, privacy, switches, topics
from services.cli.check import verb as checks
from services.cli.doctor import verb as doctors

app = typer.Typer(
    name="kindling",
    help="One command for all that Kindling does at a terminal.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run(arguments: Sequence[str]) -> int:
    """The exit status of the verb that the arguments name; 2 where they name none, as it is of every usage error."""
    try:
        app(list(arguments), prog_name="kindling")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    return 0


def _tell_version(is_asked: bool) -> None:  # noqa: FBT001 typer calls it by place
    if is_asked:
        from services.runtime.version import version

        typer.echo(f"kindling {version()}")
        raise typer.Exit


@app.callback()
def _kindling(
    _is_asked: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="say which version this is")
    ] = False,
) -> None:
    """One command for all that Kindling does at a terminal."""


for _each in topics.tree, people.person, people.suppressions, dead_letters.tree, switches.pausing, switches.resuming:
    app.add_typer(_each)
imports.add(app)
backups.add(app)
checks.add(app)
doctors.add(app)
decisions.add(app)
privacy.add(app)
