"""Sends one letter by SMTP, step by step, so that each failure is known to lie before or after the content."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from services.connector.adapters.smtp_trust import distrusted, trust
from services.connector.core.mime import dotted
from services.connector.core.pacing import domain_of
from services.connector.core.replies import cause_of
from services.connector.core.values import (
    BROKEN_OFF,
    Accepted,
    Answer,
    Away,
    Barred,
    Cause,
    Declined,
    Deferred,
    Held,
    Letter,
    Lost,
    Stage,
    Tls,
)
from services.connector.metrics import ANSWERS, DEFERRALS, SEND_SECONDS
from services.connector.ports import MayBegin
from services.rules.providers import provider_of

TRANSIENT, PERMANENT = 400, 500  # RFC 5321, 4.2.1
COMPLETED, START_INPUT = 250, 354  # RFC 5321, 4.2.3
LOCKED = {530, 534, 535, 538}  # RFC 4954, 6, and RFC 3207, 4: login or TLS required, too weak, failed, not encrypted
GOODBYE_S = 2.0  # a mail is told of behind it: nobody waits longer for a farewell
SET = "set KINDLING_CONNECTOR_SMTP_USER, _PASSWORD and _TLS as it asks for"


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed over; `timeout_s` bounds each step, `ca` is a PEM file, None for the system's store."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: Tls
    timeout_s: float
    ca: Path | None = None

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"


class SmtpMailer:
    """One connection a letter."""

    def __init__(self, server: Server) -> None:
        """Read the certificates once.

        Raises:
            Misconfigured: the CA file cannot be read, or holds no certificate.
        """
        self._server = server
        self._trust = None if server.tls == "none" else trust(server.ca)

    async def send(self, letter: Letter, may_begin: MayBegin) -> Answer:
        """What the server made of it."""
        with SEND_SECONDS.time():
            answer = await self._send(letter, may_begin)
        ANSWERS.labels(type(answer).__name__.lower(), provider_of(domain_of(letter.recipient))).inc()
        if isinstance(answer, Deferred):
            DEFERRALS.labels(cause=answer.cause or BROKEN_OFF).inc()
        return answer

    async def probe(self) -> Away | Barred | None:
        """Whether the server lets us in, without a mail; None where it does."""
        async with self._connection() as client:
            return await self._enter(client)

    async def _send(self, letter: Letter, may_begin: MayBegin) -> Answer:
        async with self._connection() as client:
            return await self._enter(client) or await _hand_over(client, letter, may_begin)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A client that says goodbye in the end. Who is called off only hangs up: amid a step a QUIT has no answer."""
        client = self._client()
        try:
            yield client
            await _leave(client)
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            timeout=self._server.timeout_s,
            start_tls=self._server.tls == "starttls",
            use_tls=self._server.tls == "implicit",
            tls_context=self._trust,
        )

    async def _enter(self, client: aiosmtplib.SMTP) -> Away | Barred | None:
        """Connect, encrypt, log in; None where we are in."""
        place = self._server.place
        try:
            await client.connect()
            if self._server.user is not None:
                await client.login(self._server.user, self._server.password or "")
        except aiosmtplib.SMTPResponseException as error:
            is_final = error.code in LOCKED
            told = f"the mail server {place} answered {error.code} before any mail"
            return Barred(f"{told}: {SET}") if is_final else Away(told)
        except OSError as error:
            if (distrust := distrusted(error)) is not None:
                return Barred(f"the mail server {place} {distrust}")
            return Away(f"the mail server {place} cannot be reached: {type(error).__name__}")
        except aiosmtplib.SMTPException as error:
            return Barred(f"the mail server {place} lacks what is set ({error}): see KINDLING_CONNECTOR_SMTP_TLS")
        return None


async def _hand_over(client: aiosmtplib.SMTP, letter: Letter, may_begin: MayBegin) -> Answer:
    """DATA goes in two steps: until the server says 354 it has nothing, and after it nobody knows before its answer."""
    stage: Stage = "sender"
    has_begun = False
    try:
        await client.mail(letter.sender)
        stage = "recipient"
        await client.rcpt(letter.recipient)
        stage = "content"
        if not await may_begin():
            return Held()
        start = await client.execute_command(b"DATA")
        if start.code != START_INPUT:
            return _refused(stage, start.code, start.message)
        line = _line(client)
        line.write(dotted(letter.content))
        has_begun = True
        done = await line.read_response(timeout=client.timeout)
    except aiosmtplib.SMTPResponseException as error:
        return _refused(stage, error.code, error.message, has_begun=has_begun)
    except (aiosmtplib.SMTPException, OSError) as error:
        client.close()  # what may still come is the answer to another question
        detail = f"the mail server broke off at the {stage}: {type(error).__name__}"
        return Lost(detail) if has_begun else _not_now(stage, detail, None)
    return Accepted() if done.code == COMPLETED else _refused(stage, done.code, done.message, has_begun=True)


def _line(client: aiosmtplib.SMTP) -> SMTPProtocol:
    """The connection itself.

    Raises:
        SMTPServerDisconnected: it is gone.
    """
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("cut before the content")
    return client.protocol


def _refused(stage: Stage, code: int, text: str, *, has_begun: bool = False) -> Answer:
    """A mail answered 4xx or 5xx is surely not the server's (RFC 5321, 4.2.5); any other answer says nothing."""
    if code in LOCKED:
        return Barred(f"the mail server answered {code}: {SET}")
    told = f"the mail server answered {code} to the {stage}"
    if code >= PERMANENT:
        return Declined(stage, code, text)
    if code < TRANSIENT:
        return Lost(told) if has_begun else _not_now(stage, told, None)
    cause = cause_of(code, text)
    return _not_now(stage, f"{told}: {cause}", cause)


def _not_now(stage: Stage, told: str, cause: Cause | None) -> Away | Deferred:
    """Before a recipient was named it is the server that takes nothing now, from anybody to anybody."""
    return Away(told) if stage == "sender" else Deferred(told, cause)


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye where the server still listens; what it answers changes nothing any more, nor whether it does."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError, asyncio.TimeoutError):
        if client.is_connected:
            await client.quit(timeout=GOODBYE_S)
