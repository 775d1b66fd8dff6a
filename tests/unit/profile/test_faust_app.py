"""Faust's own clients get in as every other client does."""

import contextlib
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.profile import __main__ as profile
from services.profile.adapters.faust_app import credentials_of, new_app, new_table
from services.profile.adapters.faust_worker import FaustWorker
from services.profile.settings import ProfileSettings
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_view import View
from tests.processes import new_process
from tests.unit.profile.worker_world import ACADEMY

NEAR, FAR = "127.0.0.1:9092", "kafka.example:9092"
USER = {"kafka_username": "kindling", "kafka_password": "a word"}
WAYS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (FAR, "SSL", {}),
    (FAR, "SASL_SSL", {"kafka_sasl_mechanism": "PLAIN", **USER}),
    (FAR, "SASL_SSL", {"kafka_sasl_mechanism": "SCRAM-SHA-256", **USER}),
    (NEAR, "SASL_PLAINTEXT", {"kafka_sasl_mechanism": "SCRAM-SHA-512", **USER}),
    (FAR, "SASL_SSL", {"kafka_sasl_mechanism": "OAUTHBEARER", "kafka_token_command": "true"}),
    (NEAR, "SASL_PLAINTEXT", {"kafka_sasl_mechanism": "OAUTHBEARER", "kafka_token_command": "true"}),
)


def _settings(bootstrap: str, protocol: str, words: dict[str, str], folder: Path) -> ProfileSettings:
    return ProfileSettings.model_validate(
        {
            "kafka_bootstrap_servers": bootstrap, "kafka_security_protocol": protocol, "profile_data": folder,
            "secret": "a secret of a test", "program": folder, **words,
        }
    )  # fmt: skip


async def _agent(_: AsyncIterable[Any]) -> None:
    """Reads nothing."""


async def _positions(_: Any) -> dict[Any, int | None]:
    return {}


async def _on_revoked(*_: Any, **__: Any) -> None:
    """Nothing to close."""


@pytest.mark.parametrize(("bootstrap", "protocol", "words"), WAYS)
async def test_fausts_clients_get_in_as_every_client_does(
    bootstrap: str, protocol: str, words: dict[str, str], tmp_path: Path
) -> None:
    """What its consumer and its own producer are given is what the factory gives, translated there and back."""
    settings = _settings(bootstrap, protocol, words, tmp_path)
    kafka = kafka_of(settings)
    app = new_app(settings, kafka, agent=_agent, positions=_positions, on_revoked=_on_revoked)
    producer = app.transport.create_producer()
    given = {name: word for name, word in producer._settings_auth().items() if word is not None}
    assert given == kafka.access
    assert producer.credentials is app.conf.broker_credentials
    assert str(app.conf.broker[0]) == f"kafka://{bootstrap}"


def test_an_open_port_needs_no_credentials() -> None:
    """As ever."""
    assert credentials_of(Kafka(NEAR)) is None


async def test_worker_comes_by_the_way_its_process_was_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another context for TLS is another way: a refusal of a moment would be taken for a stranger's, and end 78."""
    settings = ProfileSettings.model_validate(
        {
            "kafka_bootstrap_servers": FAR, "kafka_security_protocol": "SSL", "profile_data": tmp_path,
            "secret": "a secret of a test", "program": ACADEMY,
        }
    )  # fmt: skip
    ways: list[Kafka] = []
    process = new_process("profile")

    async def let_in(kafka: Kafka, *_: Any) -> int:
        ways.append(kafka)
        return 3

    async def stamped(kafka: Kafka, _: Any) -> frozenset[str]:
        ways.append(kafka)
        return frozenset()

    @contextlib.asynccontextmanager
    async def beside(kafka: Kafka, _: Any, view: View, *__: Any) -> AsyncIterator[None]:
        ways.append(kafka)
        yield
        await view.stop()

    async def work(worker: FaustWorker) -> None:
        ways.append(worker._kafka)
        ways.append(Kafka(FAR, {**ways[0].access, "ssl_context": worker._app.conf.broker_credentials.context}))

    monkeypatch.setattr("gc.set_threshold", lambda *_: None)  # of the whole process of the tests
    monkeypatch.setattr(profile, "entered", let_in)
    monkeypatch.setattr(profile, "stamped_by_broker", stamped)
    monkeypatch.setattr(profile, "followed_if_made", beside)
    monkeypatch.setattr(FaustWorker, "run", work)
    await profile.serve(settings, process)
    assert len(ways) == 5
    assert all(each == ways[0] for each in ways)


async def _own(_: set[int]) -> None:
    """Takes nothing over."""


async def test_little_of_a_store_lies_in_memory_alone(tmp_path: Path) -> None:
    """RocksDB keeps no log: what a crash loses is read again at the next start, 16 MB of a partition and not 64."""
    settings = _settings(NEAR, "PLAINTEXT", {}, tmp_path)
    app = new_app(settings, kafka_of(settings), agent=_agent, positions=_positions, on_revoked=_on_revoked)
    table = new_table(app, 3, own=_own, on_recover=_on_revoked)
    assert table.data.rocksdb_options.write_buffer_size == 16 * 1024 * 1024
    assert app.conf.consumer_max_fetch_size == 2 * 1024 * 1024
