"""A broker that refuses us is told from one that is away: the first is the operator's fault, the second is waited for.

aiokafka 0.14.0 says "Unable to bootstrap" for both, so a connection of our own asks; a private name, so it is pinned.
"""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any

from aiokafka import errors as kafka_errors
from aiokafka.conn import AIOKafkaConnection, collect_hosts
from aiokafka.protocol.admin import SaslHandShakeRequest
from aiokafka.protocol.metadata import MetadataRequest

from services.runtime.outcome import Misconfigured

WITHIN_S = 5.0  # for each broker: one that is slower is away
GOODBYE_S = 1.0  # a broker that refused us closes within its 100 ms (connection.failed.authentication.delay.ms)
ALERT = 0x1503  # how a TLS port's answer to plain words begins (RFC 8446, 5.1); who expects Kafka takes it for a length
NO_LOG_IN = (None, kafka_errors.IllegalSaslStateError.errno)
PROTOCOL = "set KINDLING_KAFKA_SECURITY_PROTOCOL to what it speaks"


class OtherProtocolError(kafka_errors.KafkaError):  # type: ignore[misc]
    """The broker speaks, but not this protocol; the words say what it does."""


async def refuse_wrong(bootstrap: Any, access: Mapping[str, Any]) -> None:
    """Connect once, as any client would; return where a broker lets us in, and also where all are away.

    Raises:
        Misconfigured: a broker refused us and none let us in; it says what to check.
    """
    said = None
    for host, port, _ in collect_hosts(bootstrap, randomize=False):
        try:
            async with asyncio.timeout(WITHIN_S):
                await _get_in(host, port, access)
        except (kafka_errors.KafkaError, OSError, TimeoutError) as error:
            said = said or refusal(error, f"{host}:{port}")
        else:
            return
    if said is not None:
        raise Misconfigured(said)


def refusal(error: BaseException, where: str) -> str | None:
    """What the broker refuses us for and what to check, as one sentence; None where it is but away."""
    if (said := _of_encryption(error) or _of_log_in(error)) is not None:
        return f"Kafka at {where} {said}"
    return None if error.__cause__ is None else refusal(error.__cause__, where)


def _of_encryption(error: BaseException) -> str | None:
    match error:
        case ssl.SSLCertVerificationError():
            return f"is not trusted: {error.verify_message.rstrip('.')}; check its name and KINDLING_KAFKA_CA"
        case ssl.SSLError() if "ALERT" in str(error.reason) and "INTERNAL" not in str(error.reason):
            ours = "KINDLING_KAFKA_CERTIFICATE and KINDLING_KAFKA_KEY"
            return f"refuses this client's certificate, or that there is none ({error.reason}); check {ours}"
        case ssl.SSLError() if error.reason == "WRONG_VERSION_NUMBER":
            return f"speaks no TLS; {PROTOCOL}"
        case asyncio.IncompleteReadError() if (error.expected or 0) >> 16 == ALERT:
            return f"speaks TLS only; {PROTOCOL}"
        case _:
            return None


def _of_log_in(error: BaseException) -> str | None:
    match error:
        case kafka_errors.SaslAuthenticationFailed():
            words = "; ".join(map(str, error.args)) or "no reason given"
            return f"refuses the log-in: {words}; check user, password or token, and the mechanism"
        case kafka_errors.UnsupportedSaslMechanismError():
            return "does not know the mechanism; set another KINDLING_KAFKA_SASL_MECHANISM"
        case kafka_errors.IllegalSaslStateError():
            return f"takes no log-in; {PROTOCOL}"
        case OtherProtocolError():
            return f"{error.args[0]}; {PROTOCOL}"
        case _:
            return None


async def _get_in(host: str, port: int, access: Mapping[str, Any]) -> None:
    """Log in and ask something; where that is cut off without a word, ask what would have been right."""
    protocol = access.get("security_protocol", "PLAINTEXT")
    try:
        await _ask(host, port, access, MetadataRequest([]))
    except (ConnectionError, ssl.SSLEOFError) as error:
        if protocol.endswith("SSL") and await _word_on_log_in(host, port, {}) is not None:
            raise OtherProtocolError("speaks no TLS") from error
        raise
    except kafka_errors.KafkaConnectionError as error:
        if not protocol.startswith("SASL") and await _word_on_log_in(host, port, access) not in NO_LOG_IN:
            raise OtherProtocolError("wants a log-in") from error
        raise


async def _word_on_log_in(host: str, port: int, access: Mapping[str, Any]) -> int | None:
    """The error code that the broker answers to who would log in; None where it gives no answer."""
    try:
        return int((await _ask(host, port, access, SaslHandShakeRequest("PLAIN"))).error_code)
    except (kafka_errors.KafkaError, OSError):
        return None


async def _ask(host: str, port: int, access: Mapping[str, Any], request: Any) -> Any:
    connection = AIOKafkaConnection(host, port, **access)
    try:
        await connection.connect()
        return await connection.send(request)
    finally:
        end = connection.close()
        if connection._protocol is not None:  # noqa: SLF001 there was a connection, which says goodbye
            await asyncio.wait([end], timeout=GOODBYE_S)
