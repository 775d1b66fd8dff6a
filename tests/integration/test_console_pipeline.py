"""The pipeline's snapshot over a real broker: what waits, what ended, what is held back, what nobody could take."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition

from schemas.aside import Aside
from schemas.control import SwitchSet
from schemas.topics import (
    ASIDE_COMPOSER,
    CONTROL,
    DECISIONS,
    EMAIL_OUTBOUND,
    RECOMMENDATIONS,
)
from services.console.__main__ import _view
from services.console.adapters import live
from services.console.adapters.kafka_flow import KafkaFlow
from services.console.adapters.live import Live
from services.console.adapters.view_thread import ViewThread
from services.console.core.flow import Snapshot, Stage
from services.console.core.held import Held
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_records import to_dead_letter
from services.runtime.outcome import Send
from tests import console_records as console

pytestmark = pytest.mark.kafka


async def _written(kafka: Kafka) -> None:
    """Six recommendations of which composer has taken four, one mail in a transaction, letters, and what is held."""
    producer = kafka.producer(transactional_id="connector-test")
    await producer.start()
    async with producer.transaction():
        await producer.send(EMAIL_OUTBOUND.name, b"{}", partition=0)
    async with producer.transaction():
        for number in range(6):
            await producer.send(RECOMMENDATIONS.name, b"{}", partition=number % 2)
        for offset in (1, 2):
            source = SimpleNamespace(
                topic=RECOMMENDATIONS.name, partition=0, offset=offset, key=b"u:7", value=b"ana@example.com", headers=()
            )  # fmt: skip
            letter = to_dead_letter("composer", source, "undecodable", "ana@example.com came")
            await producer.send(letter.topic, letter.value, key=letter.key, headers=list(letter.headers))
    await producer.stop()
    for group, places in {
        "kindling.composer": {TopicPartition(RECOMMENDATIONS.name, 0): 3, TopicPartition(RECOMMENDATIONS.name, 1): 1},
        "kindling.connector": {TopicPartition(EMAIL_OUTBOUND.name, 0): 1},
    }.items():
        member = kafka.member(group)
        await member.start()
        member.assign(list(places))
        await member.commit(places)
        await member.stop()


async def _held(kafka: Kafka) -> None:
    now = datetime.now(UTC)
    pointer = Aside(
        topic=RECOMMENDATIONS.name, partition=0, offset=0, due=now, tries=1, reason="x", since=now - timedelta(hours=2)
    )
    said = SwitchSet(switch="mail", is_paused=True, at=now, by="ana", why="a wrong price")
    ended = console.decision(ended_at=now.isoformat())
    publisher = Publisher(kafka, "test")
    await publisher.start()
    await publisher.send((Send(ASIDE_COMPOSER, pointer, 0), Send(CONTROL, said), Send(DECISIONS, ended)))
    await publisher.stop()


def _stage(found: Snapshot, name: str) -> Stage:
    return next(stage for stage in found.stages if stage.name == name)


async def test_snapshot_shows_what_the_broker_holds(
    topics: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lag without the marks of transactions, endings, dead letters without what they hold, and who paused mail."""
    monkeypatch.setattr(live, "FRESH_S", 0.0)
    kafka, held = Kafka(topics), Held()
    await _written(kafka)
    await _held(kafka)
    desk = await ViewThread.open(str(tmp_path / "view.sqlite"))
    view = _view(kafka, desk, held)
    await view.read()
    await view.stop()
    flow = KafkaFlow(kafka)
    pages = Live(flow, desk, held)
    first, found = [await pages.now() for _ in range(2)]
    assert first.problem == found.problem == ""
    composer, connector = _stage(found, "composer"), _stage(found, "connector")
    assert (composer.lag, connector.lag, composer.state) == (3, 0, "paused")  # two records and the mark behind them
    assert _stage(first, "connector").lag == 1
    assert (_stage(found, "profile").lag, _stage(found, "profile").state) == (None, "unknown")
    assert [(each.stage, each.ending, each.hour) for each in found.endings] == [("composer", "sent", 1)]
    assert (composer.aside, composer.letters_hour) == (1, 2)
    assert {(each.stage, each.reason, each.place) for each in found.letters} == {
        ("composer", "undecodable", "recommendations/0/1"), ("composer", "undecodable", "recommendations/0/2"),
    }  # fmt: skip
    assert "ana@example.com" not in repr(found)
    assert found.paused.startswith("By ana, since")
    await flow.stop()
    await desk.close()
