"""What a no of a server means, row by row of the table."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.connector.core.replies import TABLE, Row, cause_of, end_of
from services.connector.core.values import Cause, Declined, End

AT = datetime(2026, 11, 3, tzinfo=UTC)
ADDRESS_ROWS = {"X.1.1", "X.1.2", "X.1.3", "X.1.6", "X.1.10", "556"}

CASES = {
    Declined("recipient", 550, "5.1.1 unknown user"): End("bounced", AT, "smtp_550_5.1.1", "hard"),
    Declined("recipient", 550, "5.1.2 no such domain"): End("bounced", AT, "smtp_550_5.1.2", "hard"),
    Declined("recipient", 553, "5.1.3 not an address"): End("bounced", AT, "smtp_553_5.1.3", "hard"),
    Declined("recipient", 551, "5.1.6 moved"): End("bounced", AT, "smtp_551_5.1.6", "hard"),
    Declined("recipient", 556, "5.1.10 null mx"): End("bounced", AT, "smtp_556_5.1.10", "hard"),
    Declined("recipient", 556, "takes no mail"): End("bounced", AT, "smtp_556", "hard"),
    Declined("recipient", 550, "no such user here"): End("bounced", AT, "smtp_550", "soft"),
    Declined("recipient", 550, "5.1.0 something of the address"): End("bounced", AT, "smtp_550_5.1.0", "soft"),
    Declined("recipient", 550, "5.9.9 nobody knows"): End("bounced", AT, "smtp_550_5.9.9", "soft"),
    Declined("recipient", 554, "go away"): End("bounced", AT, "smtp_554", "block"),
    Declined("recipient", 552, "5.2.2 mailbox full"): End("bounced", AT, "smtp_552_5.2.2", "soft"),
    Declined("recipient", 552, "over quota"): End("bounced", AT, "smtp_552", "soft"),
    Declined("recipient", 550, "5.3.2 not accepting"): End("bounced", AT, "smtp_550_5.3.2", "soft"),
    Declined("recipient", 550, "5.4.1 access denied"): End("bounced", AT, "smtp_550_5.4.1", "soft"),
    Declined("recipient", 501, "5.5.4 arguments"): End("bounced", AT, "smtp_501_5.5.4", "block"),
    Declined("recipient", 550, "5.6.0 media"): End("bounced", AT, "smtp_550_5.6.0", "block"),
    Declined("recipient", 550, "5.7.1 policy"): End("bounced", AT, "smtp_550_5.7.1", "block"),
    Declined("recipient", 550, "5.7.26 unauthenticated"): End("bounced", AT, "smtp_550_5.7.26", "block"),
    Declined("content", 550, "5.1.1 unknown user"): End("bounced", AT, "smtp_550_5.1.1", "hard"),
    Declined("content", 550, "5.2.1 mailbox disabled"): End("bounced", AT, "smtp_550_5.2.1", "soft"),
    Declined("content", 554, "5.7.1 spam"): End("bounced", AT, "smtp_554_5.7.1", "block"),
    Declined("content", 552, "5.3.4 too big"): End("failed", AT, "smtp_552_5.3.4"),
    Declined("content", 550, "no"): End("failed", AT, "smtp_550"),
    Declined("sender", 550, "5.7.1 not your domain"): End("failed", AT, "smtp_550_5.7.1", "block"),
    Declined("sender", 553, "5.1.8 bad sender"): End("failed", AT, "smtp_553_5.1.8", "block"),
    Declined("sender", 550, "5.1.1 of whom?"): End("failed", AT, "smtp_550_5.1.1"),
    Declined("sender", 550, "no"): End("failed", AT, "smtp_550"),
}


@pytest.mark.parametrize(("declined", "end"), CASES.items())
def test_a_no_is_read_by_stage_and_codes(declined: Declined, end: End) -> None:
    """`hard` only where the address is surely gone; whatever is said of the sender is no bounce."""
    assert end_of(declined, AT) == end


@pytest.mark.parametrize(
    ("code", "text", "cause"),
    [
        (451, "4.7.1 try again", Cause.GREYLISTED),
        (450, "4.7.1 try again", Cause.GREYLISTED),
        (451, "please come back", Cause.GREYLISTED),
        (451, "4.3.0 disk", Cause.SYSTEM),
        (450, "4.2.2 full", Cause.MAILBOX),
        (450, "busy", Cause.MAILBOX),
        (421, "4.4.2 timeout", Cause.ROUTING),
        (421, "closing", Cause.SYSTEM),
        (454, "4.7.0 not now", Cause.POLICY),
        (499, "", Cause.OTHER),
        (299, "well", Cause.OTHER),
    ],
)
def test_a_no_for_now_has_its_cause(code: int, text: str, cause: Cause) -> None:
    """Greylisting is told apart from a full mailbox and from a server in trouble."""
    assert cause_of(code, text) is cause


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.code)
def test_row_of_the_table_decides_for_its_code(row: Row) -> None:
    """Each row is met by its own code, whatever the words, and says where it is from."""
    if row.code.isdigit():
        assert cause_of(int(row.code), "mailbox 5.1.1 full, unknown user, greylisted") is row.cause
    else:
        digit = row.code[0].replace("X", "5")
        code = row.code.replace("X", digit) + (".99" if row.code.count(".") == 1 else "")
        assert cause_of(int(digit) * 100 + 50, f"{code} greylisted 4.7.1") is row.cause
    assert re.match(r"RFC \d{4}, \d", row.source)


def test_table_has_each_code_once() -> None:
    """A second row of a code would never be met."""
    assert len({row.code for row in TABLE}) == len(TABLE)


def test_only_codes_that_say_so_call_an_address_gone() -> None:
    """The rows that suppress, all of them: one more is a decision, never a slip."""
    assert {row.code for row in TABLE if row.cause is Cause.ADDRESS} == ADDRESS_ROWS


@pytest.mark.parametrize("text", ["4.1.1 unknown user", "2.1.5 fine", "see 5.1.1", "5.1.1.1 no code", "5.1.1x"])
def test_code_that_contradicts_or_stands_elsewhere_suppresses_nobody(text: str) -> None:
    """An enhanced code has the basic one's first digit and stands first, or it is none (RFC 2034, 4)."""
    assert end_of(Declined("recipient", 550, text), AT).bounce_class == "soft"


@settings(deadline=None)
@given(st.integers(500, 599), st.text(alphabet=st.characters(exclude_categories=["Nd", "Cs"]), max_size=80))
def test_words_of_a_server_decide_nothing(code: int, words: str) -> None:
    """Whatever stands after the codes, the end is that of the codes."""
    assert end_of(Declined("recipient", code, words), AT) == end_of(Declined("recipient", code, ""), AT)
    coded = end_of(Declined("recipient", 550, f"5.1.1 {words} 5.7.1"), AT)
    assert coded == End("bounced", AT, "smtp_550_5.1.1", "hard")
