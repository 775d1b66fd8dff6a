"""A compacted topic goes into a file and comes out of it as it was, on the real broker, by the command and without."""

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiokafka.admin import NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from schemas.changelog_keys import home_key
from schemas.topics import PROFILE_CHANGELOG, Topic
from services.runtime.kafka_backup import Into, restore
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_records import partition_of
from services.runtime.kafka_topics import configuration
from services.runtime.outcome import Misconfigured
from tests.conftest import PARTITIONS, ReadAll

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]
CHECKPOINT, PERSONS = b"\0applied", tuple(f"u:{number}".encode() for number in range(20))
HOMES = tuple(f"m:{number:032x}" for number in range(6))
LONG_AGO_MS = 1_700_000_000_000


@dataclass(frozen=True)
class Written:
    """A record as a test writes it, and as a reader sees it."""

    partition: int
    timestamp: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def _values() -> list[Written]:
    """Persons and mailboxes with a checkpoint each partition, a value that is no UTF-8, and one that was erased."""
    rows = [
        Written(partition_of(key, PARTITIONS), LONG_AGO_MS + number, key, b"\xff" + key, (("ce_id", key), ("e", b"")))
        for number, key in enumerate(PERSONS)
    ]
    rows += [Written(partition_of(each.encode(), PARTITIONS), LONG_AGO_MS, home_key(each), b"{}", ()) for each in HOMES]
    rows += [Written(number, LONG_AGO_MS, CHECKPOINT, b'{"offsets":{}}', ()) for number in range(PARTITIONS)]
    return [*rows, Written(partition_of(PERSONS[3], PARTITIONS), LONG_AGO_MS + 99, PERSONS[3], None, ())]


async def _write(kafka: Kafka, topic: Topic, rows: list[Written], *, is_committed: bool = True) -> None:
    producer = kafka.producer(transactional_id="test")
    await producer.start()
    await producer.begin_transaction()
    for row in rows:
        await producer.send_and_wait(
            topic.name, row.value, row.key, row.partition, row.timestamp, headers=[*row.headers]
        )  # fmt: skip
    await (producer.commit_transaction() if is_committed else producer.abort_transaction())
    await producer.stop()


async def _make_anew(kafka: Kafka, count: int) -> None:
    """Delete the changelog and make it with so many partitions."""
    admin = kafka.admin()
    await admin.start()
    await admin.delete_topics([PROFILE_CHANGELOG.name])
    answer = None
    while answer is None or answer.topic_errors[0][1] == TopicAlreadyExistsError.errno:
        new = NewTopic(PROFILE_CHANGELOG.name, count, 1, topic_configs=configuration(PROFILE_CHANGELOG))
        answer = await admin.create_topics([new])
    await admin.close()


async def _read(read_all: ReadAll, topic: Topic) -> list[Written]:
    found = await read_all(topic)
    rows = [Written(each.partition, each.timestamp, each.key, each.value, tuple(each.headers)) for each in found]
    return _sorted(rows)


def _sorted(rows: list[Written]) -> list[Written]:
    return sorted(rows, key=lambda each: (each.partition, each.timestamp, each.key))


def _command(address: str, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *words], cwd=ROOT, capture_output=True, text=True,
        env={"KINDLING_KAFKA_BOOTSTRAP_SERVERS": address, "PATH": "/usr/bin:/bin"}, timeout=60, check=False,
    )  # fmt: skip


def _told(_: str) -> None:
    """Nobody listens."""


async def test_topic_comes_out_of_its_file_as_it_was(topics: str, read_all: ReadAll, tmp_path: Path) -> None:
    """Partitions, times, keys, values, headers, tombstones; a topic with records, or with other partitions, is refused.

    Elsewhere each record stands where its key belongs, without the checkpoints.
    """
    kafka, file = Kafka(topics), tmp_path / f"{PROFILE_CHANGELOG.name}.jsonl.gz"
    await _write(kafka, PROFILE_CHANGELOG, _values())
    await _write(kafka, PROFILE_CHANGELOG, [Written(0, 1, b"u:aborted", b"{}", ())], is_committed=False)
    before = await _read(read_all, PROFILE_CHANGELOG)
    assert len(before) == len(_values())
    backup = _command(topics, "backup", PROFILE_CHANGELOG.short, "--to", str(tmp_path), "--json")
    assert (backup.returncode, json.loads(backup.stdout)["records"]) == (0, len(before))
    assert file.stat().st_mode & 0o777 == 0o600

    refused = _command(topics, "restore", str(file))
    assert refused.returncode == 78
    assert "has records already" in refused.stderr
    assert await _read(read_all, PROFILE_CHANGELOG) == before, "nothing was written"

    await _make_anew(kafka, PARTITIONS)
    assert _command(topics, "restore", str(tmp_path)).returncode == 0
    assert await _read(read_all, PROFILE_CHANGELOG) == before

    await _make_anew(kafka, 2 * PARTITIONS)
    with pytest.raises(Misconfigured, match="--elsewhere"):
        await restore(kafka, file, Into(), _told)
    copied = await restore(kafka, file, Into(is_elsewhere=True), _told)
    persons = [
        replace(row, partition=partition_of(row.key.removeprefix(b"\x01"), 2 * PARTITIONS))
        for row in before
        if row.key != CHECKPOINT
    ]
    assert await _read(read_all, PROFILE_CHANGELOG) == _sorted(persons), "each where its key belongs; no checkpoint"
    assert copied.records == len(persons)
    await restore(kafka, file, Into(is_forced=True, is_elsewhere=True), _told)
    assert len(await _read(read_all, PROFILE_CHANGELOG)) == 2 * len(persons), "forced: behind what is there"
