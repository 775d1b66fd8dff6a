"""Where a partition is read on, by what is committed and what the broker still has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.errors import Ended, Status
from services.runtime.log_identity import Log, start_of

OFFSETS = st.integers(0, 1_000)
LOGS = st.tuples(OFFSETS, OFFSETS).map(lambda pair: Log("kindling.a.v1", 2, min(pair), max(pair)))
LOG = Log("kindling.a.v1", 2, beginning=10, end=20)


@pytest.mark.parametrize("committed", [10, 15, 20])
@pytest.mark.parametrize("accepts_gap", [True, False])
def test_an_offset_that_is_still_there_is_read_on_at(committed: int, *, accepts_gap: bool) -> None:
    """From the first record to behind the last one, whatever is accepted."""
    assert start_of(LOG, committed, accepts_gap=accepts_gap) == committed


def test_a_group_that_never_committed_begins_at_the_beginning() -> None:
    """Whatever was deleted before was never promised to it."""
    assert start_of(LOG, None, accepts_gap=False) == 10


@pytest.mark.parametrize(
    ("committed", "said"),
    [
        (9, r"kindling\.a\.v1/2: offsets 9 to 9 are gone unread .*KINDLING_ACCEPT_GAP=true.* offset 10$"),
        (0, r"offsets 0 to 9 are gone unread"),
        (21, r"the log ends at 20, before the committed offset 21: the topic was made anew or cut off\. Start once"),
    ],
)
def test_an_offset_out_of_the_log_ends_the_process(committed: int, said: str) -> None:
    """76, with what happened and what to do; once accepted, all that is there is read."""
    with pytest.raises(Ended, match=said) as ended:
        start_of(LOG, committed, accepts_gap=False)
    assert ended.value.status is Status.GAP
    assert start_of(LOG, committed, accepts_gap=True) == 10


def test_the_setting_to_accept_it_is_the_services_own() -> None:
    """Each service has its own, so that one is accepted at a time."""
    with pytest.raises(Ended, match="KINDLING_INGEST_ACCEPT_GAP=true"):
        start_of(LOG, 0, accepts_gap=False, setting="KINDLING_INGEST_ACCEPT_GAP")


@given(log=LOGS, committed=st.none() | OFFSETS, accepts_gap=st.booleans())
def test_no_record_is_ever_passed_over_in_silence(log: Log, committed: int | None, *, accepts_gap: bool) -> None:
    """Where it begins is in the log; it is the committed offset, or the beginning of what nobody is promised."""
    try:
        start = start_of(log, committed, accepts_gap=accepts_gap)
    except Ended:
        assert not accepts_gap
        assert committed is not None
        assert not log.beginning <= committed <= log.end
    else:
        assert log.beginning <= start <= log.end
        assert start == committed or (start == log.beginning and (committed is None or accepts_gap))
