"""Encryption of the connector's mailer, against servers of this machine with certificates made for the test."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
import trustme
from aiosmtpd.smtp import SMTP

from schemas.codec import encode
from schemas.email import OutboundEmail
from schemas.signing import signature
from schemas.suppression import Seen
from schemas.topics import EMAIL_OUTBOUND
from services.connector.adapters.fake_clock import FakeClock
from services.connector.adapters.fake_ledger import FakeLedger
from services.connector.adapters.smtp_mailer import Server, SmtpMailer
from services.connector.core.values import Accepted, Answer, Away, Barred, Letter, Tls
from services.connector.pipeline import deliver
from services.connector.world import World
from services.runtime.outcome import Message, Misconfigured

LETTER = Letter("hello@academy.example.com", "ana@example.com", b"Subject: hello\r\n\r\nbye\r\n")
Encrypted = Literal["starttls", "implicit"]
BOTH: tuple[Encrypted, ...] = ("starttls", "implicit")
HERE = "127.0.0.1"
KEY = b"k" * 32
AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[2] / "schemas" / "examples" / "email.outbound" / "course.json"
PAST = datetime(2020, 1, 1, tzinfo=UTC)


class Inbox:
    """Counts what arrived over an encrypted line."""

    def __init__(self) -> None:
        self.encrypted = 0

    async def handle_DATA(self, server: Any, _: Any, __: Any) -> str:  # noqa: N802
        """Take the letter."""
        self.encrypted += server.transport.get_extra_info("sslcontext") is not None
        return "250 ok"


@dataclass
class Authority:
    """A certificate authority, and the file that a setting names."""

    ca: trustme.CA
    file: Path

    def context(self, name: str = HERE, **made: Any) -> ssl.SSLContext:
        """A server's context with a certificate for this name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(name, **made).configure_cert(context)
        return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority of the test's own."""
    ca, file = trustme.CA(), tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    return Authority(ca, file)


@asynccontextmanager
async def _listening(kind: Tls, context: ssl.SSLContext | None, inbox: Inbox) -> AsyncIterator[int]:
    """The port of a server that speaks TLS from the start, after STARTTLS, or not at all."""
    loop = asyncio.get_running_loop()

    def connected() -> SMTP:
        return SMTP(
            inbox, hostname="sink", loop=loop, tls_context=context if kind == "starttls" else None,
            require_starttls=kind == "starttls",
        )  # fmt: skip

    listener = await loop.create_server(connected, HERE, 0, ssl=context if kind == "implicit" else None)
    async with listener:
        yield listener.sockets[0].getsockname()[1]


async def _sent(kind: Tls, context: ssl.SSLContext | None, ca: Path | None, inbox: Inbox | None = None) -> Answer:
    async with _listening(kind, context, inbox or Inbox()) as port:
        return await SmtpMailer(_server(port, "starttls" if kind == "none" else kind, ca)).send(LETTER, _yes)


def _server(port: int, kind: Tls, ca: Path | None) -> Server:
    return Server(HERE, port, None, None, kind, 2, ca)


@pytest.mark.parametrize("kind", BOTH)
async def test_letter_goes_encrypted_where_the_authority_is_known(kind: Encrypted, authority: Authority) -> None:
    """The file of the setting is who is trusted."""
    inbox = Inbox()
    assert await _sent(kind, authority.context(), authority.file, inbox) == Accepted()
    assert inbox.encrypted == 1


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    ("context", "why"),
    [
        (lambda _: Authority(trustme.CA(), Path()).context(), "unable to get local issuer"),
        (lambda ours: ours.context("mail.example.com"), "not valid for '127.0.0.1'"),
        (lambda ours: ours.context(not_before=PAST.replace(year=2019), not_after=PAST), "expired"),
    ],
    ids=["unknown authority", "another host's", "expired"],
)
async def test_certificate_that_does_not_verify_bars_us(
    kind: Encrypted, context: Callable[[Authority], ssl.SSLContext], why: str, authority: Authority
) -> None:
    """Waiting mends none of them: one sentence says what is wrong and which setting it is about."""
    inbox = Inbox()
    answer = await _sent(kind, context(authority), authority.file, inbox)
    assert isinstance(answer, Barred)
    assert why in answer.detail
    assert "KINDLING_CONNECTOR_SMTP_CA" in answer.detail
    assert "\n" not in answer.detail
    assert inbox.encrypted == 0


@pytest.mark.parametrize("kind", BOTH)
async def test_without_a_file_the_systems_store_decides(kind: Encrypted, authority: Authority) -> None:
    """An authority of our own is not in it."""
    assert isinstance(await _sent(kind, authority.context(), None), Barred)


async def test_server_without_starttls_gets_nothing() -> None:
    """No letter goes in the clear where encryption was asked for."""
    answer = await _sent("none", None, None)
    assert isinstance(answer, Barred)
    assert "KINDLING_CONNECTOR_SMTP_TLS" in answer.detail


async def test_server_that_wants_starttls_names_the_setting(authority: Authority) -> None:
    """A 530 may ask for encryption as well as for a login (RFC 3207, 4)."""
    async with _listening("starttls", authority.context(), Inbox()) as port:
        answer = await SmtpMailer(_server(port, "none", None)).send(LETTER, _yes)
    assert isinstance(answer, Barred)
    assert "_TLS" in answer.detail


async def test_port_that_speaks_no_tls_bars_us() -> None:
    """Implicit TLS to a plain port is a wrong setting, not a server that is away."""
    async with _listening("none", None, Inbox()) as port:
        answer = await SmtpMailer(_server(port, "implicit", None)).send(LETTER, _yes)
    assert isinstance(answer, Barred)
    assert "KINDLING_CONNECTOR_SMTP_TLS" in answer.detail


@pytest.mark.parametrize("kind", BOTH)
async def test_server_that_hangs_up_before_tls_is_away(kind: Encrypted) -> None:
    """A line that is cut in the handshake says nothing of certificates."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if kind == "implicit":
            await reader.read(1)
        writer.close()

    async with await asyncio.start_server(hang_up, HERE, 0) as listener:
        mailer = SmtpMailer(_server(listener.sockets[0].getsockname()[1], kind, None))
        assert isinstance(await mailer.send(LETTER, _yes), Away)
        assert isinstance(await mailer.probe(), Away)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_file_without_certificates_is_refused_at_start(content: str | None, tmp_path: Path) -> None:
    """A missing or empty file is found before the first mail, by the setting's name."""
    if content is not None:
        (tmp_path / "ca.pem").write_text(content, encoding="utf-8")
    with pytest.raises(Misconfigured, match="KINDLING_CONNECTOR_SMTP_CA"):
        SmtpMailer(_server(465, "implicit", tmp_path / "ca.pem"))


async def _yes() -> bool:
    return True


class Nothing:
    """No address refuses anything."""

    def refused_by(self, _: str) -> frozenset[str]:
        """Nothing."""
        return frozenset()

    async def up_to_date(self) -> Seen:
        """Nothing is to be read."""
        return Seen({}, AT)


@pytest.mark.parametrize("kind", BOTH)
async def test_distrusted_server_is_the_operators_matter(kind: Encrypted, authority: Authority) -> None:
    """Not tried again for ever: the runtime ends the process with 78, and the mail is free to go later."""
    mail = OutboundEmail.model_validate_json(EXAMPLE.read_bytes())
    fields = mail.model_dump(mode="json", by_alias=True, exclude={"signature"})
    signed = mail.model_copy(update={"signature": signature(KEY, fields)})
    ledger, clock = FakeLedger(), FakeClock(AT)
    async with _listening(kind, authority.context(), Inbox()) as port:
        world = World(KEY, KEY, ledger, SmtpMailer(_server(port, kind, None)), Nothing(), clock)
        with pytest.raises(Misconfigured, match="certificate that does not verify"):
            await deliver(
                Message(EMAIL_OUTBOUND, 0, 7, b"u:1001", signed, 0, raw=encode(EMAIL_OUTBOUND, signed)), world
            )
    assert ledger.held == {}
