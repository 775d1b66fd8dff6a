"""`kindling backup` and `kindling restore`: what outlives every retention, in files, and back from them."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.verbs import say, say_json, say_table, verb

if TYPE_CHECKING:
    from services.runtime.kafka_backup import Copied, Into
    from services.runtime.kafka_clients import Kafka

AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a topic")]


def add(tree: typer.Typer) -> None:
    """The two verbs."""
    verb(tree, "backup", "kindling backup --to backup/2026-11-28", {0: "every topic is in its file"})(backup)
    verb(tree, "restore", "kindling restore backup/2026-11-28", {0: "every record is on its topic"})(restore)


def backup(
    topics: Annotated[
        list[str] | None, typer.Argument(metavar="TOPIC", help="`email.suppressions`, …; all of them unless told")
    ] = None,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="made where it is not there")] = Path("backup"),
    is_json: AsJson = False,
) -> int:
    """Copy the topics that nobody else has into a file each: profiles, suppressions, catalogue, decisions. Needs Kafka.

    A file holds what is committed as its topic is read, names and addresses too; only its owner may read it.
    """
    from services.runtime.clock import now
    from services.runtime.kafka_backup import chosen

    wanted = chosen(topics or ())
    _make(to)
    return _told(asyncio.run(_backed_up([each.name for each in wanted], to, now())), "copied", is_json=is_json)


def restore(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="as `backup` wrote them, or the folder")],
    is_forced: Annotated[
        bool, typer.Option("--force", help="behind the records that a topic has: of a key the file's value counts then")
    ] = False,
    is_elsewhere: Annotated[
        bool,
        typer.Option(
            "--elsewhere",
            help="into a cluster that is not the backup's own, of any number of partitions: each record goes where its "
            "key belongs, and the profile's checkpoints, which name offsets of the other one, stay out",
        ),
    ] = False,
    is_json: AsJson = False,
) -> int:
    """Write files of `kindling backup` to their topics, before the services start. Needs Kafka, and the topics.

    A topic that has records already is refused, and so is a file that is not whole: nothing of it is written.
    """
    from services.runtime.kafka_backup import Into

    into = Into(is_forced=is_forced, is_elsewhere=is_elsewhere)
    return _told(asyncio.run(_restored(_files(files), into)), "restored", is_json=is_json)


async def _backed_up(names: list[str], to: Path, at: datetime) -> "list[Copied]":
    from services.runtime.kafka_backup import back_up, chosen

    kafka = _kafka()
    return [await back_up(kafka, topic, to, at, _progress) for topic in chosen(names)]


async def _restored(files: list[Path], into: "Into") -> "list[Copied]":
    from services.runtime.kafka_backup import restore as restored

    kafka = _kafka()
    return [await restored(kafka, each, into, _progress) for each in files]


def _files(named: list[Path]) -> list[Path]:
    from services.runtime.backup_file import SUFFIX
    from services.runtime.outcome import Misconfigured

    found = [file for each in named for file in (sorted(each.glob(f"*{SUFFIX}")) if each.is_dir() else [each])]
    if not found:
        raise Misconfigured(f"expected files of `kindling backup` (*{SUFFIX}) in {', '.join(map(str, named))}: none")
    return found


def _make(folder: Path) -> None:
    from services.runtime.outcome import Misconfigured

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"cannot make the folder {folder}: {error.strerror}") from error


def _told(copied: "list[Copied]", what: str, *, is_json: bool) -> int:
    if is_json:
        for each in copied:
            say_json({"topic": each.topic, "records": each.records, "file": str(each.path)})
        return 0
    say_table(("topic", "records", "file"), [(each.topic, str(each.records), str(each.path)) for each in copied])
    say(f"{what}: {sum(each.records for each in copied)} records of {len(copied)} topics")
    return 0


def _progress(line: str) -> None:
    say(line, beside=True)


def _kafka() -> "Kafka":
    from services.runtime.kafka_access import kafka_of
    from services.runtime.settings import KafkaSettings, load

    return kafka_of(load(KafkaSettings))
