"""The bytes of a mail, and the mails that can have none."""

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from schemas.email import OutboundEmail
from services.connector.core.mime import dotted, letter
from services.connector.core.values import Letter, Refusal, RejectReason

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
Build = Callable[..., OutboundEmail]


def _letter(mail: OutboundEmail) -> Letter:
    built = letter(mail, AT)
    assert isinstance(built, Letter)
    return built


def _read(mail: OutboundEmail) -> EmailMessage:
    return message_from_bytes(_letter(mail).content, policy=policy.default)


def test_mail_has_text_first_and_html_after_it(mail: Build) -> None:
    """A reader shows the last part it can: text stands first."""
    read = _read(mail(text="Hello Ana\n", html='<p lang="es">Hola, ñandú</p>'))
    assert read.get_content_type() == "multipart/alternative"
    plain, html = read.iter_parts()
    assert (plain.get_content_type(), plain.get_content()) == ("text/plain", "Hello Ana\r\n")
    assert (html.get_content_type(), html.get_content().strip()) == ("text/html", '<p lang="es">Hola, ñandú</p>')


def test_headers_say_who_to_whom_and_when(mail: Build) -> None:
    """Names with commas and accents are names, never further addresses."""
    read = _read(mail(to={"address": "ana@example.com", "name": "Añá, eve@example.com"}, subject="¿Qué sigue?"))
    (to,) = read["To"].addresses
    assert (to.addr_spec, to.display_name) == ("ana@example.com", "Añá, eve@example.com")
    assert str(read["From"]) == "Academy <hello@academy.example.com>"
    assert (read["Reply-To"], read["Subject"]) == ("hello@academy.example.com", "¿Qué sigue?")
    assert read["Date"] == "Tue, 03 Nov 2026 12:00:00 +0000"


def test_long_unsubscribe_link_stays_whole(mail: Build) -> None:
    """A folded link would become encoded words, and no mailbox provider would find it."""
    link = f"<https://track.academy.example.com/u/{'a' * 400}>"
    content = _letter(mail(headers={"List-Unsubscribe": link})).content
    assert f"List-Unsubscribe: {link}\r\n".encode() in content


def test_message_id_is_the_records_or_made_of_its_id(mail: Build) -> None:
    """Either way a redo has the same one."""
    assert _read(mail(headers={"Message-ID": "<x@example.com>"}))["Message-ID"] == "<x@example.com>"
    assert _read(mail(headers={}))["Message-ID"] == "<a1b2c3d4-0000-5000-8000-000000000001@academy.example.com>"


def test_signature_line_keeps_its_space(mail: Build) -> None:
    """Trailing blanks may be lost on the way (RFC 2045, 6.7): it travels as `=20`, and no part is flowed."""
    built = mail(text="Hello\n\n-- \nAcademy\n")
    assert b"\r\n--=20\r\n" in _letter(built).content
    assert b"format=flowed" not in _letter(built).content
    plain, _ = _read(built).iter_parts()
    assert plain.get_content() == "Hello\r\n\r\n-- \r\nAcademy\r\n"


def test_same_mail_gives_the_same_bytes(mail: Build) -> None:
    """No random boundary: what was sent can be told again."""
    assert _letter(mail()) == _letter(mail())
    assert _letter(mail()).content.isascii()


def test_envelope_carries_the_domain_in_ascii(mail: Build) -> None:
    """A domain of another script goes in its IDNA form; the local part keeps its case."""
    assert _letter(mail(to={"address": "Ana@bücher.example"})).recipient == "Ana@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "headers",
    [
        {"Bcc": "eve@example.com"},
        {"subject": "two"},
        {"Content-Type": "text/html"},
        {"X-A": "1", "x-a": "2"},
        {"X A": "1"},
        {"X-A\r\nBcc": "eve@example.com"},
        {"X-A": "=?utf-8?q?=0ABcc=3A_eve=40example.com?="},
    ],
)
def test_headers_that_could_steer_the_mail_are_refused(mail: Build, headers: dict[str, str]) -> None:
    """Structural, doubled, malformed and encoded headers."""
    built = letter(mail(headers=headers), AT)
    assert isinstance(built, Refusal)
    assert built.reason is RejectReason.BAD_HEADER


@pytest.mark.parametrize(
    "line", ["a\r\nBcc: eve@example.com", "a\x0bb", "a\u2028b", "a\x85b", "=?utf-8?q?=0A?=", "\ud800"]
)
@pytest.mark.parametrize("field", ["subject", "to", "sender"])
def test_lines_that_break_are_refused(mail: Build, field: str, line: str) -> None:
    """What the schema would refuse is refused here again, and what it lets through, too."""
    whole = mail()
    changed: Any = line if field == "subject" else getattr(whole, field).model_copy(update={"name": line})
    built = letter(whole.model_copy(update={field: changed}), AT)
    assert isinstance(built, Refusal)
    assert built.reason is RejectReason.BAD_HEADER


def test_header_value_out_of_ascii_is_refused(mail: Build) -> None:
    """The schema keeps to printable ASCII; so does this."""
    built = letter(mail().model_copy(update={"headers": {"X-A": "ñ"}}), AT)
    assert isinstance(built, Refusal)
    assert built.reason is RejectReason.BAD_HEADER


@pytest.mark.parametrize(
    "address", ["ana", "ana@localhost", '"a b"@example.com', "a@b.example, c@d.example", "<a@b.example>"]
)
@pytest.mark.parametrize("field", ["to", "from", "reply_to"])
def test_anything_but_one_plain_address_is_refused(mail: Build, field: str, address: str) -> None:
    """No list, no quotes, no brackets."""
    built = letter(mail(**{field: address if field == "reply_to" else {"address": address}}), AT)
    assert isinstance(built, Refusal)
    assert built.reason is RejectReason.BAD_ADDRESS


@pytest.mark.parametrize("field", ["text", "html"])
@pytest.mark.parametrize("body", ["", " \n", "a\x00b", "a\x1bb"])
def test_empty_or_binary_content_is_refused(mail: Build, field: str, body: str) -> None:
    """A mail has both parts, and they are text."""
    built = letter(mail(**{field: body}), AT)
    assert isinstance(built, Refusal)
    assert built.reason is RejectReason.BAD_CONTENT


def test_local_part_out_of_ascii_is_refused(mail: Build) -> None:
    """Few servers speak SMTPUTF8; no address with such a local part is taken at the front either."""
    assert isinstance(letter(mail(to={"address": "añá@example.com"}), AT), Refusal)


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        (b".a\r\n..b\r\nc.\r\n", b"..a\r\n...b\r\nc.\r\n.\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
    ],
)
def test_leading_dots_are_doubled_and_one_ends_the_content(content: bytes, sent: bytes) -> None:
    """RFC 5321, 4.5.2; a last line without its end gets one."""
    assert dotted(content) == sent
