"""Small parts of the runtime: settings, trace, retry, fuse, records, logs."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from schemas.topics import CATALOG_COURSES, EMAIL_FEEDBACK, dead_letters
from schemas.trace import child
from services.runtime.errors import Status
from services.runtime.kafka_handle import FUSE_WINDOW, Fuse
from services.runtime.kafka_records import partition_of
from services.runtime.kafka_topics import configuration, partitions
from services.runtime.logs import Bounded
from services.runtime.outcome import Misconfigured
from services.runtime.retry import Backoff
from services.runtime.settings import ServiceSettings, load, masked

ROOT = Path(__file__).parents[3]
PARENT = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which variable, what was expected, and what to do."""
    monkeypatch.delenv("KINDLING_SECRET", raising=False)
    with pytest.raises(Misconfigured, match=r"KINDLING_SECRET: expected, and it is not set.*Set them"):
        load(ServiceSettings)


def test_a_secret_is_never_printed() -> None:
    """Stars at start."""
    assert "secret secret" not in str(masked(ServiceSettings(secret=SecretStr("a very secret secret"))))


def test_a_short_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every key is derived from it."""
    monkeypatch.setenv("KINDLING_SECRET", "short")
    with pytest.raises(Misconfigured, match="expected at least 16 characters"):
        load(ServiceSettings)


@given(cause=st.text())
def test_a_trace_is_carried_and_repeats(cause: str) -> None:
    """The trace id stays; the same cause gives the same child; a broken parent starts a trace of its own."""
    assert child(PARENT, cause)[:36] == PARENT[:36]
    assert child(PARENT, cause) == child(PARENT, cause)
    assert len(child("nonsense", cause)) == len(PARENT)


@given(st.integers(0, 10**6))
def test_a_wait_is_bounded(tries: int) -> None:
    """However often it was tried."""
    assert 0 <= Backoff(0.1, 5.0).wait_s(tries) <= 5.0


def test_the_fuse_blows_at_its_share() -> None:
    """Over half of a full window; never where it has no share."""
    fuse = Fuse(0.5)
    blown = [fuse.count(is_reject=number % 3 != 0) for number in range(FUSE_WINDOW)]
    assert blown == [False] * (FUSE_WINDOW - 1) + [True]
    assert not any(Fuse(None).count(is_reject=True) for _ in range(2 * FUSE_WINDOW))


@pytest.mark.parametrize(("key", "partition"), [(b"21", 2), (b"foobar", 3), (b"u:lead-maya", None)])
def test_a_partition_is_javas(key: bytes, partition: int | None) -> None:
    """murmur2 of the key, sign bit off; values as Kafka's own UtilsTest lists them, modulo 5."""
    hashes = {b"21": -973932308, b"foobar": -790332482}
    if partition is not None:
        assert partition_of(key, 5) == (hashes[key] & 0x7FFFFFFF) % 5
    assert 0 <= partition_of(key, 5) < 5


def test_a_topics_configuration_is_the_tables() -> None:
    """Clean-up and retention; a compacted topic has no retention."""
    assert configuration(EMAIL_FEEDBACK)["retention.ms"] == str(30 * 86_400_000)
    assert configuration(CATALOG_COURSES)["cleanup.policy"] == "compact"
    assert "retention.ms" not in configuration(CATALOG_COURSES)
    assert partitions(dead_letters("profile"), 12) == 12


def test_a_chattering_library_is_bounded() -> None:
    """One line of a kind; ours and tracebacks always pass."""
    bounded = Bounded()
    record = logging.LogRecord("aiokafka.producer", logging.WARNING, "p", 1, "away %s", ("x",), None)
    ours = logging.LogRecord("services.runtime", logging.WARNING, "p", 1, "away", (), None)
    assert [bounded.filter(record), bounded.filter(record), bounded.filter(ours), bounded.filter(ours)] == [
        True, False, True, True,
    ]  # fmt: skip


def test_the_module_that_runs_is_heard() -> None:
    """It is called `__main__`, whatever its file; a library is heard from WARNING up."""
    said = (
        "import logging; from services.runtime.logs import configure; configure('s', 'INFO');"
        "[logging.getLogger(each).info(each) for each in ('__main__', 'services.x', 'aiokafka')]"
    )
    ran = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert [json.loads(line)["action"] for line in ran.stdout.splitlines()] == ["__main__", "services.x"]


def test_a_misconfigured_service_ends_with_one_sentence() -> None:
    """Status 78, no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "services.composer"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == Status.MISCONFIGURED
    assert done.stderr.strip().count("\n") == 0
    assert "KINDLING_SECRET" in done.stderr
