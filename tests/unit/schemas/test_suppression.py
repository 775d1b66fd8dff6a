"""What an address refuses, as its records say."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import encode
from schemas.email import Suppression
from schemas.signing import signature
from schemas.suppression import Standing, address_in, is_refused, standing_after
from schemas.topics import EMAIL_SUPPRESSIONS

KEY = b"s" * 32
PURPOSES = st.frozensets(st.sampled_from(["*", "a", "b"]), min_size=1)
NOTHING: frozenset[str] = frozenset()


def _record(*purposes: str, is_lift: bool = False, day: int = 3) -> Suppression:
    return Suppression(
        address_key="k",
        purposes=purposes,
        state="lifted" if is_lift else "suppressed",
        reason="lifted" if is_lift else "unsubscribed",
        since=datetime(2026, 11, day, tzinfo=UTC),
        source="test",
    )


def _lift(*purposes: str, key: bytes = KEY, day: int = 4) -> Suppression:
    lift = _record(*purposes, is_lift=True, day=day)
    return lift.model_copy(update={"signature": signature(key, lift.model_dump(mode="json", exclude={"signature"}))})


def _after(standing: Standing, record: Suppression) -> Standing:
    return standing_after(standing, record, encode(EMAIL_SUPPRESSIONS, record), KEY)


def _refused(*records: Suppression) -> frozenset[str]:
    standing = Standing()
    for each in records:
        standing = _after(standing, each)
    return standing.purposes


def test_suppressions_add_up() -> None:
    """A later record about one purpose does not free another."""
    assert _refused(_record("*"), _record("marketing")) == {"*", "marketing"}


@pytest.mark.parametrize("lift", [_record("marketing", is_lift=True), _lift("marketing", key=b"f" * 32)])
def test_unsigned_or_foreign_lift_lifts_nothing(lift: Suppression) -> None:
    """Who can write the topic cannot therefore make us mail."""
    assert _refused(_record("marketing"), lift) == {"marketing"}


def test_signature_of_one_lift_serves_no_other() -> None:
    """It is over every other field."""
    wider = _lift("events").model_copy(update={"purposes": ("*",)})
    assert _refused(_record("marketing", "events"), wider) == {"marketing", "events"}


def test_signed_lift_lifts_its_purposes() -> None:
    """The named ones, or with `*` all; a refusal of every purpose outlasts the lift of one."""
    both = _record("marketing", "events")
    assert _refused(both, _lift("events")) == {"marketing"}
    assert _refused(both, _lift("*")) == NOTHING
    assert _refused(_record("*"), _lift("events")) == {"*"}


def test_lift_that_did_not_come_as_a_record_lifts_nothing() -> None:
    """Its signature is over the bytes: where there are none, nothing is signed."""
    refused = _after(Standing(), _record("a"))
    assert standing_after(refused, _lift("a"), None, KEY) == refused


@pytest.mark.parametrize(("day", "refused"), [(2, NOTHING), (3, {"a"}), (4, {"a"})])
def test_a_lift_undoes_only_what_was_refused_before_it(day: int, refused: set[str]) -> None:
    """At the same moment the refusal stands."""
    assert _refused(_record("a", day=day), _lift("a", day=3)) == refused
    assert _refused(_record("a", day=day), _lift("*", day=3)) == refused


@given(st.lists(st.tuples(PURPOSES, st.booleans(), st.integers(1, 5)), max_size=6), st.randoms(use_true_random=False))
def test_any_order_of_the_records_gives_one_answer(
    said: list[tuple[frozenset[str], bool, int]], chance: Random
) -> None:
    """One address lies under several keys, in partitions that are read as they come."""
    records = [(_lift if is_lift else _record)(*sorted(purposes), day=day) for purposes, is_lift, day in said]
    mixed = [*records]
    chance.shuffle(mixed)
    assert _refused(*mixed) == _refused(*records)


@pytest.mark.parametrize(
    ("key", "address_key"),
    [(b"k1|a+b", "k1"), (b"k1|", "k1"), (b"k1|a|b", "k1"), (b"k1", None), (b"|a", None), (b"", None), (b"\xff|a", None),
     (None, None)],
)  # fmt: skip
def test_address_is_what_stands_before_the_bar(key: bytes | None, address_key: str | None) -> None:
    """Any bytes give one, or none."""
    assert address_in(key) == address_key


@given(steps=st.lists(st.tuples(PURPOSES, st.booleans())))
def test_unsigned_records_only_ever_tighten(steps: list[tuple[frozenset[str], bool]]) -> None:
    """Whatever they say."""
    standing = Standing()
    for purposes, is_lift in steps:
        after = _after(standing, _record(*sorted(purposes), is_lift=is_lift))
        assert after.purposes >= standing.purposes
        standing = after


@given(before=PURPOSES, purposes=PURPOSES, build=st.sampled_from([_record, _lift]))
def test_repeated_record_changes_nothing_more(
    before: frozenset[str], purposes: frozenset[str], build: Callable[..., Suppression]
) -> None:
    """Signed lifts too."""
    record = build(*sorted(purposes))
    once = _after(_after(Standing(), _record(*sorted(before))), record)
    assert _after(once, record) == once


@pytest.mark.parametrize("refused", [{"marketing"}, {"*"}, {"other", "*"}])
def test_purpose_is_refused_by_name_or_with_all(refused: set[str]) -> None:
    """`*` is every purpose."""
    assert is_refused(frozenset(refused), "marketing")


@pytest.mark.parametrize("refused", [set(), {"other"}])
def test_purpose_that_nobody_named_is_not_refused(refused: set[str]) -> None:
    """Another purpose's refusal is its own."""
    assert not is_refused(frozenset(refused), "marketing")
