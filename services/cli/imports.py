"""`kindling import`, `import-history` and `import-content`: what the business has, published to its topic."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.verbs import verb

BAD_ROWS = "some rows are bad: they are named, and the others taken"
INTERRUPTED = "interrupted: import again, it goes on where it was"
DryRun = Annotated[bool, typer.Option("--dry-run", help="only check the file; Kafka is not asked")]


def add(tree: typer.Typer) -> None:
    """The three verbs."""
    verb(tree, "import", "kindling import catalogue.jsonl --dry-run", {65: BAD_ROWS, 130: INTERRUPTED})(catalogue)
    verb(tree, "import-history", "kindling import-history enrolments.csv", {65: BAD_ROWS})(history)
    verb(
        tree, "import-content", "kindling import-content content.yaml --replace", {65: BAD_ROWS, 130: INTERRUPTED}
    )(content)  # fmt: skip


def catalogue(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="one course a line, as JSON; or a .csv with a header")],
    is_dry_run: DryRun = False,
    is_json: Annotated[bool, typer.Option("--json", help="one JSON object a problem, and one for the sum")] = False,
    trusts_language: Annotated[
        bool,
        typer.Option(
            "--trust-language", help="take every course in the language its row says, whatever its text is in"
        ),
    ] = False,
) -> int:
    """Publish a catalogue to catalog.courses. Needs Kafka, and KINDLING_PROGRAM for the checks."""
    from services.recommender.commands import imported

    return imported(file, is_dry_run=is_dry_run, is_json=is_json, trusts_language=trusts_language)


def history(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV with a header, or JSON Lines: user_id, email, course_id, occurred_at, kind (enrolled or "
            "completed), topic",
        ),
    ],
    is_dry_run: DryRun = False,
) -> int:
    """Publish past enrolments and completions to conversions.raw. Needs Kafka and KINDLING_PROGRAM."""
    from services.ingest.commands import history_imported

    return history_imported(file, is_dry_run=is_dry_run)


def content(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="content.yaml, a .csv with a header, or .jsonl: id, title, url (a path, a final * for the rest), "
            "topics, language",
        ),
    ],
    is_dry_run: DryRun = False,
    replaces: Annotated[bool, typer.Option("--replace", help="withdraw every piece that no file has")] = False,
) -> int:
    """Publish guides, webinars and pages to catalog.content. Needs Kafka, and KINDLING_PROGRAM for the topics."""
    from services.profile.commands import imported

    return imported(files, is_dry_run=is_dry_run, replaces=replaces)
