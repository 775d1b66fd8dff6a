"""The values of one send: the letter, what the server answered, what the ledger holds, how the mail ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

BounceClass: TypeAlias = Literal["hard", "soft", "block"]
EndWord: TypeAlias = Literal["delivered", "failed", "bounced", "not_sent", "unknown"]
Tls: TypeAlias = Literal["none", "starttls", "implicit"]
Stage: TypeAlias = Literal["sender", "recipient", "content"]


class RejectReason(StrEnum):
    """Why a record is no mail that anybody may send."""

    BAD_SIGNATURE = "bad_signature"
    BAD_HEADER = "bad_header"
    BAD_ADDRESS = "bad_address"
    BAD_CONTENT = "bad_content"


class Cause(StrEnum):
    """What a no is about."""

    ADDRESS = "address"  # the address is gone, or none
    MAILBOX = "mailbox"  # it is there, and takes nothing now
    POLICY = "policy"  # the server does not want this sender or this mail
    GREYLISTED = "greylisted"  # the server wants to be asked again
    ROUTING = "routing"  # the way to it
    SYSTEM = "system"  # the server itself
    PROTOCOL = "protocol"  # how we speak
    CONTENT = "content"  # what the mail is made of
    OTHER = "other"  # nobody knows


BROKEN_OFF = "broken_off"  # the cause where no word came


class NoSend(StrEnum):
    """Why a mail did not go, or why nobody can say."""

    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    UNKNOWN_AFTER_RESTART = "unknown_after_restart"
    UNKNOWN_AFTER_LOSS = "unknown_after_loss"


class Wait(StrEnum):
    """Why a mail is set aside, beside what a server's no is about."""

    NOT_BEFORE = "not_before"
    DOMAIN_SLOWED = "domain_slowed"
    SUPPRESSIONS_UNREAD = "suppressions_unread"
    BROKEN_OFF = "broken_off"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The record is broken for good; `detail` names the field, never its value."""

    reason: RejectReason
    detail: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes over the wire: envelope and the message's bytes, CRLF line ends, 7 bit."""

    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took the letter: from here on it is the server's."""


@dataclass(frozen=True, slots=True)
class Declined:
    """The server said no for good (5xx), at this stage."""

    stage: Stage
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Away:
    """The server takes nothing now: no connection, or a 4xx before a recipient was named. No recipient is at fault."""

    detail: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """The server did not take this recipient, and may later: 4xx, or broken off before the content.

    `cause`: what a 4xx is about; None where no word came.
    """

    detail: str
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection broke after the content began: taken or not, nobody knows."""

    detail: str


@dataclass(frozen=True, slots=True)
class Held:
    """We let the content not begin: the server has nothing of this letter."""


@dataclass(frozen=True, slots=True)
class Barred:
    """The server does not let *us* in: credentials or encryption are the operator's to set."""

    detail: str


Answer: TypeAlias = Accepted | Declined | Deferred | Lost | Held | Barred | Away


@dataclass(frozen=True, slots=True)
class Taken:
    """The id was free and is ours now."""


@dataclass(frozen=True, slots=True)
class Open:
    """The id was claimed before and never ended: its mail may have gone."""


@dataclass(frozen=True, slots=True)
class End:
    """How a mail ended, and when; what a redo reports again."""

    word: EndWord
    at: datetime
    reason: str | None = None
    bounce_class: BounceClass | None = None


@dataclass(frozen=True, slots=True)
class Unsure:
    """A mail of which nobody knows whether it went; instants as ISO 8601, UTC."""

    message_id: str
    claimed_at: str
    ended_at: str
    reason: str


Standing: TypeAlias = Taken | Open | End
