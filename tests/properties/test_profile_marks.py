"""Marks of many acts at once are as of one after another: what is a repeat, and what is remembered."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.profile.core.act import Act
from services.profile.core.facets.identity import MANY, SEEN, Identity
from services.profile.core.mark import SHORT
from services.profile.core.ring import KEPT_DAYS, Day
from services.profile.core.rules import DAY_MS

FIRST_DAY = 20_000
HELD = st.sampled_from([0, 1, 40, SEEN.most - 50, SEEN.most - 1, SEEN.most])
SAID = st.lists(st.tuples(st.integers(-60, 60), st.sampled_from([0, 0, 0, 1, 2, KEPT_DAYS + 1])), min_size=MANY)


def _mark(number: int) -> str:
    return f"{number:0{SHORT}}"


def _act(number: int, day: int) -> Act:
    return Act(0, (FIRST_DAY + day) * DAY_MS, None, "server", 2, None, None, _mark(number), b"", 0)


def _holding(count: int) -> Identity:
    """Marks from 0, of two days; and an old one that was folded before rings were two."""
    days = [Day(FIRST_DAY - 1, count // 2), Day(FIRST_DAY, count - count // 2)] if count else []
    marks = "".join(map(_mark, range(count)))
    return Identity(seen=marks, seen_days=[day for day in days if day.count], ids="|000000000000")


def _one_by_one(identity: Identity, acts: list[Act]) -> list[Act]:
    new = []
    for act in acts:
        if not identity.holds(act.mark):
            identity.keep(act.mark, act.received_ms)
            new.append(act)
    return new


@given(HELD, SAID)
@example(SEEN.most, [(number, 0) for number in [*range(0, -60, -1), *range(60)]])
@example(0, [(number, 0) for number in [*range(3_000), 0, 2_999]])
@settings(deadline=None, max_examples=25)
def test_marks_of_many_acts_are_kept_as_one_by_one(held: int, said: list[tuple[int, int]]) -> None:
    """Whether searched for or looked up in a set: also where the ring is full and what is oldest goes meanwhile."""
    acts = [_act(held + number if number >= 0 else -number, day) for number, day in said]
    alone, few, many = (_holding(held) for _ in range(3))
    known = many.known(acts)
    assert known is not None
    found: list[Any] = [_one_by_one(alone, acts), few.fresh(acts), many.fresh(acts, known)]
    assert found[0] == found[1] == found[2]
    assert alone == few == many
    assert known == SEEN.marks(many.seen)


def test_few_acts_are_searched_for() -> None:
    """A set of the marks would take longer."""
    assert Identity().known([_act(1, 0)] * (MANY - 1)) is None


def test_mark_within_two_others_is_none() -> None:
    """It begins inside one of them, so that nothing of the kind was folded."""
    ring = "abcdefghijklabcdef"
    assert (SEEN.holds(ring, "abcdef"), SEEN.holds(ring, "ghijkl")) == (True, True)
    assert (SEEN.holds(ring, "defghi"), SEEN.holds("xabcdeabcdef", "abcdef")) == (False, True)
    assert SEEN.holds("", "abcdef") is False
    one = Identity(seen="abcdefghijkl", seen_days=[Day(FIRST_DAY, 2)])
    within = Act(0, FIRST_DAY * DAY_MS, None, "server", 2, None, None, "defghi", b"", 0)
    assert one.fresh([within]) == [within]
