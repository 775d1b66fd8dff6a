"""What an address refuses, as its records say."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.email import Suppression
from schemas.signing import signature
from schemas.suppression import NOTHING, is_refused, refused_after

KEY = b"s" * 32
PURPOSES = st.frozensets(st.sampled_from(["*", "a", "b"]), min_size=1)


def _record(*purposes: str, is_lift: bool = False) -> Suppression:
    return Suppression(
        address_key="k",
        purposes=purposes,
        state="lifted" if is_lift else "suppressed",
        reason="lifted" if is_lift else "unsubscribed",
        since=datetime(2026, 11, 3, tzinfo=UTC),
        source="test",
    )


def _lift(*purposes: str, key: bytes = KEY) -> Suppression:
    lift = _record(*purposes, is_lift=True)
    return lift.model_copy(update={"signature": signature(key, lift.model_dump(mode="json", exclude={"signature"}))})


def _refused(*records: Suppression) -> frozenset[str]:
    refused = NOTHING
    for each in records:
        refused = refused_after(refused, each, KEY)
    return refused


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


@given(steps=st.lists(st.tuples(PURPOSES, st.booleans())))
def test_unsigned_records_only_ever_tighten(steps: list[tuple[frozenset[str], bool]]) -> None:
    """Whatever they say."""
    refused = NOTHING
    for purposes, is_lift in steps:
        after = refused_after(refused, _record(*sorted(purposes), is_lift=is_lift), KEY)
        assert after >= refused
        refused = after


@given(before=PURPOSES, purposes=PURPOSES, build=st.sampled_from([_record, _lift]))
def test_repeated_record_changes_nothing_more(
    before: frozenset[str], purposes: frozenset[str], build: Callable[..., Suppression]
) -> None:
    """Signed lifts too."""
    record = build(*sorted(purposes))
    once = refused_after(before, record, KEY)
    assert refused_after(once, record, KEY) == once


@pytest.mark.parametrize("refused", [{"marketing"}, {"*"}, {"other", "*"}])
def test_purpose_is_refused_by_name_or_with_all(refused: set[str]) -> None:
    """`*` is every purpose."""
    assert is_refused(frozenset(refused), "marketing")


@pytest.mark.parametrize("refused", [set(), {"other"}])
def test_purpose_that_nobody_named_is_not_refused(refused: set[str]) -> None:
    """Another purpose's refusal is its own."""
    assert not is_refused(frozenset(refused), "marketing")
