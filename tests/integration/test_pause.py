"""A pause of mail on the real broker: composer and connector hold; nothing is lost, sent twice, or expires unseen."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiosmtpd.smtp import SMTP
from prometheus_client import REGISTRY

from deploy.local.ports import free_port
from schemas.codec import decode
from schemas.control import MAIL
from schemas.recommendation import Recommendation
from schemas.topics import CONTROL, DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND, RECOMMENDATIONS, Topic
from schemas.trace import trace_id, traceparent
from services.composer.__main__ import serve as compose
from services.composer.settings import ComposerSettings
from services.connector.__main__ import serve as connect
from services.connector.settings import ConnectorSettings
from services.runtime.clock import now
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Send
from services.runtime.process import Process
from services.runtime.switches import Held, held, lines, pause, resume, standing
from tests.processes import new_process

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "schemas" / "examples" / "recommendations" / "course.json"
DECISION = {name: f"5f0c7d1e-7f0a-5c1b-9d2e-00000000000{n}" for n, name in enumerate(("caught", "unwritten", "late"))}
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NAME = {decision: name for name, decision in DECISION.items()}
ReadAll = Callable[[Topic], Awaitable[list[Any]]]


class Sink:
    """A mail server: `meanwhile` comes when a recipient was named, and before the content."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.meanwhile: Callable[[], Awaitable[object]] = _at_once

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, ___: Any) -> str:  # noqa: N802 aiosmtpd's
        """It takes everybody."""
        await self.meanwhile()
        envelope.rcpt_tos.append(address)
        return "250 yes"

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802 aiosmtpd's
        """It keeps every letter."""
        self.taken += envelope.rcpt_tos
        return "250 kept"


def _recommendation(name: str, lasts: timedelta) -> Recommendation:
    fields = orjson.loads(EXAMPLE.read_bytes())
    fields["request"] |= {
        "person": f"u:{name}", "decision_id": DECISION[name], "created_at": now(), "not_before": now(),
        "expires_at": now() + lasts,
    }  # fmt: skip
    fields["request"]["recipient"]["address"] = f"{name}@example.com"
    fields["course"]["url"] = "https://www.tidewell.example/courses/email-automation-foundations"
    return Recommendation.model_validate(fields)


class Stand:
    """Composer and connector in this process, and a mail server between them and the world."""

    def __init__(self, address: str, folder: Path) -> None:
        self.kafka, self.sink, self.port = Kafka(address), Sink(), free_port()
        common = {"kafka_bootstrap_servers": address, "secret": "a secret of a test", "drain_s": 0.5}
        self._composer = ComposerSettings.model_validate({**common, "program": ROOT / "examples" / "academy"})
        words = {"connector_data": folder, "connector_smtp_port": self.port}
        self._connector = ConnectorSettings.model_validate({**common, **words})
        self._serving: dict[str, tuple[Process, asyncio.Task[Any]]] = {}

    def start(self, name: str) -> None:
        """Serve until it is stopped."""
        process = new_process(name)
        act = compose(self._composer, process) if name == "composer" else connect(self._connector, process)
        self._serving[name] = process, asyncio.create_task(process.tasks.run(act))

    async def until_ready(self) -> None:
        """All of them."""
        await _until(lambda: all(process.health.is_ready for process, _ in self._serving.values()))

    async def stop(self, name: str) -> float:
        """Stop it; how many seconds that took."""
        process, serving = self._serving.pop(name)
        began = time.monotonic()
        process.stop.set()
        async with asyncio.timeout(30):
            assert await serving is None
        return time.monotonic() - began

    async def recommend(self, *recommendations: Recommendation) -> None:
        """Publish them."""
        publisher = Publisher(self.kafka, "test")
        await publisher.start()
        await publisher.send([Send(RECOMMENDATIONS, each) for each in recommendations], traceparent=TRACE)
        await publisher.stop()

    async def spoil(self) -> None:
        """Write a record of the switch that nobody can read."""
        publisher = Publisher(self.kafka, "test")
        await publisher.start()
        await publisher.send_raw(CONTROL, MAIL.encode(), b"no JSON")
        await publisher.stop()


async def _until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(40):
        while not what():
            await asyncio.sleep(0)


def _paused() -> bool:
    return REGISTRY.get_sample_value("kindling_paused", {"switch": MAIL}) == 1


async def _words(read_all: ReadAll) -> list[str]:
    told = [decode(EMAIL_FEEDBACK, each.value) for each in await read_all(EMAIL_FEEDBACK)]
    return sorted(f"{NAME[each.decision_id]} {each.word} {each.reason}" for each in told)


def _of(waits: tuple[Held, ...], stage: str) -> Held:
    return next(each for each in waits if each.stage == stage)


async def test_a_pause_holds_all_mail_and_its_end_lets_each_go_once(
    topics: str, read_all: ReadAll, tmp_path: Path
) -> None:
    """One mail is between claim and content, one unwritten, one expires; the connector is stopped and started in it."""
    stand = Stand(topics, tmp_path)

    async def pausing() -> None:
        said, is_new = await pause(stand.kafka, MAIL, "on call", "a test")
        assert (said.is_paused, is_new) == (True, True)
        await _until(_paused)

    stand.sink.meanwhile = pausing
    smtp = await asyncio.get_running_loop().create_server(lambda: SMTP(stand.sink), "127.0.0.1", stand.port)
    stand.start("composer")
    stand.start("connector")
    await stand.recommend(_recommendation("caught", timedelta(hours=8)))
    await _until(_paused)
    again, is_new = await pause(stand.kafka, MAIL, "another")
    assert (again.by, is_new) == ("on call", False)
    late = _recommendation("late", timedelta(seconds=1))
    await stand.recommend(_recommendation("unwritten", timedelta(hours=8)), late)
    await stand.until_ready()
    await stand.spoil()
    assert await stand.stop("connector") < 3
    stand.start("connector")
    await stand.until_ready()
    waits = await held(stand.kafka)
    assert (len(await read_all(EMAIL_OUTBOUND)), stand.sink.taken, await _words(read_all)) == (1, [], [])
    assert (_of(waits, "composer").unread, _of(waits, "connector").unread) == (2, 2)  # a mail and a marker
    stands = await standing(stand.kafka, MAIL)
    told = list(lines(stands, waits, now()))
    assert (stands.is_paused, "cannot be read" in told[0], "is lost some time after" in told[1]) == (True, True, True)
    stand.sink.meanwhile = _at_once
    await _until(lambda: now() > late.request.expires_at)
    assert (await resume(stand.kafka, MAIL, "on call"))[1]
    await _until(lambda: len(stand.sink.taken) == 2)
    async with asyncio.timeout(20):
        while len(words := await _words(read_all)) < 3:
            pass
    assert words == ["caught delivered None", "late not_sent expired", "unwritten delivered None"]
    assert sorted(stand.sink.taken) == ["caught@example.com", "unwritten@example.com"]
    ended = [decode(DECISIONS, each.value) for each in await read_all(DECISIONS)]
    assert sorted(each.reason for each in ended) == ["composed", "composed", "expired"]
    for topic in (EMAIL_OUTBOUND, DECISIONS, EMAIL_FEEDBACK):
        carried = [traceparent(each.headers) or "" for each in await read_all(topic)]
        assert {trace_id(each) for each in carried} == {trace_id(TRACE)}
    await asyncio.gather(stand.stop("composer"), stand.stop("connector"))
    smtp.close()


async def _at_once() -> None:
    """Nothing is in between."""
