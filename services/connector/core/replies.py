"""What a server's final no means for the mail and for the address."""

import re
from datetime import datetime

from services.connector.core.values import BounceClass, Declined, End

ENHANCED = re.compile(r"\b5\.(\d{1,3})\.(\d{1,3})\b")  # RFC 3463, 2
POLICY = 7  # RFC 3463, 3.8: subject "security or policy"
CLASSES: dict[tuple[int, int], BounceClass] = {
    (1, 1): "hard",  # no such mailbox (RFC 3463, 3.2, as the others below)
    (1, 2): "hard",  # no such domain
    (1, 3): "hard",  # not an address
    (1, 6): "hard",  # moved, no new address known
    (1, 7): "block",  # the *sender's* address is at fault
    (1, 8): "block",  # the same
    (1, 10): "hard",  # the domain takes no mail (RFC 7505)
    (2, 1): "hard",  # mailbox disabled (RFC 3463, 3.3)
    (2, 2): "soft",  # mailbox full: the address exists
}
NO_SUCH_MAILBOX = {550, 553}  # RFC 5321, 4.2.3: to RCPT, where no enhanced code says more


def end_of(declined: Declined, at: datetime) -> End:
    """`bounced` where the no is about the recipient, else `failed`; the reason holds codes, never the server's text.

    The text of a server often repeats the address, which feedback must not carry.
    """
    found = ENHANCED.search(declined.text)
    enhanced = None if found is None else (int(found[1]), int(found[2]))
    bounce_class = _bounce_class(declined, enhanced)
    is_bounce = bounce_class is not None and declined.stage != "sender"
    suffix = "" if enhanced is None else f"_5.{enhanced[0]}.{enhanced[1]}"
    return End("bounced" if is_bounce else "failed", at, f"smtp_{declined.code}{suffix}", bounce_class)


def _bounce_class(declined: Declined, enhanced: tuple[int, int] | None) -> BounceClass | None:
    """`hard` only where the address is surely gone: a hard bounce suppresses it for every purpose."""
    if enhanced in CLASSES:
        return CLASSES[enhanced]
    if enhanced is not None and enhanced[0] == POLICY:
        return "block"
    if declined.stage != "recipient":
        return None
    if enhanced is not None:
        return "soft"
    return "hard" if declined.code in NO_SUCH_MAILBOX else "block"
