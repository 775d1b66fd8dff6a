"""What stands of a switch after each record of `control`."""

from datetime import UTC, datetime

from schemas.control import MAIL, Standing, SwitchSet, standing_after

KEY = MAIL.encode()
NEVER_SET = Standing()


def _set(*, is_paused: bool, switch: str = MAIL) -> SwitchSet:
    return SwitchSet(switch=switch, is_paused=is_paused, at=datetime(2026, 11, 3, tzinfo=UTC), by="on call")


def test_a_switch_that_nobody_set_pauses_nothing() -> None:
    """Mail goes from the first day on."""
    assert not NEVER_SET.is_paused


def test_the_last_record_of_its_key_stands() -> None:
    """As compaction keeps it."""
    paused = standing_after(NEVER_SET, MAIL, KEY, _set(is_paused=True))
    assert paused.is_paused
    assert not standing_after(paused, MAIL, KEY, _set(is_paused=False)).is_paused


def test_a_record_of_another_key_changes_nothing() -> None:
    """A switch of a later version is none of ours, readable or not."""
    paused = standing_after(NEVER_SET, MAIL, KEY, _set(is_paused=True))
    for key in (None, b"", b"letters", b"\xff"):
        assert standing_after(paused, MAIL, key, _set(is_paused=False)) is paused
        assert standing_after(NEVER_SET, MAIL, key, "no JSON") is NEVER_SET


def test_a_record_that_nobody_can_read_pauses() -> None:
    """Until the next one of its key, or its tombstone: nothing is lost meanwhile, and nothing goes that was not to."""
    doubt = standing_after(NEVER_SET, MAIL, KEY, "no JSON")
    assert (doubt.is_paused, doubt.doubt) == (True, "no JSON")
    assert standing_after(doubt, MAIL, KEY, None) == NEVER_SET
    assert standing_after(doubt, MAIL, KEY, _set(is_paused=False)).said == _set(is_paused=False)


def test_a_record_that_names_another_switch_than_its_key_pauses() -> None:
    """Nobody knows which one was meant."""
    doubt = standing_after(NEVER_SET, MAIL, KEY, _set(is_paused=False, switch="letters"))
    assert (doubt.is_paused, "letters" in doubt.doubt) == (True, True)
