"""The verb `kindling check`."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.verbs import say, say_json, verb

SOME_WRONG = 65  # sysexits.h: the input was wrong in some way


def add(tree: typer.Typer) -> None:
    """The verb."""
    ends = {0: "all is right", 65: "there are mistakes", 78: "there is no such folder or catalogue"}
    verb(tree, "check", "kindling check examples/academy", ends)(check)


def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="of the program; without it KINDLING_PROGRAM")
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option(help="instead of catalogue.jsonl or catalogue.csv of the folder")
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="one JSON object a mistake, and one for the sum")] = False,
) -> int:
    """Check a whole program folder and its catalogue, and name every mistake in one go. Needs nothing that runs."""
    from services.cli.check.folder import check_folder

    found = check_folder(_folder() if folder is None else folder, catalogue)
    warnings = len(found.mistakes) - found.wrong
    for each in found.mistakes:
        if is_json:
            say_json(each.row)
        else:
            say(each.sentence, "yellow" if each.is_warning else "red")
    if is_json:
        counts = {"mistakes": found.wrong, "warnings": warnings, "files": found.files, "courses": found.courses}
        say_json({"sum": counts})
    else:
        what = of(found.wrong, "mistake") if found.wrong else "all is right"
        read = f"{of(found.files, 'file')}, {of(found.courses, 'good course')}"
        say(f"{what}, {of(warnings, 'warning')}: {read}")
    return SOME_WRONG if found.wrong else 0


def of(number: int, what: str) -> str:
    """So many of it, in words."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _folder() -> Path:
    from services.runtime.outcome import Misconfigured
    from services.runtime.settings import ProgramIfAny, load

    folder = load(ProgramIfAny).program
    if folder is None:
        raise Misconfigured("expected a program folder: name one, or set KINDLING_PROGRAM")
    return folder
