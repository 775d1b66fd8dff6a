"""A mail as MIME, or the reason why it cannot be one. The same mail and time give the same bytes."""

import re
from datetime import datetime
from email import policy
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from schemas.email import Mailbox, OutboundEmail
from schemas.identity import normalised_address
from services.connector.core.values import Letter, Refusal, RejectReason

LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,75}")
PRINTABLE = re.compile(r"[\x20-\x7e]{0,870}")  # SESv2's limit of a header's value, and below RFC 5322's 998
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
BARE_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ENCODED_WORD = "=?"  # RFC 2047; decoded again on the way it could hold a line break (CVE-2024-6923)
OURS = {"from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "return-path", "received", "mime-version"}
OURS_BY_PREFIX = ("content-", "resent-", "dkim-", "arc-")


class _Verbatim:
    """A header kept on one line: folding would turn a long List-Unsubscribe link into encoded words."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Take the value as it is; it is printable ASCII without a line break."""
        kwds["parse_tree"] = None
        kwds["decoded"] = value

    def fold(self, *, policy: Any) -> str:
        """The header as one line."""
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]  # BaseHeader, mixed in, has it


def letter(mail: OutboundEmail, at: datetime) -> Letter | Refusal:
    """The mail as it goes over the wire: multipart/alternative, text first, with all headers of the record.

    `at` becomes the Date header.
    """
    broken = _broken_header(mail) or _broken_content(mail)
    if broken is not None:
        return broken
    sender, recipient, reply_to = (_address(box) for box in (mail.sender, mail.to, Mailbox(address=mail.reply_to)))
    if sender is None or recipient is None or reply_to is None:
        return Refusal(RejectReason.BAD_ADDRESS, "expected plain addresses in from, to and reply_to")
    message = EmailMessage(policy.SMTP.clone(header_factory=_registry(mail.headers), cte_type="7bit"))
    message["From"] = sender
    message["To"] = recipient
    message["Reply-To"] = reply_to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    for name, value in _headers(mail, sender.domain).items():
        message[name] = value
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    # Quoted-printable writes "=" as "=3D", so this boundary can stand in no part.
    message.set_boundary(f"=_{mail.message_id}")
    return Letter(sender.addr_spec, recipient.addr_spec, message.as_bytes())


def dotted(content: bytes) -> bytes:
    """The content as DATA carries it: a leading dot doubled, and a line with one dot at the end (RFC 5321, 4.5.2)."""
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    return LEADING_DOT.sub(b"..", ended) + b".\r\n"


def _registry(headers: dict[str, str]) -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in [*headers, "Message-ID"]:
        registry.map_to_type(name, _Verbatim)  # type: ignore[arg-type]  # BaseHeader is mixed in by the registry
    return registry


def _headers(mail: OutboundEmail, domain: str) -> dict[str, str]:
    has_id = any(name.lower() == "message-id" for name in mail.headers)
    return dict(mail.headers) if has_id else {"Message-ID": f"<{mail.message_id}@{domain}>", **mail.headers}


def _broken_header(mail: OutboundEmail) -> Refusal | None:
    names = [name.lower() for name in mail.headers]
    if len(set(names)) != len(names):
        return Refusal(RejectReason.BAD_HEADER, "expected each header once")
    for name, value in mail.headers.items():
        if not HEADER_NAME.fullmatch(name) or name.lower() in OURS or name.lower().startswith(OURS_BY_PREFIX):
            return Refusal(RejectReason.BAD_HEADER, "expected header names a record may set")
        if not PRINTABLE.fullmatch(value) or ENCODED_WORD in value:
            return Refusal(RejectReason.BAD_HEADER, f"expected printable ASCII without encoded words in {name}")
    lines = {"subject": mail.subject, "from": mail.sender.name, "to": mail.to.name}
    for field, line in lines.items():
        if CONTROLS.search(line) or ENCODED_WORD in line or not _is_text(line):
            return Refusal(RejectReason.BAD_HEADER, f"expected one plain line in {field}")
    return None


def _broken_content(mail: OutboundEmail) -> Refusal | None:
    for field, body in (("text", mail.text), ("html", mail.html)):
        if not body.strip() or BARE_CONTROLS.search(body) or not _is_text(body):
            return Refusal(RejectReason.BAD_CONTENT, f"expected text without control characters in {field}")
    return None


def _is_text(value: str) -> bool:
    """False for a lone surrogate, which JSON can write and no mail can carry."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _address(mailbox: Mailbox) -> Address | None:
    """The mailbox with its domain in ASCII, or None; a local part keeps its case, which is its server's business."""
    normalised = normalised_address(mailbox.address)
    if normalised is None:
        return None
    local = mailbox.address.strip().rpartition("@")[0]
    local = local if local.isascii() else normalised.rpartition("@")[0]
    return Address(mailbox.name, local, normalised.rpartition("@")[2])
