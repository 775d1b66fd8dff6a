"""Build a command and run it: `python -m services.ingest collector`, `… consumer`, `… import-history <file>`.

`… openapi` prints the document of the collector.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from time import monotonic

from schemas import topics
from schemas.groups import INGEST
from schemas.identity import derived_key
from schemas.signing import UNSUBSCRIBE_SEAL
from services.ingest.adapters.babel_names import own_name
from services.ingest.adapters.batch_loop import BatchLoop, begin_metrics
from services.ingest.adapters.crawler_list import CrawlerList
from services.ingest.adapters.guarded_log import GuardedLog
from services.ingest.adapters.http_collector import Bounds, collector_app
from services.ingest.adapters.http_server import listen
from services.ingest.adapters.kafka_batches import KafkaBatches, Reading
from services.ingest.adapters.kafka_log import KafkaLog
from services.ingest.adapters.keys_file import FileRing, Usual
from services.ingest.adapters.page_files import read_house
from services.ingest.clients import hooks_of
from services.ingest.commands import HISTORY_COLUMNS, HISTORY_ENDS, history_imported
from services.ingest.core.bots import judge
from services.ingest.core.client import network
from services.ingest.core.keyring import OWN, Keyring, ServerKey, WriteKey, ring_of
from services.ingest.core.openapi import document
from services.ingest.core.policy import Policy
from services.ingest.core.privacy import LIFT, lift_of
from services.ingest.core.rates import Rate
from services.ingest.core.reasons import Refused
from services.ingest.core.source import Keys, keys_of
from services.ingest.core.window import Windows
from services.ingest.pipeline import Desk, handler
from services.ingest.settings import IngestSettings
from services.runtime.clock import now_ms
from services.runtime.errors import Ended, Status
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_entry import entered
from services.runtime.kafka_lag import Lag
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_pulse import Group
from services.runtime.kafka_records import partition_of
from services.runtime.listening import until_free
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.process import Process, run
from services.runtime.retry import Backoff
from services.runtime.settings import load
from services.runtime.siv_seal import SivSeal
from services.runtime.tasks import first_of
from services.runtime.time_zones import time_zones
from services.runtime.waiting import until_started

SERVICE = "ingest"
RAW = INGEST.topics
IMPORT = "import-history"
OPENAPI = "openapi"
HELP = {"-h", "--help"}
ACK_S = 10.0  # trackers give up after 10 to 15 s: before that they are told to come again
KNOWN_PERSONS = 65_536  # whose partition is remembered: murmur2 in Python costs more than the rest of the packing

log = logging.getLogger(__name__)


async def collector(settings: IngestSettings, process: Process) -> None:
    """Answer HTTP until the process is told to stop."""
    keys = _keys(settings)
    ring = _ring(settings, keys, process)
    hooks = hooks_of(settings, process.tasks)
    kafka = kafka_of(settings)
    kept = KafkaLog(kafka, "ingest-collector", ack_s=ACK_S)
    half = settings.ingest_bytes_in_flight // 2
    client_rate = Rate(settings.ingest_client_rate_per_s, settings.ingest_client_burst)
    house = read_house(settings.program, own_name)
    desk = Desk(keys, ring, client_rate, GuardedLog(kept, half, monotonic), house)
    bounds = Bounds(
        body_bytes=half,
        connections=settings.ingest_connections,
        proxies=tuple(map(network, settings.ingest_proxies)),
    )
    ready = partial(process.health.set_ready, "http")  # who is not listening yet is not ready, whatever Kafka says
    ready(False)  # noqa: FBT003 a fact
    if await entered(kafka, SERVICE, process) is None:
        return
    if not await until_started("kafka", kept.start, process):
        return
    try:
        app = collector_app(desk, now_ms, bounds, hooks)
        host, port = settings.ingest_host, settings.ingest_port
        listening = await until_free(partial(listen, app, host, port, process.tasks), process.stop)
        if listening is None:
            return
        stop, port = listening
        log.info("listening", extra={"host": host, "port": port})
        ready(True)  # noqa: FBT003 a fact
        await first_of(process.stop.wait(), kept.is_broken.wait())
        await stop()
    finally:
        await kept.stop()
    if kept.is_broken.is_set():
        raise Ended(Status.FENCED, "Kafka refused a record; a new producer is needed")


async def consumer(settings: IngestSettings, process: Process) -> None:
    """Turn raw records into packs until the process is told to stop."""
    kafka = kafka_of(settings)
    kept = KafkaLog(kafka, "ingest-consumer", ack_s=None, linger_ms=0)
    records = KafkaBatches(kafka, reading_of(settings))
    ready = partial(process.health.set_ready, "batches")  # who takes no records yet is not ready, whatever Kafka says
    ready(False)  # noqa: FBT003 a fact
    count = await entered(kafka, SERVICE, process, Group(INGEST.name, RAW))
    if count is None or not await until_started("kafka", partial(_both, kept, records), process):
        return
    lagging: asyncio.Task[None] | None = None
    try:

        @lru_cache(maxsize=KNOWN_PERSONS)
        def partition(person: str) -> int:
            return partition_of(person.encode(), count)

        handle = handler(_keys(settings), Windows(settings.ingest_window), partition)
        loop = BatchLoop(records, kept, handle, Backoff().wait_s)
        loop.progress = process.watch.progress("batches")
        begin_metrics(RAW)
        lagging = process.tasks.start("lag of ingest", Lag(SERVICE).follow(records.left))
        await loop.run(process.stop, ready)
    finally:
        await process.tasks.stop(lagging)
        await records.stop()
        await kept.stop()


async def _both(kept: KafkaLog, records: KafkaBatches) -> None:
    """Connect the two; both or none.

    Raises:
        Unavailable: no broker answers.
        Misconfigured: it refuses us.
    """
    await kept.start()
    try:
        await records.start()
    except BaseException:
        await kept.stop()
        raise


def reading_of(settings: IngestSettings) -> Reading:
    """What the consumer reads; a gap is accepted by its own setting, or by the one of every service."""
    accepts_gap = settings.ingest_accept_gap or settings.accept_gap
    return Reading(INGEST.name, RAW, settings.ingest_max_records, settings.ingest_linger_ms, accepts_gap=accepts_gap)


def _ring(settings: IngestSettings, keys: Keys, process: Process) -> Callable[[], Keyring]:
    """What gives the keys that hold: those of the settings, and of the file for as long as it is looked at.

    Raises:
        Misconfigured: nobody could write, or the file is not as it should be.
    """
    origins, rate = settings.ingest_origins, Rate(settings.ingest_rate_per_s, settings.ingest_burst)
    writing = (WriteKey(key, origins, rate) for key in dict.fromkeys(settings.ingest_write_keys))
    ring = ring_of(writing, (ServerKey(OWN, keys.server, rate),))
    if settings.ingest_keys is None:
        if not ring.writing:
            raise Misconfigured(
                "no tracker may write: set KINDLING_INGEST_WRITE_KEYS to one key or more, comma separated, "
                "or KINDLING_INGEST_KEYS to a file of keys"
            )
        return lambda: ring
    file = FileRing(settings.ingest_keys, Usual(ring, origins, rate))
    process.tasks.start("keys", file.look_for_ever())
    return file.ring


def _keys(settings: IngestSettings) -> Keys:
    secret = settings.secret.get_secret_value().encode()
    categories = frozenset(each.casefold() for each in settings.ingest_analytics_categories)
    policy = Policy(judge(CrawlerList()), categories, frozenset(time_zones()))
    return keys_of(secret, SivSeal(derived_key(secret, UNSUBSCRIBE_SEAL)), policy)


def imported(arguments: Sequence[str]) -> int:
    """The exit status of an import of past enrolments."""
    parser = argparse.ArgumentParser(prog="python -m services.ingest import-history", epilog=HISTORY_ENDS)
    parser.add_argument("file", type=Path, help=HISTORY_COLUMNS)
    parser.add_argument("--dry-run", action="store_true", help="only check the rows")
    chosen = parser.parse_args(arguments)
    return history_imported(chosen.file, is_dry_run=chosen.dry_run)


def lifted(arguments: Sequence[str]) -> int:
    """The exit status of a lift: 75 where Kafka is away, 78 for the operator."""
    parser = argparse.ArgumentParser(prog="python -m services.ingest lift", description="Lift what an address refused.")
    parser.add_argument("--address", required=True, help="whose refusals are lifted")
    parser.add_argument("--person", help="the person key of the id that has it: u:<user id>")
    parser.add_argument("--by", required=True, help="who lifts them")
    parser.add_argument("--why", required=True, help="on whose word: it is kept with the lift")
    chosen = parser.parse_args(arguments)
    try:
        settings = load(IngestSettings)
        request = lift_of(chosen.address, chosen.person, f"{chosen.by}: {chosen.why}", now_ms(), _keys(settings))
        asyncio.run(_published(settings, request))
    except (Misconfigured, Refused) as error:
        sys.stderr.write(f"{error}\n")
        return Status.MISCONFIGURED
    except Unavailable as error:
        sys.stderr.write(f"{error}; run it again\n")
        return Status.FENCED
    _say("the lift is on its way: what was refused until now counts no more")
    return 0


async def _published(settings: IngestSettings, request: bytes) -> None:
    publisher = Publisher(kafka_of(settings), "ingest-lift")
    await publisher.start()
    try:
        await publisher.send_raw(topics.PRIVACY_REQUESTS, None, request)
    finally:
        await publisher.stop()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


COMMANDS = {"collector": collector, "consumer": consumer}


def main(arguments: list[str]) -> int:
    """The exit status of the command that the arguments name; 78 where they name none."""
    if arguments[:1] in ([IMPORT], [LIFT]):
        return (imported if arguments[0] == IMPORT else lifted)(arguments[1:])
    if arguments == [OPENAPI]:
        sys.stdout.write(document().decode())
        return 0
    if HELP & {*arguments}:
        sys.stdout.write(f"usage: {__doc__}\n{LIFT} and {IMPORT} take --help, too.\n")
        return 0
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        expected = " or ".join(
            f"`python -m services.ingest {name}`" for name in (*COMMANDS, f"{IMPORT} <file>", LIFT, OPENAPI)
        )
        print(f"ingest: expected {expected}; came: {' '.join(arguments) or 'nothing'}", file=sys.stderr)  # noqa: T201
        return Status.MISCONFIGURED
    return run(f"ingest-{arguments[0]}", IngestSettings, COMMANDS[arguments[0]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
