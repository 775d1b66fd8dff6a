"""A send that is called off amid a step: the line is cut, and nobody waits for the server."""

import asyncio

import pytest

from services.connector.adapters.smtp_mailer import Server, SmtpMailer
from services.connector.core.values import Letter

STEP_S = 30.0
LETTER = Letter("ana@academy.example.com", "ana@example.com", b"Subject: hello\r\n\r\nbye\r\n")


async def _yes() -> bool:
    return True


@pytest.mark.parametrize("silent_at", [b"EHLO", b"MAIL", b"DATA", b".\r\n"])
async def test_who_is_called_off_hangs_up_at_once(silent_at: bytes) -> None:
    """A farewell amid a step has no answer; whoever waits for one does not give the partition away in time."""
    heard = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            if line.startswith(silent_at):
                heard.set()
            elif line == b"DATA\r\n":
                writer.write(b"354 go ahead\r\n")
            elif line[:4] in {b"EHLO", b"MAIL", b"RCPT"} and not heard.is_set():
                writer.write(b"250 ok\r\n")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as listener:
        mailer = SmtpMailer(Server("127.0.0.1", listener.sockets[0].getsockname()[1], None, None, "none", STEP_S))
        sending = asyncio.ensure_future(mailer.send(LETTER, _yes))
        await asyncio.wait_for(heard.wait(), 5)
        sending.cancel()
        done, _ = await asyncio.wait([sending], timeout=1)
        assert done == {sending}
