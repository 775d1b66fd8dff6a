"""The fold of courses.signals keeps its laws, whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode, encode
from schemas.standing import Outcome, Taken, row_key
from schemas.topics import CATALOG_STANDING
from services.recommender.core.statistics_fold import State, fold, restore, rows

COURSES = ("a", "b", "c", "d")
TOPICS = {"a": ("x",), "b": ("x", "y"), "c": ()}
times = st.integers(0, 4_000_000_000_000)
course = st.sampled_from(COURSES)
words = st.sampled_from(("nothing", "clicked", "converted", "refused"))
taken = st.builds(Taken, course_id=course, earlier=st.lists(course, max_size=6).map(tuple),
                  later=st.lists(course, max_size=2).map(tuple), occurred_ms=times)  # fmt: skip
outcome = st.builds(Outcome, course_id=course, word=words,
                    was=st.none() | words, occurred_ms=times)  # fmt: skip
signals = st.lists(taken | outcome, max_size=20)


def _on(state: State, said: list[Taken | Outcome]) -> State:
    for each in said:
        fold(state, each, TOPICS)
    return state


@given(signals, signals)
def test_a_restart_changes_nothing(before: list[Taken | Outcome], after: list[Taken | Outcome]) -> None:
    """The rows as they are on the wire give the state to the last bit, and folding goes on as if nothing had been."""
    state = _on(State(), before)
    wire = [encode(CATALOG_STANDING, each) for each in rows(state, state.keys)]
    again = restore([decode(CATALOG_STANDING, each) for each in wire])
    assert again == state
    assert _on(again, after) == _on(state, after)


@given(signals, signals)
def test_touched_rows_are_all_that_changes(before: list[Taken | Outcome], after: list[Taken | Outcome]) -> None:
    """Publishing the touched keys alone keeps the table equal to the state."""
    state = _on(State(), before)
    table = {row_key(each): each.model_copy(deep=True) for each in rows(state, state.keys)}
    for each in after:
        table |= {row_key(row): row.model_copy(deep=True) for row in rows(state, fold(state, each, TOPICS))}
    assert table == {row_key(each): each for each in rows(state, state.keys)}


@given(signals, st.data())
def test_counts_hang_on_no_order(said: list[Taken | Outcome], data: st.DataObject) -> None:
    """Events and partners exactly; what decays to within a rounding."""
    one, two = _on(State(), said), _on(State(), data.draw(st.permutations(said)))
    for name, tally in one.courses.items():
        assert (two.courses[name].events, two.courses[name].partners) == (tally.events, tally.partners)
        assert two.courses[name].popularity == pytest.approx(tally.popularity, abs=1e-9)


@given(signals)
def test_partners_are_mutual(said: list[Taken | Outcome]) -> None:
    """Whoever took both took both; nobody is a partner of himself."""
    courses = _on(State(), said).courses
    for name, tally in courses.items():
        assert name not in tally.partners
        assert all(courses[other].partners[name] == count for other, count in tally.partners.items())
