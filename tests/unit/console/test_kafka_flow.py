"""What is asked of the broker for the pipeline's page, where it does not answer as one wishes."""

from dataclasses import replace
from typing import Any, cast

import pytest
from aiokafka.errors import GroupAuthorizationFailedError, GroupCoordinatorNotAvailableError, KafkaConnectionError

from schemas.errors import DecodeError
from schemas.topics import CONTROL, DECISIONS
from services.console.__main__ import _view
from services.console.adapters.fake_view import FakeDesk, FakeView
from services.console.adapters.kafka_flow import KafkaFlow
from services.console.core.held import Held
from services.runtime.kafka_clients import Kafka
from services.runtime.outcome import Message, Unavailable
from tests import console_records as console
from tests.fake_kafka import record


class Broker:
    """Without any topic of ours; `fault` is what it says to who asks for a group. It is its own clients."""

    bootstrap = "nowhere:1"

    def __init__(self, fault: Exception) -> None:
        self.fault = fault
        self.starts = self.stops = 0

    def admin(self) -> "Broker":
        """An admin client."""
        return self

    def reader(self, **_: Any) -> "Broker":
        """A consumer."""
        return self

    async def start(self) -> None:
        """Count."""
        self.starts += 1

    async def stop(self) -> None:
        """Count."""
        self.stops += 1

    close = stop

    async def list_topics(self) -> list[str]:
        """None."""
        return []

    async def list_consumer_group_offsets(self, group: str) -> Any:
        """Nothing."""
        assert group
        raise self.fault


@pytest.mark.parametrize("fault", [GroupCoordinatorNotAvailableError(), GroupAuthorizationFailedError("ingest")])
async def test_group_that_nobody_can_tell_of_leaves_the_other_figures(fault: Exception) -> None:
    """On a first day no broker coordinates yet; a principal may lack the right. Nothing is known, nothing fails."""
    flow = KafkaFlow(cast("Kafka", Broker(fault)))
    found = await flow.sample()
    assert found.places
    assert not any(found.places.values())
    assert (found.ends, found.letters) == ({}, ())
    await flow.stop()


async def test_broker_that_is_away_is_told_in_words_and_asked_by_new_clients() -> None:
    """A client that failed is not used again."""
    broker = Broker(KafkaConnectionError("gone"))
    flow = KafkaFlow(cast("Kafka", broker))
    for times in (1, 2):
        with pytest.raises(Unavailable, match=r"Kafka does not answer at nowhere:1: .*gone"):
            await flow.sample()
        assert (broker.starts, broker.stops) == (2 * times, 2 * times)


async def test_switch_that_nobody_can_read_holds_mail_on_the_page(caplog: pytest.LogCaptureFixture) -> None:
    """As it does in composer and connector; what else cannot be read is logged and passed over."""
    held, archive = Held(), FakeView()
    view = _view(cast("Kafka", Broker(KafkaConnectionError())), FakeDesk(archive), held)
    for topic in (DECISIONS.name, CONTROL.name):
        broken = replace(record(topic, 0, b"{"), key=b"mail")
        view._undecodable(broken, DecodeError("JSON", "none came", b"{"))
        assert bool(held.paused) is (topic == CONTROL.name)
    assert len([each for each in caplog.records if each.message == "undecodable"]) == 2


async def test_what_is_laid_by_is_kept_in_one_piece() -> None:
    """Records wait for their batch; once kept they are gone from it."""
    archive = FakeView()
    view = _view(cast("Kafka", Broker(KafkaConnectionError())), FakeDesk(archive), Held())
    decision = console.decision()
    view._apply(Message(DECISIONS, 0, 0, b"u:1001|x", decision, 0))
    assert archive.dossier(decision.decision_id) is None
    assert view._keep is not None
    await view._keep()
    assert archive.dossier(decision.decision_id) is not None
    archive.forget(decision.decision_id)
    await view._keep()
    assert archive.dossier(decision.decision_id) is None
