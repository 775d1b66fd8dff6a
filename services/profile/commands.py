"""The command beside the service that needs a program: import what the business publishes."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schemas.errors import DecodeError
from schemas.topics import CATALOG_CONTENT
from services.profile.adapters.content_import import Imported, KnownContent, Topic, import_content
from services.runtime.errors import Status
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.program import read_program
from services.runtime.settings import KafkaSettings, ProgramIfAny, load

IMPORT = "import-content"
SOME_ROWS_BAD = 65  # sysexits.h: the input was wrong in some way; 1 is how Python itself ends after an error of ours
INTERRUPTED = 130  # as a shell names the end by Ctrl-C
ENDS = (
    "Exit status: 0 every row is good; 65 some rows are bad, they are named and the others taken; 75 Kafka is away: "
    "import again; 78 a setting, the program or a file is wrong; 130 interrupted."
)


def add_import(importing: argparse.ArgumentParser) -> None:
    """The words of the import."""
    importing.epilog = ENDS
    importing.add_argument(
        "files", nargs="+", type=Path, metavar="FILE",
        help="content.yaml, a .csv with a header, or .jsonl: id, title, url (a path, * at its end for the rest), "
        "topics, language",
    )  # fmt: skip
    importing.add_argument("--dry-run", action="store_true", help="only check the files")
    importing.add_argument("--replace", action="store_true", help="withdraw every piece of the topic that no file has")


def imported(chosen: argparse.Namespace) -> int:
    """The exit status of an import."""
    try:
        done = asyncio.run(_import(chosen.files, is_dry_run=chosen.dry_run, replaces=chosen.replace))
    except Misconfigured as error:
        _say_beside(str(error))
        return Status.MISCONFIGURED
    except Unavailable as error:
        _say_beside(f"{error}; import again: it goes on where it was")
        return Status.FENCED
    except KeyboardInterrupt:
        _say_beside("interrupted; import again: it goes on where it was")
        return INTERRUPTED
    what = "are good" if chosen.dry_run else "published"
    withdrawn = f", {done.withdrawn} withdrawn" if chosen.replace else ""
    _say(f"{done.published} pieces {what}, {done.unchanged} unchanged{withdrawn}, {done.bad} rows are bad")
    return SOME_ROWS_BAD if done.bad else 0


async def _import(files: Sequence[Path], *, is_dry_run: bool, replaces: bool) -> Imported:
    folder = load(ProgramIfAny).program
    if folder is None:
        _say("warning: KINDLING_PROGRAM is not set: topics were not held against signals.yaml")
    topics = None if folder is None else frozenset(read_program(folder).signals.topics)
    if is_dry_run:
        return await import_content(files, None, _say, topics)
    settings, known = load(KafkaSettings), KnownContent()
    kafka = kafka_of(settings)

    def unreadable(record: Any, _error: DecodeError) -> None:
        known.pieces[(record.key or b"").decode("utf-8", "replace")] = None

    view, publisher = View(kafka, (CATALOG_CONTENT,), known.apply, unreadable), Publisher(kafka, "content-import")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it tells of every try; ours are the two sentences
    _say_beside(f"asking {settings.kafka_bootstrap_servers} what is there; a broker that is away is waited for")

    async def withdraw(ids: Sequence[str]) -> None:
        await asyncio.gather(*(publisher.send_raw(CATALOG_CONTENT, each.encode(), None) for each in ids))

    try:
        await view.read()
        await publisher.start()
        return await import_content(
            files, Topic(known.pieces, publisher.send, withdraw), _say, topics, replaces=replaces
        )
    finally:
        await publisher.stop()
        await view.stop()


def _say_beside(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
