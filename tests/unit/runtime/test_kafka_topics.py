"""What a broker answers about a topic's settings is the operator's matter only where a right is missing."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from schemas.topics import CATALOG_COURSES, DECISIONS
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_topics import CLEANUP, TopicsAdmin
from services.runtime.outcome import Unavailable

UNKNOWN_SERVER, UNKNOWN_TOPIC, TIMED_OUT, FORBIDDEN = -1, 3, 7, 29


def _admin(code: int) -> TopicsAdmin:
    """An admin who is answered with this code for one topic, and with its settings for the other."""

    async def describe(_: Sequence[Any]) -> list[Any]:
        of = [(code, "", 2, CATALOG_COURSES.name, []), (0, None, 2, DECISIONS.name, [(CLEANUP, "delete", False, 1)])]
        return [SimpleNamespace(resources=of)]

    client = SimpleNamespace(describe_configs=describe)
    return TopicsAdmin(cast("Kafka", SimpleNamespace(admin=lambda: client, bootstrap="a broker")))


@pytest.mark.parametrize("code", [UNKNOWN_SERVER, TIMED_OUT])
async def test_a_broker_that_cannot_tell_now_is_asked_again(code: int) -> None:
    """It ended every service with 78, and blamed a right that was there."""
    with pytest.raises(Unavailable, match=CATALOG_COURSES.name):
        await _admin(code).cleanups([CATALOG_COURSES, DECISIONS])


@pytest.mark.parametrize(("code", "found"), [(FORBIDDEN, {CATALOG_COURSES.name: ""}), (UNKNOWN_TOPIC, {})])
async def test_a_right_that_is_missing_and_a_topic_that_is_are_told_apart(code: int, found: dict[str, str]) -> None:
    """The first is empty, for who judges it; of the second there is nothing."""
    assert await _admin(code).cleanups([CATALOG_COURSES, DECISIONS]) == {**found, DECISIONS.name: "delete"}
