"""The table of suppressions follows its topic."""

from datetime import UTC, datetime

from prometheus_client import REGISTRY

from schemas.email import Suppression
from schemas.topics import EMAIL_SUPPRESSIONS
from services.runtime.outcome import Message
from services.runtime.suppression_table import SuppressionTable

KEY = b"s" * 32


def _refusal(address_key: str, *purposes: str) -> Suppression:
    since = datetime(2026, 11, 3, tzinfo=UTC)
    return Suppression(
        address_key=address_key,
        purposes=purposes,
        state="suppressed",
        reason="unsubscribed",
        since=since,
        source="test",
    )


def _table(*events: Suppression | None) -> SuppressionTable:
    table = SuppressionTable(KEY)
    for offset, event in enumerate(events):
        table.apply(Message(EMAIL_SUPPRESSIONS, 0, offset, b"a1", event, 0))
    return table


def test_records_of_one_address_add_up() -> None:
    """A later record about one purpose does not free another, nor another address."""
    table = _table(_refusal("a1", "*"), _refusal("b2", "events"), _refusal("a1", "marketing"))
    assert table.refused_by("a1") == {"*", "marketing"}
    assert table.refused_by("b2") == {"events"}


def test_tombstone_lifts_nothing() -> None:
    """Only a signed value lifts."""
    assert _table(_refusal("a1", "marketing"), None).refused_by("a1") == {"marketing"}


def test_lift_without_our_signature_lifts_nothing() -> None:
    """The table folds by the law, under its key."""
    lift = _refusal("a1", "marketing").model_copy(update={"state": "lifted", "signature": "0" * 64})
    assert _table(_refusal("a1", "marketing"), lift).refused_by("a1") == {"marketing"}


def test_unknown_address_refuses_nothing() -> None:
    """As long as no record speaks of it."""
    assert _table(_refusal("a1", "*")).refused_by("b2") == frozenset()


def test_known_addresses_are_counted() -> None:
    """Each once."""
    _table(_refusal("a1", "*"), _refusal("b2", "*"), _refusal("a1", "events"))
    assert REGISTRY.get_sample_value("kindling_suppressed_addresses") == 2
