"""From the settings to the one value that every Kafka client is built from."""

import os
import shlex
import shutil
import ssl
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_static import Static
from services.runtime.kafka_token import TokenProvider, token_of_command, token_of_file
from services.runtime.outcome import Misconfigured
from services.runtime.settings import KafkaSettings, ServiceSettings

CERTIFICATES = ("kafka_ca", "kafka_certificate", "kafka_key", "kafka_key_password")
PASSWORD = ("kafka_username", "kafka_password")
TOKEN = ("kafka_token_file", "kafka_token_command")
PROTOCOL, MECHANISM = "KINDLING_KAFKA_SECURITY_PROTOCOL", "KINDLING_KAFKA_SASL_MECHANISM"
OAUTH = "OAUTHBEARER"


def kafka_of(settings: KafkaSettings) -> Kafka:
    """Where Kafka is and how one gets in.

    Raises:
        Misconfigured: the settings contradict each other, or a file they name cannot be used.
    """
    if (fault := fault_of(settings)) is not None:
        raise Misconfigured(fault)
    if settings.kafka_security_protocol == "PLAINTEXT":
        return Kafka(settings.kafka_bootstrap_servers, static=_static(settings))
    access: dict[str, Any] = {"security_protocol": settings.kafka_security_protocol}
    if settings.kafka_security_protocol.endswith("SSL"):
        access["ssl_context"] = _context(settings)
    if settings.kafka_security_protocol.startswith("SASL"):
        access |= _login(settings)
    return Kafka(settings.kafka_bootstrap_servers, access, _static(settings))


def fault_of(settings: KafkaSettings) -> str | None:
    """Why the settings are no way in, as one sentence; None where they are. The first rule that matches counts."""
    protocol, mechanism = settings.kafka_security_protocol, settings.kafka_sasl_mechanism
    certificates, password, token = (_given(settings, names) for names in (CERTIFICATES, PASSWORD, TOKEN))
    login = _given(settings, ("kafka_sasl_mechanism",)) + password + token
    is_login, is_oauth = protocol.startswith("SASL"), mechanism == OAUTH
    open_hosts = [each for each in _hosts(settings) if not _is_loopback(each)]
    rules = (
        (certificates and not protocol.endswith("SSL"),
         f"{PROTOCOL}={protocol} does not encrypt, but {_all(certificates)} is set: set SSL or SASL_SSL"),
        (login and not is_login,
         f"{PROTOCOL}={protocol} does not log in, but {_all(login)} is set: set SASL_SSL"),
        ((settings.kafka_certificate is None) != (settings.kafka_key is None),
         "KINDLING_KAFKA_CERTIFICATE and KINDLING_KAFKA_KEY belong together: set both or neither"),
        (settings.kafka_key_password is not None and settings.kafka_key is None,
         "KINDLING_KAFKA_KEY_PASSWORD is set without KINDLING_KAFKA_KEY: set the key it opens"),
        (is_login and mechanism is None,
         f"{PROTOCOL}={protocol} needs {MECHANISM}: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"),
        (is_login and not is_oauth and (len(password) < len(PASSWORD) or token),
         f"{MECHANISM}={mechanism} needs {_all(PASSWORD)}, and no token: set them"),
        (is_login and is_oauth and (len(token) != 1 or password),
         f"{MECHANISM}={OAUTH} needs one of {_all(TOKEN)}, and neither user nor password: set one"),
        (protocol == "SASL_PLAINTEXT" and open_hosts,
         f"{PROTOCOL}=SASL_PLAINTEXT would log in to {', '.join(open_hosts)} unencrypted: set SASL_SSL"),
    )  # fmt: skip
    return next((sentence for is_fault, sentence in rules if is_fault), None)


def _static(settings: KafkaSettings) -> Static | None:
    """The name in groups, which tools that are no service have not."""
    if not isinstance(settings, ServiceSettings) or settings.instance_id is None:
        return None
    return Static(settings.instance_id, settings.instance_session_s)


def _given(settings: KafkaSettings, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if getattr(settings, name) is not None)


def _all(names: Iterable[str]) -> str:
    return ", ".join(f"KINDLING_{name.upper()}" for name in names)


def _hosts(settings: KafkaSettings) -> list[str]:
    return [each.rpartition(":")[0].strip("[]") for each in settings.kafka_bootstrap_servers.split(",")]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _context(settings: KafkaSettings) -> ssl.SSLContext:
    """Which brokers are trusted, and by what they know us."""
    context = ssl.create_default_context() if settings.kafka_ca is None else _trust(settings.kafka_ca)
    if settings.kafka_certificate is not None and settings.kafka_key is not None:
        _identify(context, settings.kafka_certificate, settings.kafka_key, _revealed(settings.kafka_key_password))
    return context


def _trust(ca: Path) -> ssl.SSLContext:
    """Trust in this file alone: of an empty text the library makes trust in the machine's authorities."""
    authorities = _text("KINDLING_KAFKA_CA", ca) or "none"
    try:
        return ssl.create_default_context(cadata=authorities)
    except ssl.SSLError as error:
        raise Misconfigured(f"KINDLING_KAFKA_CA: {ca} holds no certificate in PEM") from error


def _identify(context: ssl.SSLContext, certificate: Path, key: Path, password: str) -> None:
    _text("KINDLING_KAFKA_CERTIFICATE", certificate)
    _text("KINDLING_KAFKA_KEY", key)
    try:
        context.load_cert_chain(certificate, key, password)  # without a password OpenSSL would ask at the terminal
    except (ssl.SSLError, ValueError) as error:
        raise Misconfigured(
            "KINDLING_KAFKA_CERTIFICATE and KINDLING_KAFKA_KEY cannot be used: both have to be PEM, the key the "
            "certificate's, and KINDLING_KAFKA_KEY_PASSWORD its password where it is encrypted"
        ) from error


def _text(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise Misconfigured(f"{variable}: cannot read {path}: {error.strerror}") from error


def _login(settings: KafkaSettings) -> dict[str, Any]:
    mechanism = settings.kafka_sasl_mechanism
    if mechanism == OAUTH:
        return {"sasl_mechanism": mechanism, "sasl_oauth_token_provider": _tokens(settings)}
    return {
        "sasl_mechanism": mechanism,
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": _revealed(settings.kafka_password),
    }


def _tokens(settings: KafkaSettings) -> TokenProvider:
    if (path := settings.kafka_token_file) is not None:
        if not os.access(path, os.R_OK) or path.is_dir():
            raise Misconfigured(f"KINDLING_KAFKA_TOKEN_FILE: cannot read {path}")
        return token_of_file(path)
    try:
        words = shlex.split(_revealed(settings.kafka_token_command))
    except ValueError as error:
        raise Misconfigured(f"KINDLING_KAFKA_TOKEN_COMMAND cannot be taken apart: {error}") from error
    if not words or shutil.which(words[0]) is None:
        raise Misconfigured("KINDLING_KAFKA_TOKEN_COMMAND does not begin with a program that can be run")
    return token_of_command(tuple(words))


def _revealed(secret: Any) -> str:
    return "" if secret is None else str(secret.get_secret_value())
