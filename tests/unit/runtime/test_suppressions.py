"""Which unreadable suppression the operator means, and what is said of each."""

import pytest

from services.runtime.outcome import Misconfigured
from services.runtime.suppression_doubts import Doubt
from services.runtime.suppressions import chosen, lines

ANA = Doubt(0, 4, b"a1|marketing", "a1", "expected a suppression")
BROKEN = Doubt(1, 7, b"\xff|x", None, "expected a suppression")
KEYLESS = Doubt(2, 9, None, None, "expected a suppression")
STANDING = (ANA, BROKEN, KEYLESS)


@pytest.mark.parametrize(
    ("key", "at", "doubt"),
    [("a1|marketing", None, ANA), (None, "0/4", ANA), ("\\xff|x", None, BROKEN), (None, "1/7", BROKEN)],
)
def test_doubt_is_named_by_key_or_place(key: str | None, at: str | None, doubt: Doubt) -> None:
    """As the list shows both."""
    assert chosen(STANDING, key, at) == doubt


@pytest.mark.parametrize(("key", "at"), [("b2|marketing", None), (None, "0/5"), ("a1", None)])
def test_what_can_be_read_is_not_forgotten(key: str | None, at: str | None) -> None:
    """A tombstone would let compaction take a refusal away."""
    with pytest.raises(Misconfigured, match="nothing was written"):
        chosen(STANDING, key, at)


def test_record_without_a_key_has_no_tombstone() -> None:
    """A tombstone names a key."""
    with pytest.raises(Misconfigured, match="has no key"):
        chosen(STANDING, None, "2/9")


def test_key_in_two_partitions_is_named_by_its_place() -> None:
    """Each partition needs a tombstone of its own."""
    twin = Doubt(2, 1, ANA.key, "a1", ANA.reason)
    with pytest.raises(Misconfigured, match="unreadable at 0/4, 2/1"):
        chosen((ANA, twin), "a1|marketing", None)
    assert chosen((ANA, twin), None, "2/1") == twin


def test_list_says_place_key_and_effect() -> None:
    """One line each, and how many."""
    assert list(lines(STANDING)) == [
        "0/4 a1|marketing refuses every mail of its address: expected a suppression",
        "1/7 \\xff|x names no address: expected a suppression",
        "2/9 - names no address: expected a suppression",
        "suppressions: 3 cannot be read",
    ]
