"""Builders of the console's tests: the published examples with what the case changes."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp.test_utils import TestClient, TestServer

from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail
from services.console.adapters.fake_flow import FakeFlow
from services.console.adapters.fake_holdings import FakeHoldings
from services.console.adapters.fake_view import FakeDesk
from services.console.adapters.live import Live
from services.console.adapters.sqlite_view import SqliteView
from services.console.adapters.web import application
from services.console.core.held import Held

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"


def _fields(name: str) -> dict[str, Any]:
    fields: dict[str, Any] = orjson.loads((EXAMPLES / name).read_bytes())
    return fields


@pytest.fixture
def decision() -> Callable[..., Decision]:
    """A builder of decisions; `sent` unless the case names another example."""
    return lambda example="sent", **changes: Decision.model_validate(_fields(f"decisions/{example}.json") | changes)


@pytest.fixture
def mail() -> Callable[..., OutboundEmail]:
    """A builder of the mail of that decision."""
    return lambda **changes: OutboundEmail.model_validate(_fields("email.outbound/course.json") | changes)


@pytest.fixture
def feedback() -> Callable[..., Feedback]:
    """A builder of feedback on that mail."""
    return lambda **changes: Feedback.model_validate(_fields("email.feedback/delivered.json") | changes)


@pytest.fixture
def archive() -> Any:
    """An empty archive in memory, the real one: it is as fast as the fake."""
    view = SqliteView.open(":memory:")
    yield view
    view.close()


@pytest.fixture
def flow() -> FakeFlow:
    """What the broker says of the pipeline: at first it is away."""
    return FakeFlow()


@pytest.fixture
def live(archive: SqliteView, flow: FakeFlow) -> Live:
    """Snapshots of that archive and that broker."""
    return Live(flow, FakeDesk(archive), Held())


@pytest.fixture
def holdings() -> FakeHoldings:
    """What is held of persons: nothing, until the case puts it there."""
    return FakeHoldings()


@pytest.fixture
async def client(archive: SqliteView, live: Live, holdings: FakeHoldings) -> AsyncIterator[Any]:
    """A client of the application over that archive."""
    async with TestClient(TestServer(application(FakeDesk(archive), live, holdings))) as client:
        yield client
