"""What a final no of a server means."""

from datetime import UTC, datetime

import pytest

from services.connector.core.replies import end_of
from services.connector.core.values import Declined, End

AT = datetime(2026, 11, 3, tzinfo=UTC)


CASES = {
    Declined("recipient", 550, "5.1.1 unknown user"): End("bounced", AT, "smtp_550_5.1.1", "hard"),
    Declined("recipient", 550, "no such user here"): End("bounced", AT, "smtp_550", "hard"),
    Declined("recipient", 554, "go away"): End("bounced", AT, "smtp_554", "block"),
    Declined("recipient", 552, "5.2.2 mailbox full"): End("bounced", AT, "smtp_552_5.2.2", "soft"),
    Declined("recipient", 550, "5.4.1 access denied"): End("bounced", AT, "smtp_550_5.4.1", "soft"),
    Declined("recipient", 550, "5.7.1 policy"): End("bounced", AT, "smtp_550_5.7.1", "block"),
    Declined("content", 550, "5.2.1 mailbox disabled"): End("bounced", AT, "smtp_550_5.2.1", "hard"),
    Declined("content", 554, "5.7.1 spam"): End("bounced", AT, "smtp_554_5.7.1", "block"),
    Declined("content", 552, "5.3.4 too big"): End("failed", AT, "smtp_552_5.3.4"),
    Declined("content", 554, "no"): End("failed", AT, "smtp_554"),
    Declined("sender", 550, "5.7.1 not your domain"): End("failed", AT, "smtp_550_5.7.1", "block"),
    Declined("sender", 553, "5.1.8 bad sender"): End("failed", AT, "smtp_553_5.1.8", "block"),
    Declined("sender", 550, "no"): End("failed", AT, "smtp_550"),
}


@pytest.mark.parametrize(("declined", "end"), CASES.items())
def test_a_no_is_read_by_stage_and_codes(declined: Declined, end: End) -> None:
    """`hard` only where the address is gone; whatever is said of the sender is no bounce."""
    assert end_of(declined, AT) == end
