"""Laws of the headers, for any business."""

from hypothesis import given
from hypothesis import strategies as st

from services.composer.core.headers import sender_id

HOSTS = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?", fullmatch=True)


@given(HOSTS)
def test_sender_id_is_one_that_gmail_reads(list_id: str) -> None:
    """5 to 15 characters, none of them a colon; the same list has the same one for ever."""
    made = sender_id(list_id)
    assert 5 <= len(made) <= 15
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert made == sender_id(list_id)


@given(st.sets(HOSTS, min_size=2, max_size=5))
def test_lists_have_ids_of_their_own(list_ids: set[str]) -> None:
    """Also where they begin alike."""
    assert len({sender_id(each) for each in list_ids}) == len(list_ids)
