"""Which topics a backup holds: what outlives retention and names no offset."""

import pytest

from schemas.topics import ALL, DECISIONS, EMAIL_SUPPRESSIONS
from services.runtime.kafka_backup import KEPT, chosen
from services.runtime.outcome import Misconfigured

NOT_KEPT = {"redriven", "aside.composer", "aside.connector"}


def test_backup_holds_every_compacted_topic_but_those_that_name_offsets() -> None:
    """A topic that is added to the table is one or the other, and this test says which."""
    assert {each.short for each in KEPT} == {each.short for each in ALL if "compact" in each.cleanup} - NOT_KEPT


def test_topics_are_named_short_or_whole() -> None:
    """All of them where none is."""
    assert chosen(["email.suppressions", DECISIONS.name]) == (EMAIL_SUPPRESSIONS, DECISIONS)
    assert chosen([]) == KEPT


@pytest.mark.parametrize(
    ("name", "reason"), [("events.raw", "would be handled again"), ("redriven", "is not copied"), ("mails", "no topic")]
)
def test_other_topic_is_refused(name: str, reason: str) -> None:
    """With the names of those that may be."""
    with pytest.raises(Misconfigured, match=f"{reason}.*email.suppressions"):
        chosen([name])
