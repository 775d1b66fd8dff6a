"""The mail server of the whole kill plan: keeps what it takes, and when, and defers some for a while."""

import asyncio
import time
import zlib
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.smtp import SMTP

DEFERRED = 0.6  # the share of recipients that are told to come again


@dataclass(frozen=True, slots=True)
class Delivered:
    """One mail that was taken: its id, for whom, and when the connection began that brought it."""

    message_id: str
    address: str
    began_s: float


class Mailbox:
    """Takes mails on a free port of this machine."""

    def __init__(self) -> None:
        self.mails: list[Delivered] = []
        self.deferrals = 0
        self.came_round_s = 0.0
        self._is_deferring = False
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(_Call(self, time.time()), hostname="whole-plan", loop=loop, enable_SMTPUTF8=True),
            "127.0.0.1", 0,
        )  # fmt: skip
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()

    def defer(self) -> None:
        """Answer 451 to some recipients from now on."""
        self._is_deferring = True

    def come_round(self) -> None:
        """Take every mail again."""
        self._is_deferring, self.came_round_s = False, time.monotonic()

    def defers(self, address: str) -> bool:
        """Whether this recipient is told to come again."""
        is_deferred = self._is_deferring and zlib.crc32(address.encode()) % 1000 < 1000 * DEFERRED
        self.deferrals += is_deferred
        return is_deferred


class _Call:
    """One connection; aiosmtpd calls it."""

    def __init__(self, mailbox: Mailbox, began_s: float) -> None:
        self._mailbox, self._began_s = mailbox, began_s

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, ___: Any) -> str:  # noqa: N802 aiosmtpd's name
        """Take the recipient, or defer it."""
        if self._mailbox.defers(address):
            return "450 4.2.1 busy" if len(address) % 2 else "451 4.3.0 come again"  # of the mailbox, or of the domain
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802 as above
        """Keep one mail."""
        read = message_from_bytes(envelope.content, policy=policy.default)
        message_id = str(read["Message-ID"]).strip("<>").partition("@")[0]
        self._mailbox.mails += [Delivered(message_id, each, self._began_s) for each in envelope.rcpt_tos]
        return "250 kept"
