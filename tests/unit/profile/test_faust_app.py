"""Faust's own clients get in as every other client does."""

from collections.abc import AsyncIterable
from pathlib import Path
from typing import Any

import pytest

from services.profile.adapters.faust_app import credentials_of, new_app
from services.profile.settings import ProfileSettings
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_clients import Kafka

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
