"""What a server's no means for the mail and for the address: by its codes, never by its words.

One table; the first row that fits decides: the enhanced code, its subject, the basic code, the first digit.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.connector.core.values import BounceClass, Cause, Declined, End, Stage

ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?![\w.])")  # RFC 2034, 4: it stands before the text


@dataclass(frozen=True, slots=True)
class Row:
    """One code and its cause; `source` is an RFC's section.

    An enhanced code begins with `4.` where only that digit fits, else with `X.`; one without a detail is a subject.
    """

    code: str
    cause: Cause
    source: str


TABLE = (
    Row("X.1.1", Cause.ADDRESS, "RFC 3463, 3.2: no such mailbox"),
    Row("X.1.2", Cause.ADDRESS, "RFC 3463, 3.2: no such domain, or it takes no mail"),
    Row("X.1.3", Cause.ADDRESS, "RFC 3463, 3.2: not an address"),
    Row("X.1.6", Cause.ADDRESS, "RFC 3463, 3.2: moved, no new address known"),
    Row("X.1.7", Cause.POLICY, "RFC 3463, 3.2: the sender's address is at fault"),
    Row("X.1.8", Cause.POLICY, "RFC 3463, 3.2: the sender's domain is at fault"),
    Row("X.1.10", Cause.ADDRESS, "RFC 7505, 4.2: the domain says that it takes no mail"),
    Row("X.2", Cause.MAILBOX, "RFC 3463, 3.3: disabled, full, mail too long for it; disabled may end again"),
    Row("X.3", Cause.SYSTEM, "RFC 3463, 3.4: full, not accepting, message too big"),
    Row("X.4", Cause.ROUTING, "RFC 3463, 3.5: no answer, no route, congestion, a loop, too late"),
    Row("X.5", Cause.PROTOCOL, "RFC 3463, 3.6: command, syntax, arguments, too many recipients"),
    Row("X.6", Cause.CONTENT, "RFC 3463, 3.7: media, conversion"),
    Row(
        "4.7.1", Cause.GREYLISTED, "RFC 3463, 3.8: refused, useful only for good; for now it is how RFC 6647 is spoken"
    ),
    Row("X.7", Cause.POLICY, "RFC 3463, 3.8, and RFC 7372, 3: not allowed, not authenticated"),
    Row("451", Cause.GREYLISTED, "RFC 5321, 4.2.3: local error; without more words as a rule greylisting, RFC 6647, 2"),
    Row("450", Cause.MAILBOX, "RFC 5321, 4.2.3: mailbox busy, or blocked for now"),
    Row("452", Cause.SYSTEM, "RFC 5321, 4.2.3: storage, or too many recipients (4.5.3.1.10)"),
    Row("421", Cause.SYSTEM, "RFC 5321, 4.2.3: closing"),
    Row("500", Cause.PROTOCOL, "RFC 5321, 4.2.2: command unknown, or line too long"),
    Row("501", Cause.PROTOCOL, "RFC 5321, 4.2.2: syntax of arguments"),
    Row("502", Cause.PROTOCOL, "RFC 5321, 4.2.2: command not there"),
    Row("503", Cause.PROTOCOL, "RFC 5321, 4.2.2: out of order"),
    Row("504", Cause.PROTOCOL, "RFC 5321, 4.2.2: parameter not there"),
    Row("521", Cause.SYSTEM, "RFC 7504, 3: this host takes no mail; another of the domain may"),
    Row("550", Cause.OTHER, "RFC 5321, 4.2.3: no such mailbox, no access, or policy: it does not say which"),
    Row("551", Cause.OTHER, "RFC 5321, 4.2.3: not local; it may live elsewhere"),
    Row("552", Cause.MAILBOX, "RFC 5321, 4.2.3: over its storage"),
    Row("553", Cause.OTHER, "RFC 5321, 4.2.3: name not allowed; servers say it of relaying too"),
    Row("554", Cause.POLICY, "RFC 5321, 4.2.3: transaction failed, which is not about the address"),
    Row("555", Cause.PROTOCOL, "RFC 5321, 4.2.2: parameters not known"),
    Row("556", Cause.ADDRESS, "RFC 7504, 4: the domain takes no mail"),
)
_CAUSE: Mapping[str, Cause] = {row.code: row.cause for row in TABLE}

ANYWHERE: Mapping[Cause, BounceClass] = {Cause.ADDRESS: "hard", Cause.MAILBOX: "soft", Cause.POLICY: "block"}
TO_RECIPIENT: Mapping[Cause, BounceClass] = {
    **ANYWHERE,
    Cause.ROUTING: "soft",
    Cause.SYSTEM: "soft",
    Cause.OTHER: "soft",
    Cause.PROTOCOL: "block",
    Cause.CONTENT: "block",
}


def cause_of(code: int, text: str) -> Cause:
    """What the reply is about. An enhanced code of another first digit than the basic one leaves it open."""
    digit, found = str(code)[0], ENHANCED.match(text)
    if found is None:
        return _CAUSE.get(str(code), Cause.OTHER)
    if found[1] != digit:
        return Cause.OTHER
    subject, detail = int(found[2]), int(found[3])
    codes = (f"{digit}.{subject}.{detail}", f"X.{subject}.{detail}", f"X.{subject}")
    return next((_CAUSE[each] for each in codes if each in _CAUSE), Cause.OTHER)


def end_of(declined: Declined, at: datetime) -> End:
    """`bounced` where the no is about the recipient, else `failed`; the reason holds codes, never the server's text.

    The text of a server often repeats the address, which feedback must not carry.
    """
    found = ENHANCED.match(declined.text)
    suffix = "" if found is None else f"_{found[0]}"
    bounce_class = _bounce_class(declined.stage, cause_of(declined.code, declined.text))
    is_bounce = bounce_class is not None and declined.stage != "sender"
    return End("bounced" if is_bounce else "failed", at, f"smtp_{declined.code}{suffix}", bounce_class)


def _bounce_class(stage: Stage, cause: Cause) -> BounceClass | None:
    """`hard` only where the address is surely gone: a hard bounce suppresses it for every purpose."""
    if stage == "sender":
        return "block" if cause is Cause.POLICY else None
    return (TO_RECIPIENT if stage == "recipient" else ANYWHERE).get(cause)
