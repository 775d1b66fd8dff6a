"""What an address refuses, as the records say."""

from datetime import UTC, datetime

from schemas.email import Suppression
from schemas.signing import signature
from schemas.topics import EMAIL_SUPPRESSIONS
from services.connector.adapters.suppression_table import SuppressionTable
from services.runtime.outcome import Message

KEY = b"s" * 32


def _suppression(*purposes: str, lifted: bool = False, key: bytes | None = None) -> Suppression:
    plain = Suppression(
        address_key="a1",
        purposes=purposes,
        state="lifted" if lifted else "suppressed",
        reason="lifted" if lifted else "unsubscribed",
        since=datetime(2026, 11, 3, tzinfo=UTC),
        source="test",
    )
    if key is None:
        return plain
    return plain.model_copy(update={"signature": signature(key, plain.model_dump(mode="json", exclude={"signature"}))})


def _refused(*events: Suppression | None) -> frozenset[str]:
    table = SuppressionTable(KEY)
    for offset, event in enumerate(events):
        table.apply(Message(EMAIL_SUPPRESSIONS, 0, offset, b"a1", event, 0))
    assert table.refused_by("b2") == frozenset()
    return table.refused_by("a1")


def test_suppressions_add_up() -> None:
    """A later record about one purpose does not free another."""
    assert _refused(_suppression("*"), _suppression("marketing")) == {"*", "marketing"}


def test_tombstone_lifts_nothing() -> None:
    """Only a signed value lifts."""
    assert _refused(_suppression("marketing"), None) == {"marketing"}


def test_unsigned_or_foreign_lift_lifts_nothing() -> None:
    """Who can write the topic cannot therefore make us mail."""
    forged = _suppression("marketing", lifted=True, key=b"f" * 32)
    assert _refused(_suppression("marketing"), _suppression("marketing", lifted=True), forged) == {"marketing"}


def test_signed_lift_lifts_its_purposes() -> None:
    """The named ones, or with `*` all."""
    both = _suppression("marketing", "events")
    assert _refused(both, _suppression("events", lifted=True, key=KEY)) == {"marketing"}
    assert _refused(both, _suppression("*", lifted=True, key=KEY)) == frozenset()
