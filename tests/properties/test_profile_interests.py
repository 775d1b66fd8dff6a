"""Interests keep their laws: order-free, mergeable, never heavier with time."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.arms import arm, share
from schemas.program import NO_EXPERIMENT, Experiment
from services.profile.core import decay
from services.profile.core.patterns import pattern
from services.profile.core.text import clipped

NOW = 1_795_500_000_000
DAY = decay.DAY_MS
HALF_LIVES = st.floats(0.01, 4_000).map(lambda days: days * DAY)
TIMES = st.integers(NOW - 1_000 * DAY, NOW)
SIGNALS = st.lists(st.tuples(st.sampled_from("abc"), st.floats(-10, 10), TIMES), max_size=12)


def _folded(signals: list[Any], half_life: float) -> dict[str, dict[str, int]]:
    bag: dict[str, dict[str, int]] = {}
    for key, weight, time in signals:
        decay.add(bag, key, *decay.amount(weight, time, half_life))
    return bag


def _merged(*bags: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    into: dict[str, dict[str, int]] = {}
    for bag in bags:
        decay.merge(into, bag)
    return into


@given(SIGNALS, st.randoms(), st.floats(1, 4_000))
def test_adding_is_order_free(signals: list[Any], random: Any, days: float) -> None:
    """Any order gives exactly one answer: amounts are integers."""
    shuffled = signals.copy()
    random.shuffle(shuffled)
    assert _folded(shuffled, days * DAY) == _folded(signals, days * DAY)


@given(SIGNALS, SIGNALS, SIGNALS)
def test_merging_is_associative_and_commutative(one: list[Any], two: list[Any], three: list[Any]) -> None:
    """And merging what was folded apart equals folding it together."""
    a, b, c = (_folded(each, 30 * DAY) for each in (one, two, three))
    assert (
        _merged(_merged(a, b), c)
        == _merged(a, _merged(b, c))
        == _merged(c, b, a)
        == _folded(one + two + three, 30 * DAY)
    )


@given(SIGNALS, st.integers(0, 2_000 * DAY), st.integers(0, 2_000 * DAY), HALF_LIVES)
def test_decay_never_raises_a_weight(signals: list[Any], early: int, late: int, half_life: float) -> None:
    """A later look never sees more, of liking or of dislike; and no half-life overflows."""
    early, late = sorted((early, late))
    for buckets in _folded(signals, half_life).values():
        before = decay.value(buckets, NOW + early, NOW, half_life)
        after = decay.value(buckets, NOW + late, NOW, half_life)
        assert abs(after) <= abs(before) * (1 + 1e-9) + 1e-12


@given(SIGNALS, st.lists(TIMES, min_size=1, max_size=4))
def test_dropping_what_is_outlived_changes_no_weight(signals: list[Any], newest: list[int]) -> None:
    """What is dropped counted nothing, and dropping again drops nothing."""
    bag = _folded(signals, 30 * DAY)
    before = {key: decay.value(buckets, NOW, max(newest), 30 * DAY) for key, buckets in bag.items()}
    for each in newest:
        decay.drop_outlived(bag, each)
    after = {key: decay.value(buckets, NOW, max(newest), 30 * DAY) for key, buckets in bag.items()}
    assert {**dict.fromkeys(before, 0.0), **after} == before


def test_a_signal_weighs_half_after_a_half_life_and_half_again_after_a_year() -> None:
    """G = 1 under twelve months, one half to twenty-four, then nothing."""
    bag = _folded([("a", 2.0, NOW)], 30 * DAY)["a"]
    assert round(decay.value(bag, NOW, NOW, 30 * DAY), 5) == 2
    assert round(decay.value(bag, NOW + 30 * DAY, NOW, 30 * DAY), 5) == 1
    assert round(decay.value(bag, NOW, NOW + 366 * DAY, 30 * DAY), 5) == 1
    assert decay.value(bag, NOW, NOW + 731 * DAY, 30 * DAY) == 0


@given(st.text(max_size=20), st.floats(0, 1))
def test_an_arm_is_stable_and_shares_nest(person: str, held_out: float) -> None:
    """Who is held out at a small share is held out at a greater one."""
    small = arm(Experiment(name="e", holdout=held_out / 2), person)
    large = arm(Experiment(name="e", holdout=held_out), person)
    assert small != "holdout" or large == "holdout"
    assert 0 <= share("e", person) < 1


def test_shares_are_about_what_they_say() -> None:
    """A tenth held out of ten thousand is about a thousand."""
    experiment = Experiment(name="e", holdout=0.1, usual=0.2)
    arms = [arm(experiment, f"u:{number}") for number in range(10_000)]
    assert 900 < arms.count("holdout") < 1_100
    assert 1_850 < arms.count("usual") < 2_150
    assert {arm(NO_EXPERIMENT, f"u:{number}") for number in range(1_000)} == {"treatment"}


@given(st.text(), st.integers(1, 50))
def test_clipped_text_is_short_and_printable(text: str, most: int) -> None:
    """Four bytes a character bound it; clipping again changes nothing."""
    short = clipped(text, most)
    assert len(short) <= most
    assert short.isprintable()
    assert clipped(short, most) == short


@given(st.text("abc/{}*itemopc", max_size=20), st.text("abc/", max_size=20))
def test_any_path_pattern_compiles(path: str, seen: str) -> None:
    """Whatever an author writes, matching it is defined."""
    pattern("/" + path).fullmatch("/" + seen)
    assert pattern("/").fullmatch("/")
