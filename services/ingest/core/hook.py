"""The webhooks of ESPs: whose they are, by which proofs each is known, and one call of one.

Source: Anymail 15.2, `anymail/webhooks`, and what each ESP publishes of its webhooks.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.ingest.core.rates import Rate
from services.ingest.core.reasons import Reason, Refused

MAX_HOOK_BYTES = 1_000_000  # SendGrid sends a batch once it has 768 KB; before and after decompression
MAX_EVENTS = 10_000  # of one call of an ESP; SendGrid's shortest has 150 bytes, Mandrill sends 1,000 at most
MAX_RECORDS = 500  # of one call of our own form


class Esp(StrEnum):
    """Whose webhook it is, by the word in its path; the last is our own form."""

    AMAZON_SES = "amazon_ses"
    BREVO = "brevo"
    MAILERSEND = "mailersend"
    MAILGUN = "mailgun"
    MAILJET = "mailjet"
    MAILTRAP = "mailtrap"
    MANDRILL = "mandrill"
    POSTAL = "postal"
    POSTMARK = "postmark"
    RESEND = "resend"
    SENDGRID = "sendgrid"
    SPARKPOST = "sparkpost"
    UNISENDER_GO = "unisender_go"
    KINDLING = "kindling"


SIGNING = frozenset(Esp) - {Esp.BREVO, Esp.MAILJET, Esp.POSTMARK, Esp.SPARKPOST, Esp.KINDLING}
HEADERS = (
    "authorization",
    "content-encoding",
    "content-type",
    "mailtrap-signature",
    "signature",
    "svix-id",
    "svix-signature",
    "svix-timestamp",
    "x-kindling-signature",
    "x-mandrill-signature",
    "x-postal-signature",
    "x-postal-signature-256",
    "x-twilio-email-event-webhook-signature",
    "x-twilio-email-event-webhook-timestamp",
)


@dataclass(frozen=True, slots=True)
class Hook:
    """What the operator says of one ESP's webhook; of several secrets or passwords each one counts.

    `secrets` are keys of HMACs, or public keys in PEM's base64. `basic` are `user:password`. `topics` are ARNs of SNS:
    Amazon signs for every customer alike, so its signature alone proves nobody. `url` is what Mandrill was told.
    """

    esp: Esp
    rate: Rate
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    basic: tuple[bytes, ...] = field(default=(), repr=False)
    topics: frozenset[str] = frozenset()
    url: str = ""


@dataclass(frozen=True, slots=True)
class HookCall:
    """One request to a webhook: its headers of `HEADERS` in lower case, and its body without its encoding."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def refuse_password(hook: Hook, authorization: str) -> None:
    """Let a request pass that names one of the hook's passwords, or whose hook has none.

    Raises:
        Refused: it names none of them.
    """
    if hook.basic and not is_one_of(_credentials(authorization), hook.basic):
        raise Refused(Reason.BAD_SIGNATURE, "expected Basic with the name and password of this webhook")


def is_one_of(claimed: bytes, allowed: Iterable[bytes]) -> bool:
    """True if the text is one of these; each is compared, in constant time."""
    found = False
    for each in allowed:
        found |= hmac.compare_digest(claimed, each)
    return found


def _credentials(authorization: str) -> bytes:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(credentials.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
