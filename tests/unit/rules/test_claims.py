"""The table of claims: each cell as it is meant to be, written by hand, and the same in `SECURITY.md`."""

from pathlib import Path

import pytest

from schemas.speaker import SPEAKERS, Speaker
from services.rules.claims import TABLE, Claim, Hearing, hearing, is_heard

SECURITY = Path("SECURITY.md")
HEAD = (
    "| what is said | browser of a visitor | browser of a known id | browser with an address alone | link of a mail "
    "| connector | server | operator |"
)
COLUMNS = (
    Speaker.ANONYMOUS_BROWSER, Speaker.KNOWN_BROWSER, Speaker.ADDRESS_BROWSER, Speaker.SIGNED_LINK, Speaker.CONNECTOR,
    Speaker.SERVER, Speaker.OPERATOR,
)  # fmt: skip
NO, OWN, DOUBT, LOOSE, YES = "no", "of the speaker alone", "a doubt", "unproven", "proven"
LINKED = "where the browser is linked to the person, else a doubt"
EXPECTED = {
    "what somebody did": (OWN, OWN, NO, NO, NO, YES, YES),
    "a conversion": (NO, NO, NO, NO, NO, YES, YES),
    "that an anonymous visitor is a known person": (NO, OWN, NO, NO, NO, YES, YES),
    "that two known persons are one": (NO, NO, NO, NO, NO, YES, YES),
    "a person's address": (LOOSE, LOOSE, NO, NO, NO, YES, YES),
    "another address than the one that is known": (DOUBT, DOUBT, NO, NO, NO, YES, YES),
    "a person's name": (NO, NO, NO, NO, NO, YES, YES),
    "what a person is, wants, speaks": (LOOSE, LOOSE, NO, YES, NO, YES, YES),
    "consent": (LOOSE, LOOSE, NO, NO, NO, YES, YES),
    "that consent is withdrawn": (OWN, LINKED, DOUBT, YES, NO, YES, YES),
    "a complaint, a bounce, an unsubscription": (NO, NO, NO, YES, YES, YES, YES),
    "that mail is to pause for a while": (NO, NO, NO, YES, NO, NO, NO),
    "that a mail was sent, opened, clicked": (NO, NO, NO, NO, YES, YES, YES),
    "an opt-out, an erasure, an export": (NO, NO, NO, YES, NO, NO, YES),
    "that a refusal is lifted": (NO, NO, NO, NO, NO, NO, YES),
    "what the business has published": (NO, NO, NO, NO, NO, YES, YES),
}


@pytest.mark.parametrize("claim", Claim)
def test_each_cell_is_as_it_was_meant(claim: Claim) -> None:
    """Speaker by speaker; a claim that is not written here is heard of nobody."""
    assert tuple(hearing(claim, each).value for each in COLUMNS) == EXPECTED[claim.value]


def test_security_shows_the_table() -> None:
    """Row by row as above, in the order of the claims, and nothing else."""
    lines = SECURITY.read_text(encoding="utf-8").splitlines()
    start = lines.index(HEAD) + 2
    end = next(place for place in range(start, len(lines)) if not lines[place].startswith("|"))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:end]]
    assert [(row[0], tuple(row[1:])) for row in rows] == [*EXPECTED.items()]
    assert [each.value for each in Claim] == [*EXPECTED]


def test_every_speaker_has_a_row() -> None:
    """A new speaker is no error: it has to be given one."""
    assert TABLE.keys() == set(SPEAKERS) == set(COLUMNS)


def test_what_is_doubted_or_not_heard_changes_nothing() -> None:
    """All else does."""
    silent = {Hearing.NEVER, Hearing.DOUBT}
    assert all(is_heard(claim, who) is (hearing(claim, who) not in silent) for claim in Claim for who in SPEAKERS)


def test_no_browser_proves_anything() -> None:
    """A write key is public."""
    assert not any(hearing(claim, who) is Hearing.PROVEN for claim in Claim for who in SPEAKERS if who.is_browser)
