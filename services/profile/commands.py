"""The commands beside the service: import what the business publishes, show one person, or when all of them read."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from schemas.changelog_keys import home_key, is_person
from schemas.errors import DecodeError
from schemas.identity import derived_key, person_named
from schemas.mailbox import PREFIX
from schemas.program import Program
from schemas.topics import CATALOG_CONTENT, PROFILE_CHANGELOG
from services.profile.adapters.content_import import Imported, KnownContent, Topic, import_content
from services.profile.core import mailbox
from services.profile.core.person import decode, readable
from services.profile.core.rules import compiled
from services.profile.core.usual_hours import UsualHours
from services.profile.settings import ProfileSettings
from services.runtime.clock import now_ms
from services.runtime.errors import Status
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_last import every_value, last_value
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.program import read_program
from services.runtime.settings import KafkaSettings, ProgramIfAny, load
from services.runtime.time_zones import time_zones
from services.runtime.yaml_text import yaml_of

IMPORT = "import-content"
HOURS = "hours"
SOME_ROWS_BAD = 65  # sysexits.h: the input was wrong in some way; 1 is how Python itself ends after an error of ours
INTERRUPTED = 130  # as a shell names the end by Ctrl-C
NOBODY = 1  # the status where nothing is stored of the person asked for
WHO = "u:<user id>, a:<browser id>, e:<address key>, or an address"
COLUMNS = (
    "content.yaml, a .csv with a header, or .jsonl: id, title, url (a path, a final * for the rest), topics, language"
)
ENDS = (
    "Exit status: 0 every row is good; 65 some rows are bad, they are named and the others taken; 75 Kafka is away: "
    "import again; 78 a setting, the program or a file is wrong; 130 interrupted."
)


def add_import(importing: argparse.ArgumentParser) -> None:
    """The words of the import."""
    importing.epilog = ENDS
    importing.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help=COLUMNS,
    )  # fmt: skip
    importing.add_argument("--dry-run", action="store_true", help="only check the files")
    importing.add_argument("--replace", action="store_true", help="withdraw every piece of the topic that no file has")


def imported(files: Sequence[Path], *, is_dry_run: bool, replaces: bool) -> int:
    """The exit status of an import."""
    try:
        done = asyncio.run(_import(files, is_dry_run=is_dry_run, replaces=replaces))
    except Misconfigured as error:
        _say_beside(str(error))
        return Status.MISCONFIGURED
    except Unavailable as error:
        _say_beside(f"{error}; import again: it goes on where it was")
        return Status.FENCED
    except KeyboardInterrupt:
        _say_beside("interrupted; import again: it goes on where it was")
        return INTERRUPTED
    what = "are good" if is_dry_run else "published"
    withdrawn = f", {done.withdrawn} withdrawn" if replaces else ""
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


def shown(named: str, *, is_raw: bool) -> int:
    """The exit status of a look at one person: 1 where nothing is stored, 75 without Kafka, 78 for the operator."""
    try:
        return asyncio.run(_show(load(ProfileSettings), named, is_raw=is_raw))
    except Misconfigured as error:
        _say_beside(str(error))
        return Status.MISCONFIGURED
    except Unavailable as error:
        _say_beside(str(error))
        return Status.FENCED


async def _show(settings: ProfileSettings, named: str, *, is_raw: bool) -> int:
    if named.startswith(PREFIX):
        return await _show_home(settings, named, is_raw=is_raw)
    key = person_named(named, derived_key(settings.secret.get_secret_value().encode(), "address"))
    found = None if key is None else await _found(settings, key)
    if found is None:
        sys.stderr.write(
            f"expected a person with a stored value, as u:<user id>, a:<browser id>, "
            f"e:<address key> or an address; came {named}: nothing is stored\n"
        )
        return NOBODY
    key, raw = found
    if is_raw:
        sys.stdout.write(raw.decode() + "\n")
    else:
        shown = readable(decode(raw), key, compiled(read_program(settings.program)), now_ms())
        sys.stdout.write(yaml_of(shown))
    return 0


async def _show_home(settings: ProfileSettings, key: str, *, is_raw: bool) -> int:
    raw = await last_value(kafka_of(settings), PROFILE_CHANGELOG, home_key(key), _say_beside, key.encode())
    if raw is None:
        sys.stderr.write(f"expected a mailbox of which something is known, as m:<address key>; came {key}\n")
        return NOBODY
    sys.stdout.write(raw.decode() + "\n" if is_raw else yaml_of(mailbox.shown(mailbox.decode(raw), key)))
    return 0


async def _found(settings: ProfileSettings, key: str) -> tuple[str, bytes] | None:
    """Whom the key leads to by its links, and their value: what stays of who was linked away says only where to."""
    found, seen, following = None, set[str](), key
    while following not in seen:
        raw = await last_value(kafka_of(settings), PROFILE_CHANGELOG, following.encode(), _say_beside)
        if raw is None:
            break
        found = following, raw
        seen.add(following)
        if (known := decode(raw).identity.forward) is not None:
            _say_beside(f"{following} was linked to {known}")
            following = known
    return found


def hours_shown() -> int:
    """The exit status of a look at when all persons read: 1 where nobody's hours are known, 75 without Kafka, 78."""
    try:
        usual = asyncio.run(_usual_hours(load(ProfileSettings)))
    except Misconfigured as error:
        _say_beside(str(error))
        return Status.MISCONFIGURED
    except Unavailable as error:
        _say_beside(str(error))
        return Status.FENCED
    _say_beside(f"of {usual.persons} persons whose hours and time zone are known")
    if not usual.persons:
        return NOBODY
    _say(f"usual_hours: [{', '.join(f'{each:g}' for each in usual.shares())}]")
    return 0


async def _usual_hours(settings: ProfileSettings) -> UsualHours:
    rules = replace(compiled(read_program(settings.program)), zones=time_zones())
    usual = UsualHours(rules, now_ms())

    def take(key: bytes | None, value: bytes | None) -> None:
        if key is not None and is_person(key):
            usual.take(key, None if value is None else decode(value))

    await every_value(kafka_of(settings), PROFILE_CHANGELOG, take, _say_beside)
    return usual


def rule_fault(program: Program) -> str | None:
    """Why the service cannot compile what the program says; None where it can."""
    try:
        compiled(program)
    except ValueError as error:
        return str(error)
    return None


def _say_beside(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
