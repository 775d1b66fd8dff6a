"""Of choices the last stands: any order, any repeats, and any way of merging give one answer."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.profile.core.facet import Arrival
from services.profile.core.facets.choices import Choices, Chosen, Paused
from tests.properties.profile_world import NOW, folded, numbered, replaced

times = st.integers(NOW - 5, NOW)
choices = st.builds(
    Choices,
    st.none() | st.builds(Paused, times, times),
    st.none() | st.builds(Chosen, times, st.sampled_from(["de", "en"])),
)
said = st.fixed_dictionaries(
    {"kind": st.just("choice"), "name": st.just("x"), "time_ms": times, "trusted": st.just(value=True),
     "speaker": st.sampled_from(["signed_link", "server", "known_browser"])},
    optional={"until_ms": times, "language": st.sampled_from(["de", "en"])},
)  # fmt: skip


def merged(*many: Choices) -> Choices:
    """All of them in one, none of which is changed."""
    whole = Choices()
    for each in many:
        whole.merge(each, Arrival("a:b", NOW, 1.0))
    return whole


@given(choices, choices, choices)
def test_merging_is_associative_commutative_and_idempotent(a: Choices, b: Choices, c: Choices) -> None:
    """The law by which links may come in any order, and again."""
    assert merged(merged(a, b), c) == merged(a, merged(b, c))
    assert merged(a, b) == merged(b, a)
    assert merged(a, a) == merged(a) == a


@given(st.lists(said, min_size=1, max_size=6), st.data())
def test_any_order_and_repeats_of_choices_give_one_answer(events: list[dict[str, Any]], data: st.DataObject) -> None:
    """What was asked for last, whatever came last."""
    events = numbered(events)
    others = data.draw(st.permutations([*events, *events]))
    assert folded(events).choices == folded(replaced(others)).choices
