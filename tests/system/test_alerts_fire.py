"""Three alerts on the running demo: silent in health, firing by their cause, silent again when it is mended.

Prometheus scrapes the demo's own processes with every rule, in a world that is faster (deploy/prometheus/hurried.py).
"""

import asyncio
import io
import json
import os
import shutil
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiokafka import AIOKafkaConsumer
from rich.console import Console

from deploy.grafana.empty import EMPTY_IN_HEALTH
from deploy.local.calls import calls_of
from deploy.local.demo import Demo, _prepare
from deploy.local.observe import Observed, rules
from deploy.local.player import Player
from deploy.local.ports import free_port
from deploy.prometheus.hurried import hurried
from schemas.topics import EMAIL_OUTBOUND
from services.runtime.clock import now
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from tests.panels import answer, panels
from tests.system.whole_crowd import pause

pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.xdist_group("demo"), pytest.mark.timeout(300)]
TIMES = 240  # an hour is 15 s, a quarter of one 3.75 s
WITHIN_S = 60.0
POLL_S = 0.25
FIRING = frozenset({"KindlingLagGrows", "KindlingNothingSent", "KindlingModelAway"})
COPIES = 25  # of one mail, at each look until lag is told of: more than 200 in all
MOST_LEADS = 40


class Watched:
    """The demo with Prometheus beside it, and leads as many as are needed."""

    def __init__(self, demo: Demo, player: Player, publisher: Publisher, url: str) -> None:
        self.demo, self.url = demo, url
        self._player, self._publisher = player, publisher
        held_out = {event for each in demo._business.playbooks if each.experiment.holdout for event in each.entry}
        lead = next(  # whose copies, each with an address of its own, are all mailed: arms are drawn by the address
            each for each in demo._story.leads
            if each.ends == ("email",) and held_out.isdisjoint({step.event for step in each.steps})
        )  # fmt: skip
        self._lead = lead.model_copy(update={"through": "kafka"})
        self.converted = 0

    async def convert(self) -> None:
        """One more lead does what one of the story does, and converts."""
        self.converted += 1
        name, website = self._lead.name.lower(), self.demo._business.brand.website.rstrip("/")
        for sent in calls_of(self._lead, 1, "alerts", now(), website):
            own = json.loads(json.dumps(sent.call).replace(name, f"{name}{self.converted}"))
            await self._player.play([replace(sent, call=own)])

    async def copy(self, record: Any, count: int) -> None:
        """Write a mail again: the connector knows its id, and sends it no second time."""
        await asyncio.gather(
            *(self._publisher.send_raw(EMAIL_OUTBOUND, record.key, record.value) for _ in range(count))
        )

    async def one_mail(self) -> Any:
        """A finished mail as it lies on its topic."""
        consumer = AIOKafkaConsumer(
            EMAIL_OUTBOUND.name, bootstrap_servers=self.demo._broker.address, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            return await consumer.getone()
        finally:
            await consumer.stop()

    def mails(self) -> int:
        """How many mails are in the mailbox."""
        return len(list((self.demo._folder / "mail").glob("*.eml")))

    async def firing(self) -> frozenset[str]:
        """The alerts that fire."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/api/v1/alerts") as response:
            alerts = (await response.json())["data"]["alerts"]
        return frozenset(each["labels"]["alertname"] for each in alerts if each["state"] == "firing")

    async def unwell(self) -> list[str]:
        """The rules that Prometheus could not evaluate, each with what is wrong."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/api/v1/rules") as response:
            groups = (await response.json())["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert len(rules) > 100
        return [f"{rule['name']}: {rule['lastError']}" for rule in rules if rule["health"] == "err"]

    async def until(self, is_true: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait for a fact."""
        try:
            async with asyncio.timeout(WITHIN_S):
                while not await is_true():
                    await pause(POLL_S)
        except TimeoutError:
            told = f"{self.converted} leads, {self.mails()} mails, firing: {sorted(await self.firing())}"
            pytest.fail(f"{what} within {WITHIN_S:.0f} s; {told}")


@pytest.fixture
async def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    """All services of the demo with recorded answers, and Prometheus."""
    if shutil.which("prometheus") is None:
        pytest.skip("prometheus is not here: install prometheus")
    for name in [each for each in os.environ if each.startswith(("OPENAI_", "KINDLING_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KINDLING_CONNECTOR_IN_FLIGHT", "1")  # one mail that waits holds up all behind it
    words = Namespace(
        folder=tmp_path / "demo", collector_port=free_port(), console_port=free_port(), no_llm=False,
        local_model=False, observe=False,
    )  # fmt: skip
    _prepare(words)
    demo = Demo(words, Console(file=io.StringIO()))
    demo.observed = Observed({name: hurried(each, TIMES) for name, each in rules().items()}, back="3s")
    try:
        await demo._start()
        async with AsyncExitStack() as stack:
            publisher = Publisher(Kafka(demo._broker.address), "test")
            stack.push_async_callback(publisher.stop)
            await publisher.start()
            yield Watched(demo, Player("", "", b"", publisher), publisher, demo.prometheus)
    finally:
        await asyncio.to_thread(demo._processes.end)


async def test_lag_nothing_sent_and_model_away_fire_by_their_cause_and_end_with_it(watched: Watched) -> None:
    """In health none does; afterwards the mails that waited come, each once, though one of them was copied."""
    began = time.time()
    for _ in range(2):
        await watched.convert()
    await watched.until(lambda: _is_above(watched, "kindling:mails_delivered:increase1h", 1), "two mails")
    assert FIRING & await watched.firing() == frozenset()

    mail, before = await watched.one_mail(), watched.mails()
    _stop(watched, "llm", "mail")
    await watched.convert()  # its mail is of the template, and waits for the mail server
    await watched.until(lambda: _is_above(watched, 'kindling_lag_records{stage="connector"}', 0), "a mail that waits")
    _stop(watched, "composer")

    seen: set[str] = set()

    async def all_fire() -> bool:
        for _ in range(2 if watched.converted < MOST_LEADS else 0):
            await watched.convert()
        seen.update(FIRING & await watched.firing())
        if "KindlingLagGrows" not in seen:
            await watched.copy(mail, COPIES)
        return seen == FIRING

    await watched.until(all_fire, "all three fire")
    assert await asyncio.to_thread(_shown, watched.url, began) == {
        key for key, alert in EMPTY_IN_HEALTH.items() if alert in FIRING
    }

    await watched.demo.start_llm()
    watched.demo._processes.start_module(
        "mail", "deploy.local.smtp_sink", "--port", str(watched.demo._ports["smtp"]), "--folder",
        str(watched.demo._folder / "mail"),
    )  # fmt: skip
    watched.demo._service("composer")

    async def is_well() -> bool:
        waits = await _is_above(watched, 'kindling_lag_records{stage=~"recommender|composer|connector"}', 0)
        return not waits and watched.mails() > before + 1 and not FIRING & await watched.firing()

    await watched.until(is_well, "health")
    assert await watched.unwell() == []
    ids = [each.name.partition("-")[2] for each in (watched.demo._folder / "mail").glob("*.eml")]
    assert len(ids) == len(set(ids))


def _shown(url: str, began: float) -> set[tuple[str, str]]:
    """Which of the panels that are empty in health, and that one of the three alerts fills, show something."""
    asked = [each for each in panels() if EMPTY_IN_HEALTH.get(each.key) in FIRING]
    return {each.key for each in asked if any(answer(url, one, began, time.time()) for one in each.asked)}


def _stop(watched: Watched, *names: str) -> None:
    for name in names:
        process = watched.demo._processes.running.pop(name)
        process.terminate()
        process.wait(20)


async def _is_above(watched: Watched, query: str, bound: float) -> bool:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{watched.url}/api/v1/query", params={"query": f"sum({query})"}) as response,
    ):
        found = (await response.json())["data"]["result"]
    return bool(found) and float(found[0]["value"][1]) > bound
