"""The command beside the service: import what learners took and completed before Kindling was there."""

import asyncio
import sys
from functools import partial
from pathlib import Path

from schemas.topics import CONVERSIONS_RAW
from services.ingest.adapters.history_file import Imported, import_history
from services.ingest.adapters.kafka_log import KafkaLog
from services.ingest.core.history import conversion_of, names_of
from services.runtime.clock import now_ms
from services.runtime.errors import Status
from services.runtime.kafka_access import kafka_of
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.program import read_program
from services.runtime.settings import ProgramSettings, load

IMPORT_ACK_S = 60.0  # for 500 rows: then the operator is told to run it again
SOME_ROWS_BAD = 65  # sysexits.h: the input was wrong in some way; 1 is how Python itself ends after an error of ours
HISTORY_COLUMNS = (
    "CSV with a header, or JSON Lines: user_id, email, course_id, occurred_at, kind (enrolled or completed), topic"
)
HISTORY_ENDS = (
    "Exit status: 0 every row is good; 65 some rows are bad, they are named and the others taken; 75 Kafka is away: "
    "run it again; 78 a setting, the program or the file is wrong."
)


def history_imported(path: Path, *, is_dry_run: bool) -> int:
    """The exit status of an import: 65 where rows are bad, 75 where it is to be run again, 78 for the operator."""
    try:
        done = asyncio.run(_history(path, load(ProgramSettings), is_dry_run=is_dry_run))
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return Status.MISCONFIGURED
    except Unavailable as error:
        sys.stderr.write(f"{error}; run it again: it goes on where it was\n")
        return Status.FENCED
    said = "are good" if is_dry_run else "published"
    earlier = f", {done.before} were done by an earlier run" if done.before else ""
    _say(f"{done.rows} rows {said}, {len(done.bad)} are bad{earlier}")
    return SOME_ROWS_BAD if done.bad else 0


async def _history(path: Path, settings: ProgramSettings, *, is_dry_run: bool) -> Imported:
    """Import a file of past enrolments and completions; a dry run only checks it.

    Raises:
        Misconfigured: file, program or topic is not as it should be.
        Unavailable: Kafka is away.
    """
    try:
        names = names_of(read_program(settings.program).signals)
    except ValueError as error:
        raise Misconfigured(f"{settings.program}/signals.yaml: {error}") from error
    read = partial(conversion_of, names=names, now_ms=now_ms())
    if is_dry_run:
        return await import_history(path, read, None, _say)
    kept = KafkaLog(kafka_of(settings), "ingest-history", ack_s=IMPORT_ACK_S)
    await kept.start()
    try:
        await kept.partition_count(CONVERSIONS_RAW)
        return await import_history(path, read, kept.append, _say)
    finally:
        await kept.stop()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
