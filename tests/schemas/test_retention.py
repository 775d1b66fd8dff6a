"""What each topic holds of somebody, and how long its bytes may stay."""

import pytest

from schemas.retention import (
    AGE,
    ENDLESS,
    HOLDINGS,
    LAG,
    SEGMENT,
    SLACK_MS,
    TOMBSTONES,
    Bound,
    Ends,
    Of,
    bound_of,
    holding_of,
    loose,
    settings_of,
    told_of,
)
from schemas.topics import (
    ALL,
    BY_SHORT,
    CATALOG_COURSES,
    DAY_MS,
    DECISIONS,
    EMAIL_FEEDBACK,
    EMAIL_SUPPRESSIONS,
    PROFILE_CHANGELOG,
    Topic,
)

ENDLESS_LONG = str(2**63 - 1)
MONTH_MS = 31 * DAY_MS


def test_every_topic_says_what_it_holds() -> None:
    """A topic that is added has to say whom it is of; none is said of that is gone."""
    assert [each.short for each in ALL if not holding_of(each).what] == []
    assert HOLDINGS.keys() <= BY_SHORT.keys()


@pytest.mark.parametrize(
    "topic", [each for each in ALL if holding_of(each).ends is not Ends.NOTHING_HELD], ids=lambda each: each.short
)
def test_by_the_table_all_that_is_erased_is_gone_within_a_month(topic: Topic) -> None:
    """Whatever holds somebody; what stays is the refusal of a mailbox, and the key of who must not come back."""
    bound = bound_of(topic, told_of(topic))
    if topic is EMAIL_SUPPRESSIONS:
        assert bound == Bound(None, None)
        return
    assert bound.values_ms is not None
    assert bound.values_ms <= MONTH_MS + SLACK_MS
    assert (bound.keys_ms is None) == (topic is PROFILE_CHANGELOG)
    assert (bound.keys_ms or 0) <= MONTH_MS + SLACK_MS


def test_a_topic_of_nobody_is_told_nothing_more() -> None:
    """A catalogue is kept as it is; a compacted topic of persons is bounded in three ways, another in one."""
    assert settings_of(CATALOG_COURSES) == {}
    assert settings_of(EMAIL_FEEDBACK) == {SEGMENT: str(DAY_MS)}
    assert settings_of(DECISIONS) == {SEGMENT: str(DAY_MS), LAG: str(DAY_MS), TOMBSTONES: str(DAY_MS)}
    assert told_of(DECISIONS)[AGE] == str(90 * DAY_MS)
    assert AGE not in told_of(PROFILE_CHANGELOG)


def test_what_is_looser_than_the_table_is_named() -> None:
    """A broker's own defaults are; what an operator made tighter is left."""
    defaults = {SEGMENT: str(7 * DAY_MS), LAG: ENDLESS_LONG, TOMBSTONES: str(DAY_MS)}
    assert loose(DECISIONS, defaults) == {SEGMENT: str(DAY_MS), LAG: str(DAY_MS)}
    assert loose(DECISIONS, {SEGMENT: "1", LAG: "1", TOMBSTONES: "1"}) == {}
    assert loose(CATALOG_COURSES, defaults) == {}


@pytest.mark.parametrize(
    ("topic", "found", "values_ms", "keys_ms"),
    [
        (EMAIL_FEEDBACK, {AGE: "1000", SEGMENT: "500"}, 1500 + SLACK_MS, 1500 + SLACK_MS),
        (EMAIL_FEEDBACK, {AGE: "-1", SEGMENT: "500"}, None, None),
        (EMAIL_FEEDBACK, {AGE: str(ENDLESS), SEGMENT: "500"}, None, None),
        (PROFILE_CHANGELOG, {LAG: "1000", SEGMENT: "500"}, 500 + SLACK_MS, None),
        (PROFILE_CHANGELOG, {LAG: "1000"}, 1000 + SLACK_MS, None),
        (PROFILE_CHANGELOG, {LAG: ENDLESS_LONG, SEGMENT: "500"}, None, None),
        (DECISIONS, {LAG: ENDLESS_LONG, SEGMENT: "500", AGE: "1000"}, 1500 + SLACK_MS, 1500 + SLACK_MS),
        (DECISIONS, {LAG: "9", SEGMENT: "500", AGE: "9000", TOMBSTONES: "7"}, 9 + SLACK_MS, 9500 + SLACK_MS),
        (DECISIONS, {LAG: "9", SEGMENT: "500", AGE: "999999999", TOMBSTONES: "7"}, 9 + SLACK_MS, 25 + 2 * SLACK_MS),
        (CATALOG_COURSES, {}, None, None),
    ],
)  # fmt: skip
def test_bound_follows_from_what_the_broker_has(
    topic: Topic, found: dict[str, str], values_ms: int | None, keys_ms: int | None
) -> None:
    """Age and the length of a segment; or the lag of compaction, whichever of both is less."""
    bound = bound_of(topic, found)
    assert (bound.values_ms, bound.keys_ms) == (values_ms, keys_ms)


def test_pointers_and_letters_are_told_apart() -> None:
    """A pointer names a place; a letter holds the record as it came."""
    assert holding_of(BY_SHORT["aside.composer"]).of is Of.PLACE
    assert holding_of(BY_SHORT["dlq.ingest"]).of is Of.PERSON
