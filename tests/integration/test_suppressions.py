"""Suppressions that nobody can read, on the real broker: they refuse, and the operator's command ends the doubt."""

import subprocess
import sys
from pathlib import Path

import pytest

from schemas.topics import EMAIL_SUPPRESSIONS
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.suppression_table import SuppressionTable

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "schemas" / "examples" / "email.suppressions" / "unsubscribed.json"
READABLE, UNREADABLE = b"9f86d081884c7d659a2feaa0c55ad015|marketing", b"a1|marketing"


def _command(address: str, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "services.runtime", "suppressions", *words], cwd=ROOT, capture_output=True, text=True,
        env={"KINDLING_KAFKA_BOOTSTRAP_SERVERS": address, "PATH": "/usr/bin:/bin"}, timeout=60, check=False,
    )  # fmt: skip


async def _refused(address: str) -> frozenset[str]:
    table = SuppressionTable(b"k" * 32)
    view = View(Kafka(address), (EMAIL_SUPPRESSIONS,), table.apply, table.undecodable)
    await view.read()
    await view.stop()
    return table.refused_by("a1")


async def test_unreadable_suppression_refuses_until_its_tombstone(topics: str) -> None:
    """A newer ingest's record refuses by its key; the command lists it, and forgets it alone."""
    publisher = Publisher(Kafka(topics), "test")
    await publisher.start()
    await publisher.send_raw(EMAIL_SUPPRESSIONS, READABLE, EXAMPLE.read_bytes())
    await publisher.send_raw(EMAIL_SUPPRESSIONS, UNREADABLE, b'{"of":"a later version"}')
    await publisher.stop()
    assert await _refused(topics) == {"*"}
    assert "suppressions: 1 cannot be read" in _command(topics, "list").stdout
    assert _command(topics, "tombstone", "--key", READABLE.decode()).returncode == 78
    assert _command(topics, "tombstone", "--key", UNREADABLE.decode()).returncode == 0
    assert await _refused(topics) == frozenset()
    assert "suppressions: 0 cannot be read" in _command(topics, "list").stdout
