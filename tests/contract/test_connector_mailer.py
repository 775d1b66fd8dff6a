"""What every mailer promises: the real one against a server on a free port of this machine, the fake in memory."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from services.connector.adapters.fake_mailer import FakeMailer
from services.connector.adapters.smtp_mailer import Server, SmtpMailer
from services.connector.core.values import Accepted, Answer, Away, Barred, Cause, Declined, Deferred, Held, Letter, Lost
from services.connector.ports import Mailer

CONTENT = b"Subject: hello\r\n\r\n.a line with a dot\r\nbye\r\n"
TO_RCPT = {
    "nobody@example.com": "550 5.1.1 no such mailbox",
    "later@example.com": "451 4.7.1 greylisted",
    "closing@example.com": "421 4.3.2 closing",
}
TO_SENDER = {
    "full@academy.example.com": "452 4.3.1 insufficient storage",
    "fast@academy.example.com": "450 4.7.1 too many mails from you",
}
TO_CONTENT = {
    "spam@example.com": "554 5.7.1 spam",
    "full@example.com": "452 4.2.2 full",
    "odd@example.com": "299 well",
}
ANSWERS: dict[str, Answer] = {
    "nobody@example.com": Declined("recipient", 550, "5.1.1 no such mailbox"),
    "later@example.com": Deferred("451"),
    "closing@example.com": Deferred("421"),
    "spam@example.com": Declined("content", 554, "5.7.1 spam"),
    "full@example.com": Deferred("452"),
    "odd@example.com": Lost("299"),
    "cut@example.com": Lost("cut"),
}

needs_login = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # on the loopback it is right


@dataclass
class Inbox:
    """The server's side: what it was given, and how it behaves."""

    letters: list[Letter] = field(default_factory=list)

    async def handle_MAIL(self, _: Any, __: Any, envelope: Any, address: str, ___: Any) -> str:  # noqa: N802
        """Take the sender, or say no."""
        if address in TO_SENDER:
            return TO_SENDER[address]
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, ___: Any) -> str:  # noqa: N802
        """Take the recipient, or say no."""
        if address in TO_RCPT:
            return TO_RCPT[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, _: Any, envelope: Any) -> str:  # noqa: N802
        """Take the letter, say no, or drop the line after the content came."""
        (recipient,) = envelope.rcpt_tos
        if recipient == "cut@example.com":
            server.transport.abort()
        if recipient in TO_CONTENT:
            return TO_CONTENT[recipient]
        if recipient not in ANSWERS:
            self.letters.append(Letter(envelope.mail_from, recipient, envelope.content))
        return "250 ok"


@asynccontextmanager
async def _listening(inbox: Inbox, **options: Any) -> AsyncIterator[int]:
    """The port of a server that behaves as the inbox says."""
    loop = asyncio.get_running_loop()
    async with await loop.create_server(
        lambda: SMTP(inbox, hostname="sink", loop=loop, **options), "127.0.0.1", 0
    ) as listener:
        yield listener.sockets[0].getsockname()[1]


def _server(port: int, *, user: str | None = None, starttls: bool = False) -> Server:
    return Server("127.0.0.1", port, user, "password" if user else None, "starttls" if starttls else "none", 2)


@dataclass
class Case:
    """A mailer, and what has arrived."""

    mailer: Mailer
    arrived: Callable[[], list[Letter]]


@pytest.fixture(params=["fake", "smtp"])
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    """A mailer and its server's inbox."""
    if request.param == "fake":
        fake = FakeMailer(dict(ANSWERS))
        yield Case(fake, lambda: fake.sent)
        return
    inbox = Inbox()
    async with _listening(inbox) as port:
        yield Case(SmtpMailer(_server(port)), lambda: inbox.letters)


def _to(recipient: str) -> Letter:
    return Letter("hello@academy.example.com", recipient, CONTENT)


async def test_letter_arrives_byte_for_byte(case: Case) -> None:
    """Envelope and content are what was handed over, leading dots and all; twice means twice."""
    assert await case.mailer.send(_to("ana@example.com"), _yes) == Accepted()
    assert await case.mailer.send(_to("ben@example.com"), _yes) == Accepted()
    assert case.arrived() == [_to("ana@example.com"), _to("ben@example.com")]


async def _yes() -> bool:
    return True


@dataclass
class Asked:
    """Whoever is asked whether a content may begin: says so, and how often it was asked."""

    answer: bool
    times: int = 0

    async def __call__(self) -> bool:
        """Whether it may."""
        self.times += 1
        return self.answer


async def test_content_that_may_not_begin_is_held_back(case: Case) -> None:
    """It is asked once, when the server has taken the recipient; the server has nothing of the letter."""
    no, yes = Asked(answer=False), Asked(answer=True)
    assert await case.mailer.send(_to("ana@example.com"), no) == Held()
    assert case.arrived() == []
    assert await case.mailer.send(_to("ben@example.com"), yes) == Accepted()
    assert (no.times, yes.times) == (1, 1)


@pytest.mark.parametrize("recipient", ["nobody@example.com", "later@example.com"])
async def test_letter_that_is_refused_before_its_content_asks_nobody(case: Case, recipient: str) -> None:
    """There is nothing to hold back."""
    no = Asked(answer=False)
    assert isinstance(await case.mailer.send(_to(recipient), no), Declined | Deferred)
    assert no.times == 0


@pytest.mark.parametrize("recipient", ["nobody@example.com", "spam@example.com"])
async def test_final_no_comes_with_stage_and_words(case: Case, recipient: str) -> None:
    """5xx, whenever it comes."""
    assert await case.mailer.send(_to(recipient), _yes) == ANSWERS[recipient]
    assert case.arrived() == []


@pytest.mark.parametrize("recipient", ["later@example.com", "full@example.com", "closing@example.com"])
async def test_no_for_now_is_deferred(case: Case, recipient: str) -> None:
    """4xx before or after the content: the server has not taken it."""
    assert isinstance(await case.mailer.send(_to(recipient), _yes), Deferred)


@pytest.mark.parametrize("recipient", ["cut@example.com", "odd@example.com"])
async def test_no_clear_word_after_the_content_is_lost(case: Case, recipient: str) -> None:
    """A line that is cut, or an answer nobody defined: it may have been taken."""
    assert isinstance(await case.mailer.send(_to(recipient), _yes), Lost)


async def test_server_that_is_not_there_is_away() -> None:
    """A refused connection is no recipient's fault; asking without a mail says the same."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        mailer = SmtpMailer(_server(unused.getsockname()[1]))
        assert isinstance(await mailer.send(_to("ana@example.com"), _yes), Away)
        assert isinstance(await mailer.probe(), Away)


async def test_server_that_hangs_up_at_once_is_away() -> None:
    """Nothing was said yet, so nothing was taken, and no recipient is at fault."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as listener:
        mailer = SmtpMailer(_server(listener.sockets[0].getsockname()[1]))
        assert isinstance(await mailer.send(_to("ana@example.com"), _yes), Away)
        assert isinstance(await mailer.probe(), Away)


@pytest.mark.parametrize("sender", TO_SENDER)
async def test_no_for_now_before_a_recipient_was_named_is_the_servers(sender: str) -> None:
    """A full disk or a limit on senders is no recipient's fault, and no domain's."""
    async with _listening(Inbox()) as port:
        answer = await SmtpMailer(_server(port)).send(Letter(sender, "ana@example.com", CONTENT), _yes)
    assert isinstance(answer, Away)


async def test_line_cut_before_a_recipient_was_named_is_the_servers() -> None:
    """It hung up on anybody's mail."""
    assert isinstance(await _after_data(None, ends_at=b"MAIL FROM:<hello@academy.example.com>"), Away)


async def test_server_that_lets_us_in_is_there(case: Case) -> None:
    """Asked without a mail."""
    assert await case.mailer.probe() is None
    assert case.arrived() == []


async def _after_data(reply: bytes | None, *, ends_at: bytes = b"DATA\r\n") -> Answer:
    """What is made of a server that says this to DATA, or nothing, and hangs up at that line of the client's."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            if line == b"DATA\r\n" and reply is not None:
                writer.write(reply)
            elif line[:4] in {b"EHLO", b"MAIL", b"RCPT"} and not line.startswith(ends_at):
                writer.write(b"250 ok\r\n")
            if line.startswith(ends_at):
                break
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as listener:
        return await SmtpMailer(_server(listener.sockets[0].getsockname()[1])).send(_to("ana@example.com"), _yes)


@pytest.mark.parametrize("reply", [None, b"299 well\r\n", b"451 4.3.0 not now\r\n", b"nonsense\r\n"])
async def test_line_cut_before_the_go_ahead_is_deferred(reply: bytes | None) -> None:
    """Until the server says 354 it was given nothing: to send again cannot send twice."""
    assert isinstance(await _after_data(reply), Deferred)


async def test_final_no_to_the_data_command_is_declined() -> None:
    """The server saw no content, and wants none."""
    assert await _after_data(b"554 5.7.1 no\r\n") == Declined("content", 554, "5.7.1 no")


@pytest.mark.parametrize("ends_at", [b"Subject: hello\r\n", b".\r\n"])
async def test_line_cut_after_the_go_ahead_is_lost(ends_at: bytes) -> None:
    """Content was on its way, in part or whole: nobody knows."""
    assert isinstance(await _after_data(b"354 go ahead\r\n", ends_at=ends_at), Lost)


async def test_deferral_has_the_cause_of_its_codes() -> None:
    """Greylisting is a cause of its own; a server that says nothing gives none."""
    assert await _after_data(b"451 4.7.1 later\r\n") == Deferred(
        "the mail server answered 451 to the content: greylisted", Cause.GREYLISTED
    )
    silent = await _after_data(None)
    assert isinstance(silent, Deferred)
    assert silent.cause is None


@needs_login
@pytest.mark.parametrize(("user", "starttls"), [("stranger", False), (None, False), (None, True)])
async def test_server_that_wants_other_settings_bars_us(user: str | None, *, starttls: bool) -> None:
    """Wrong password, missing login, or no encryption offered: the operator's to set, by name."""

    def nobody(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    async with _listening(Inbox(), authenticator=nobody, auth_require_tls=False, auth_required=True) as port:
        answer = await SmtpMailer(_server(port, user=user, starttls=starttls)).send(_to("ana@example.com"), _yes)
    assert isinstance(answer, Barred)
    assert "KINDLING_CONNECTOR_SMTP_" in answer.detail


@needs_login
async def test_login_with_the_right_password_is_let_in() -> None:
    """And then the letter goes."""

    def anybody(*_: object) -> AuthResult:
        return AuthResult(success=True)

    inbox = Inbox()
    async with _listening(inbox, authenticator=anybody, auth_require_tls=False, auth_required=True) as port:
        assert await SmtpMailer(_server(port, user="academy")).send(_to("ana@example.com"), _yes) == Accepted()
    assert inbox.letters == [_to("ana@example.com")]
