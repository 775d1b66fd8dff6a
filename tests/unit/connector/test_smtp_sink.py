"""The local sink, with the connector's own mailer as its client."""

import asyncio
from pathlib import Path

import pytest

from deploy.local.smtp_sink import serve
from services.connector.adapters.smtp_mailer import Server, SmtpMailer
from services.connector.core.values import Accepted, Letter

MAIL = b"Message-ID: <../a b@example.com>\r\nSubject: Hello\r\n\r\nbye\r\n"


async def _yes() -> bool:
    return True


async def test_sink_keeps_each_mail_as_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One .eml file and one line a mail; the name of the file cannot leave the folder."""
    stop = asyncio.Event()
    sink = asyncio.create_task(serve(0, tmp_path / "mail", stop=stop))
    while not (told := capsys.readouterr().out):
        await asyncio.sleep(0)
    port = int(told.split(",")[0].rpartition(":")[2])
    mailer = SmtpMailer(Server("127.0.0.1", port, None, None, tls="none", timeout_s=2))
    for _ in range(2):
        assert await mailer.send(Letter("hello@example.com", "ana@example.com", MAIL), _yes) == Accepted()
    stop.set()
    await sink
    kept = sorted((tmp_path / "mail").iterdir())
    assert [path.name for path in kept] == ["0001-.._a_b.eml", "0002-.._a_b.eml"]
    assert kept[0].read_bytes() == MAIL
    assert capsys.readouterr().out.count("mail to ana@example.com: Hello") == 2
