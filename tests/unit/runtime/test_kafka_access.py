"""The settings of Kafka are one way in, or one sentence."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiokafka.conn import AIOKafkaConnection

from services.runtime.kafka_access import fault_of, kafka_of
from services.runtime.kafka_static import Static, membership
from services.runtime.outcome import Misconfigured
from services.runtime.settings import KafkaSettings, ServiceSettings
from tests.secured_kafka import write_identity

FAR, NEAR = "kafka.example:9092", "127.0.0.1:9092"
USER = {"username": "kindling", "password": "a word"}
SCRAM = {"sasl_mechanism": "SCRAM-SHA-512", **USER}
Identity = Callable[[str | None], dict[str, str]]


def _settings(bootstrap: str = FAR, protocol: str = "PLAINTEXT", **words: str) -> KafkaSettings:
    return KafkaSettings.model_validate(
        {
            "kafka_bootstrap_servers": bootstrap, "kafka_security_protocol": protocol,
            **{f"kafka_{name}": word for name, word in words.items()},
        }
    )  # fmt: skip


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    """Writes a certificate and its key; the words that name them."""

    def write(password: str | None) -> dict[str, str]:
        write_identity(tmp_path, "client", trustme.CA().issue_cert("kindling@example.org"), password)
        return {"certificate": str(tmp_path / "client.pem"), "key": str(tmp_path / "client.key")}

    return write


@pytest.mark.parametrize(
    ("protocol", "words", "said"),
    [
        ("PLAINTEXT", {"ca": "ca.pem"}, "does not encrypt, but KINDLING_KAFKA_CA is set"),
        ("SASL_PLAINTEXT", {"key": "a", "certificate": "b", **SCRAM}, "KINDLING_KAFKA_CERTIFICATE, KINDLING_KAFKA_KEY"),
        ("PLAINTEXT", USER, "does not log in, but KINDLING_KAFKA_USERNAME, KINDLING_KAFKA_PASSWORD is set"),
        ("SSL", {"sasl_mechanism": "PLAIN"}, "does not log in, but KINDLING_KAFKA_SASL_MECHANISM is set"),
        ("SSL", {"certificate": "client.pem"}, "belong together"),
        ("SSL", {"key": "client.key"}, "belong together"),
        ("SSL", {"key_password": "a word"}, "without KINDLING_KAFKA_KEY"),
        ("SASL_SSL", USER, "needs KINDLING_KAFKA_SASL_MECHANISM"),
        ("SASL_SSL", {"sasl_mechanism": "PLAIN", "username": "kindling"}, "PLAIN needs KINDLING_KAFKA_USERNAME"),
        ("SASL_SSL", {"token_file": "token", **SCRAM}, "and no token"),
        ("SASL_SSL", {"sasl_mechanism": "OAUTHBEARER"}, "needs one of KINDLING_KAFKA_TOKEN_FILE"),
        ("SASL_SSL", {"sasl_mechanism": "OAUTHBEARER", "token_file": "a", "token_command": "b"}, "needs one of"),
        ("SASL_SSL", {"sasl_mechanism": "OAUTHBEARER", "token_file": "a", **USER}, "neither user nor password"),
        ("SASL_PLAINTEXT", SCRAM, "would log in to kafka.example unencrypted"),
    ],
)
def test_settings_that_contradict_each_other_are_one_sentence(protocol: str, words: dict[str, str], said: str) -> None:
    """Before any file is read; it names what is set and what to set."""
    fault = fault_of(_settings(FAR, protocol, **words))
    assert fault is not None
    assert said in fault
    with pytest.raises(Misconfigured) as refused:
        kafka_of(_settings(FAR, protocol, **words))
    assert "a word" not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "[::1]"])
def test_a_password_goes_unencrypted_to_this_machine_alone(host: str) -> None:
    """Every host counts, not the first."""
    assert fault_of(_settings(f"{host}:9092", "SASL_PLAINTEXT", **SCRAM)) is None
    fault = fault_of(_settings(f"{host}:9092,{FAR}", "SASL_PLAINTEXT", **SCRAM))
    assert fault is not None
    assert "kafka.example unencrypted" in fault


def test_an_open_port_needs_nothing() -> None:
    """The default, as ever."""
    assert dict(kafka_of(_settings(NEAR)).access) == {}


def test_a_log_in_is_in_the_clients_words() -> None:
    """The authorities of the machine are trusted where none is named, names are checked, and no secret is shown."""
    kafka = kafka_of(_settings(FAR, "SASL_SSL", **SCRAM))
    context = kafka.access["ssl_context"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert {name: word for name, word in kafka.access.items() if name != "ssl_context"} == {
        "security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "kindling", "sasl_plain_password": "a word",
    }  # fmt: skip
    assert "a word" not in repr(kafka)


def test_only_the_authority_named_is_trusted(tmp_path: Path) -> None:
    """A file of one's own takes the place of the machine's."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    kafka = kafka_of(_settings(FAR, "SSL", ca=str(tmp_path / "ca.pem")))
    assert len(kafka.access["ssl_context"].get_ca_certs()) == 1


def test_an_encrypted_key_needs_its_password(identity: Identity) -> None:
    """Without one nobody is asked at a terminal: it is a sentence, as a wrong one is."""
    words = identity("a key secret")
    assert "ssl_context" in kafka_of(_settings(FAR, "SSL", key_password="a key secret", **words)).access
    for wrong in ({}, {"key_password": "another"}):
        with pytest.raises(Misconfigured, match="KINDLING_KAFKA_KEY_PASSWORD its password"):
            kafka_of(_settings(FAR, "SSL", **wrong, **words))


def test_files_that_cannot_be_used_are_named(tmp_path: Path, identity: Identity) -> None:
    """Each by its setting; a file that is there but no PEM, or empty, too."""
    gone, none, words = str(tmp_path / "gone"), tmp_path / "none", identity(None)
    none.write_text("no PEM")
    empty = tmp_path / "empty"
    empty.touch()
    found: tuple[tuple[str, dict[str, str], str], ...] = (
        ("SSL", {"ca": gone}, "KINDLING_KAFKA_CA: cannot read"),
        ("SSL", {"ca": str(none)}, "KINDLING_KAFKA_CA: .* no certificate in PEM"),
        ("SSL", {"ca": str(empty)}, "KINDLING_KAFKA_CA: .* no certificate in PEM"),
        ("SSL", {**words, "certificate": gone}, "KINDLING_KAFKA_CERTIFICATE: cannot read"),
        ("SSL", {**words, "key": gone}, "KINDLING_KAFKA_KEY: cannot read"),
        ("SSL", {**words, "key": str(none)}, "cannot be used"),
        ("SASL_SSL", {"sasl_mechanism": "OAUTHBEARER", "token_file": gone}, "KINDLING_KAFKA_TOKEN_FILE: cannot read"),
        ("SASL_SSL", {"sasl_mechanism": "OAUTHBEARER", "token_command": gone}, "program that can be run"),
        ("SASL_SSL", {"sasl_mechanism": "OAUTHBEARER", "token_command": "'"}, "cannot be taken apart"),
    )
    for protocol, wrong, said in found:
        with pytest.raises(Misconfigured, match=said):
            kafka_of(_settings(FAR, protocol, **wrong))


async def test_a_connection_of_the_library_takes_what_is_made(tmp_path: Path) -> None:
    """Every word is one that aiokafka knows, and the provider of tokens one it accepts."""
    (tmp_path / "token").write_text("a.b.c")
    words = {"sasl_mechanism": "OAUTHBEARER", "token_file": str(tmp_path / "token")}
    access: dict[str, Any] = dict(kafka_of(_settings(FAR, "SASL_SSL", **words)).access)
    AIOKafkaConnection("kafka.example", 9092, **access)
    assert await access["sasl_oauth_token_provider"].token() == "a.b.c"


def test_a_name_in_groups_is_a_services_alone() -> None:
    """A tool joins none; without the setting a service has none either, and is a new member at each start."""
    plain = ServiceSettings.model_validate({"secret": "a secret of a test"})
    assert (kafka_of(plain).static, kafka_of(_settings(NEAR)).static) == (None, None)
    named = kafka_of(plain.model_copy(update={"instance_id": "profile-0"})).static
    assert named == Static("profile-0", 45.0)
    assert membership(None, 10.0) == {"session_timeout_ms": 10_000, "heartbeat_interval_ms": 2_000}
    assert membership(named, 10.0) == {
        "session_timeout_ms": 45_000, "heartbeat_interval_ms": 2_000, "group_instance_id": "profile-0",
    }  # fmt: skip
