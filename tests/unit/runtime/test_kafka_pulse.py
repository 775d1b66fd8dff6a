"""A group is owned where each partition of each of its topics is; of a topic nobody can describe nothing is known."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from schemas import topics as table
from services.runtime.kafka_pulse import Group, Pulse
from tests.processes import new_process

RAW, PRIVACY = table.EVENTS_RAW, table.PRIVACY_REQUESTS
GROUP = Group("ingest", (RAW, PRIVACY))


class Admin:
    """Describes topics with so many partitions, and a group whose one member owns so many."""

    def __init__(self, counts: Mapping[str, int], owned: Mapping[str, int]) -> None:
        self._counts, self._owned = counts, owned

    async def start(self) -> None:
        """Nothing to connect to."""

    async def describe_topics(self, topics: Sequence[str]) -> list[dict[str, Any]]:
        """A topic that metadata has an error for has no partitions."""
        return [{"topic": each, "partitions": [{}] * self._counts.get(each, 0)} for each in topics]

    async def describe_consumer_groups(self, groups: Sequence[str]) -> list[Any]:
        """Stable, with one member."""
        assert groups == [GROUP.name]
        owned = [(topic, list(range(count))) for topic, count in self._owned.items()]
        member = {"member_assignment": ConsumerProtocolMemberAssignment(0, owned, b"").encode()}
        return [SimpleNamespace(to_object=lambda: {"groups": [{"state": "Stable", "members": [member]}]})]


@pytest.mark.parametrize(
    ("counts", "owned", "is_owned"),
    [
        ({RAW.name: 2, PRIVACY.name: 2}, {RAW.name: 2, PRIVACY.name: 2}, True),
        ({RAW.name: 2, PRIVACY.name: 2}, {RAW.name: 2, PRIVACY.name: 1}, False),
        ({RAW.name: 2, PRIVACY.name: 0}, {RAW.name: 2}, False),
        ({}, {}, False),
    ],
)
async def test_a_group_is_owned_where_every_topic_is(
    counts: Mapping[str, int],
    owned: Mapping[str, int],
    is_owned: bool,  # noqa: FBT001 a case
) -> None:
    """Two topics; one half owned; one that cannot be described; none."""
    admin = Admin(counts, owned)
    pulse = Pulse(SimpleNamespace(admin=lambda: admin), new_process(), (GROUP,))  # type: ignore[arg-type]
    assert await pulse._heard() == {GROUP.part: is_owned}
