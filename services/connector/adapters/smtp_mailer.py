"""Sends one letter by SMTP, step by step, so that each failure is known to lie before or after the content."""

import asyncio
import contextlib
from dataclasses import dataclass

import aiosmtplib

from services.connector.core.values import Accepted, Answer, Barred, Declined, Deferred, Letter, Lost, Stage
from services.connector.metrics import ANSWERS, SEND_SECONDS

TRANSIENT, PERMANENT = 400, 500  # RFC 5321, 4.2.1
LOCKED = {530, 534, 535, 538}  # RFC 4954, 6: authentication required, too weak, failed, needs encryption


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed over; `timeout_s` bounds each step."""

    host: str
    port: int
    user: str | None
    password: str | None
    starttls: bool
    timeout_s: float

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"


class SmtpMailer:
    """One connection a letter."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def send(self, letter: Letter) -> Answer:
        """What the server made of it."""
        with SEND_SECONDS.time():
            answer = await self._send(letter)
        ANSWERS.labels(answer=type(answer).__name__.lower()).inc()
        return answer

    async def _send(self, letter: Letter) -> Answer:
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            timeout=self._server.timeout_s,
            start_tls=self._server.starttls,
            use_tls=False,
        )
        try:
            return await self._enter(client) or await _hand_over(client, letter)
        finally:
            await _leave(client)

    async def _enter(self, client: aiosmtplib.SMTP) -> Answer | None:
        """Connect, encrypt, log in; None where we are in."""
        place = self._server.place
        try:
            await client.connect()
            if self._server.user is not None:
                await client.login(self._server.user, self._server.password or "")
        except aiosmtplib.SMTPResponseException as error:
            is_final = error.code in LOCKED
            told = f"the mail server {place} answered {error.code} before any mail"
            return Barred(f"{told}: set KINDLING_CONNECTOR_SMTP_USER and _PASSWORD") if is_final else Deferred(told)
        except OSError as error:
            return Deferred(f"the mail server {place} cannot be reached: {type(error).__name__}")
        except aiosmtplib.SMTPException as error:
            return Barred(f"the mail server {place} lacks what is set ({error}): see KINDLING_CONNECTOR_SMTP_STARTTLS")
        return None


async def _hand_over(client: aiosmtplib.SMTP, letter: Letter) -> Answer:
    stage: Stage = "sender"
    try:
        await client.mail(letter.sender)
        stage = "recipient"
        await client.rcpt(letter.recipient)
        stage = "content"
        await client.data(letter.content)
    except aiosmtplib.SMTPResponseException as error:
        return _refused(stage, error)
    except (aiosmtplib.SMTPException, OSError) as error:
        detail = f"the mail server broke off at the {stage}: {type(error).__name__}"
        return Lost(detail) if stage == "content" else Deferred(detail)
    return Accepted()


def _refused(stage: Stage, error: aiosmtplib.SMTPResponseException) -> Answer:
    """A mail answered 4xx or 5xx is surely not the server's (RFC 5321, 4.2.5); any other answer says nothing."""
    if error.code in LOCKED:
        return Barred(f"the mail server answered {error.code}: set KINDLING_CONNECTOR_SMTP_USER and _PASSWORD")
    told = f"the mail server answered {error.code} to the {stage}"
    if error.code >= PERMANENT:
        return Declined(stage, error.code, error.message)
    return Deferred(told) if error.code >= TRANSIENT or stage != "content" else Lost(told)


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye where the server still listens; what it answers changes nothing any more."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError, asyncio.TimeoutError):
        if client.is_connected:
            await client.quit()
    client.close()
