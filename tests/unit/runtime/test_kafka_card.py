"""What is made of the topics on the broker: which are missing, which are wrong, and what the operator is told."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from schemas.topics import (
    ALL,
    CATALOG_CONTENT,
    CATALOG_STANDING,
    DECISIONS,
    EMAIL_FEEDBACK,
    EVENTS_CLEAN,
    PROFILE_CHANGELOG,
    PROFILE_SELF,
    RECOMMENDATIONS,
    SPARED,
    Topic,
    card_of,
)
from services.runtime.fake_topics import FakeTopics
from services.runtime.health import Health
from services.runtime.kafka_card import Judgement, Reason, judge, stood, watched
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.process import Process

NONE: Mapping[str, int | str | None] = {}
NOW = 0.0  # s: looks again as soon as the others had their turn


def _judged(*wanted: Topic, known: int = 0, changes: Mapping[str, int | str | None] = NONE) -> Judgement:
    """The topics as the table has them with P = 6, but for the changes by name: a number, a policy, or None."""
    counts = {each.name: 1 if each.partitions == "one" else 6 for each in ALL}
    cleanups: dict[str, str] = {each.name: each.cleanup for each in ALL}
    for name, change in changes.items():
        match change:
            case None:
                del counts[name]
            case int():
                counts[name] = change
            case str():
                cleanups[name] = change
    return judge(wanted, counts, cleanups, known)


@pytest.mark.parametrize("service", ["ingest", "profile", "recommender", "composer", "connector", "console"])
def test_topics_as_the_table_has_them_are_without_fault(service: str) -> None:
    """And the shared number is known by them."""
    assert _judged(*card_of(service)) == Judgement(6, ())


def test_a_missing_topic_is_waited_for() -> None:
    """It is no fault of the operator's that the topics are made a minute later; the others are judged already."""
    found = _judged(EVENTS_CLEAN, DECISIONS, changes={EVENTS_CLEAN.name: None})
    assert (found.missing, found.wrong, found.partitions) == ((EVENTS_CLEAN.name,), "", 6)


def test_a_topic_that_went_between_two_looks_is_missing() -> None:
    """It was counted, and then its policy was asked for: nothing is said of a policy."""
    assert judge([DECISIONS], {DECISIONS.name: 6}, {}).missing == (DECISIONS.name,)


def test_topics_with_the_shared_number_agree() -> None:
    """One that was made anew with fewer is named, and what to do; those with a number of their own are not."""
    found = _judged(RECOMMENDATIONS, DECISIONS, EMAIL_FEEDBACK, changes={DECISIONS.name: 3, EMAIL_FEEDBACK.name: 4})
    assert [(each.topic, each.reason) for each in found.faults] == [(DECISIONS.name, Reason.PARTITIONS)]
    assert found.wrong == (
        "kindling.decisions.v1 has 3 partitions, expected 6 as its like have; "
        "the number is for life (state is keyed by it): make it anew with 6"
    )


def test_all_made_anew_with_fewer_under_a_running_process_are_wrong() -> None:
    """They agree with one another, but not with what the process began with."""
    assert _judged(RECOMMENDATIONS, DECISIONS).wrong == ""
    found = _judged(RECOMMENDATIONS, DECISIONS, known=12)
    assert [each.topic for each in found.faults] == [RECOMMENDATIONS.name, DECISIONS.name]


def test_a_topic_of_one_partition_has_one() -> None:
    """More would spread what one owner folds."""
    assert _judged(CATALOG_STANDING, changes={CATALOG_STANDING.name: 2}).wrong.endswith(
        "has 2 partitions, expected 1: make it anew with 1"
    )


@pytest.mark.parametrize(
    ("topic", "policy", "said"),
    [
        (PROFILE_CHANGELOG, "delete", "cleanup.policy=delete, expected compact: set it"),
        (PROFILE_SELF, "compact", "cleanup.policy=compact, expected delete: set it"),
        (PROFILE_CHANGELOG, "compact,delete", "cleanup.policy=compact,delete, expected compact: set it"),
        (PROFILE_CHANGELOG, "", "cannot be read: allow this service DescribeConfigs"),
        (DECISIONS, "delete,compact", ""),
    ],
)
def test_a_topic_is_cleaned_up_as_declared(topic: Topic, policy: str, said: str) -> None:
    """State that is deleted by age is lost, and events that are compacted too; in whichever order it is written."""
    found = _judged(topic, changes={topic.name: policy})
    assert said in found.wrong
    assert bool(found.faults) is bool(said)


async def _made(fake: FakeTopics, topics: Sequence[Topic], count: int = 3) -> None:
    for each in topics:
        await fake.make(each.name, 1 if each.partitions == "one" else count, each.cleanup)


def _process() -> Process:
    return Process("test", asyncio.Event(), Health("test"))


async def _until_looks(fake: FakeTopics, count: int) -> None:
    async with asyncio.timeout(60):
        while fake.looks < count:
            await asyncio.sleep(0)


async def test_service_waits_for_its_topics(caplog: pytest.LogCaptureFixture) -> None:
    """Not ready meanwhile, with a line at each look that names what is missing; then it goes on with their number."""
    fake, process = FakeTopics(), _process()
    await _made(fake, card_of("console")[1:])

    async def meanwhile() -> None:
        await _until_looks(fake, 3)
        assert not process.health.is_ready
        await _made(fake, card_of("console"))

    partitions, _ = await asyncio.gather(stood(fake, "console", process, NOW), meanwhile())
    assert (partitions, process.health.is_ready) == (3, True)
    lines = [each for each in caplog.records if each.getMessage() == "topics_missing"]
    assert len(lines) >= 2
    assert {each.__dict__["topics"] for each in lines} == {(card_of("console")[0].name,)}


async def test_service_does_not_wait_for_a_topic_it_is_spared(caplog: pytest.LogCaptureFixture) -> None:
    """A cluster from before the topic: the service begins, ready, and a line at each look says what to do."""
    fake, process = FakeTopics(), _process()
    await _made(fake, [each for each in card_of("profile") if each not in SPARED["profile"]])
    assert await stood(fake, "profile", process, NOW) == 3
    assert process.health.is_ready
    [line] = [each for each in caplog.records if each.getMessage() == "topics_missing"]
    assert line.__dict__["topics"] == tuple(each.name for each in SPARED["profile"])


def test_only_what_a_service_reads_is_spared_it() -> None:
    """Its maker needs it: a record without its topic would hold up all behind it."""
    assert [each for service, spared in SPARED.items() for each in spared if service not in each.readers] == []
    assert [each for service, spared in SPARED.items() for each in spared if service in each.makers] == []
    missing = _judged(*card_of("ingest"), changes={CATALOG_CONTENT.name: None})
    assert missing.awaited("ingest") == (CATALOG_CONTENT.name,)


async def test_service_that_is_told_to_stop_waits_no_longer() -> None:
    """For topics that never come."""
    fake, process = FakeTopics(), _process()

    async def meanwhile() -> None:
        await _until_looks(fake, 1)
        process.stop.set()

    partitions, _ = await asyncio.gather(stood(fake, "console", process), meanwhile())
    assert partitions is None


async def test_service_refuses_to_start_on_wrong_topics() -> None:
    """78, at once: waiting would not set it right."""
    fake = FakeTopics()
    await _made(fake, card_of("composer"))
    await fake.make(DECISIONS.name, 2, DECISIONS.cleanup)
    with pytest.raises(Misconfigured, match=r"kindling\.decisions\.v1 has 2 partitions, expected 3"):
        await stood(fake, "composer", _process())


async def test_topics_made_anew_with_fewer_end_the_running_service() -> None:
    """Whether it saw them missing in between or not."""
    fake, process = FakeTopics(), _process()
    await _made(fake, card_of("composer"))

    async def meanwhile() -> None:
        await _until_looks(fake, 2)
        assert process.health.is_ready
        await _made(fake, card_of("composer"), count=2)

    with pytest.raises(Misconfigured, match="expected 3"):
        await asyncio.gather(watched(fake, "composer", process, 3, NOW), meanwhile())


class AwayTopics(FakeTopics):
    """A broker that does not answer at first."""

    async def counts(self) -> dict[str, int]:
        """The topics, from the third look on."""
        found = await super().counts()
        if self.looks < 3:
            raise Unavailable("away")
        return found


async def test_broker_that_is_away_ends_no_running_service() -> None:
    """It is asked again, until the service is told to stop."""
    fake, process = AwayTopics(), _process()
    await _made(fake, card_of("console"))

    async def meanwhile() -> None:
        await _until_looks(fake, 4)
        assert process.health.is_ready
        process.stop.set()

    await asyncio.gather(watched(fake, "console", process, 3, NOW), meanwhile())
    assert fake.looks >= 4
