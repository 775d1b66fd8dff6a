"""The pipeline's page and its news, over HTTP."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.control import SwitchSet
from services import console
from services.console.adapters import live as lives
from services.console.adapters.fake_flow import FakeFlow
from services.console.adapters.live import Live
from services.console.core.flow import Letter, Sample
from services.runtime.clock import now

STATIC = Path(console.__file__).parent / "static"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pace of the snapshots is not what is shown here."""
    monkeypatch.setattr(lives, "EVERY_S", 0.01)
    monkeypatch.setattr(lives, "FRESH_S", 0.0)


def _sample(**changes: Any) -> Sample:
    spot = ("recommendations", 0)
    return Sample(now(), {spot: 1234}, {"kindling.composer": {spot: 1000}}, **changes)


async def test_page_shows_figures_without_a_script(client: Any, flow: FakeFlow, archive: Any, decision: Any) -> None:
    """Picture, table and endings as they are now, and a page that asks for itself anew where no script runs."""
    flow.samples = [_sample(letters=(Letter(now(), "ingest", "undecodable", "events.raw/0/7"),))]
    archive.put_decision(decision(ended_at=now().isoformat()))
    response = await client.get("/pipeline")
    page = await response.text()
    words = " ".join(page.split())
    assert response.status == 200
    assert page.count('role="img"') == 2
    assert "composer catching up, \N{EN DASH}, 234 waiting" in words
    assert "An email was written and passed every check" in words
    assert "events.raw/0/7" in words
    assert "▲ 1 dead" in words
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert 'aria-current="page">Pipeline' in words


async def test_only_our_script_may_run_and_only_here(client: Any, flow: FakeFlow) -> None:
    """A file of our own, no inline script or style; what a stranger wrote into a header shows as text."""
    hostile = Letter(now(), "ingest", SCRIPT, SCRIPT)
    flow.samples = [_sample(letters=(hostile,))]
    response = await client.get("/pipeline")
    page = await response.text()
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert page.count("<script") == 1
    assert "&lt;script&gt;" in page
    assert "style=" not in page
    assert "script-src 'none'" in (await client.get("/")).headers["Content-Security-Policy"]
    script = await client.get("/static/pipeline.js")
    assert (script.status, "eval" in await script.text()) == (200, False)


async def test_every_page_leads_to_the_others(client: Any) -> None:
    """The page that one is on is marked, for eyes and for readers of screens."""
    for path, here in (("/", "Decisions"), ("/pipeline", "Pipeline"), ("/nowhere", "")):
        text = await (await client.get(path)).text()
        assert 'href="/pipeline"' in text
        assert re.findall(r'aria-current="page">(\w+)', text) == ([here] if here else [])


async def test_broker_that_is_away_is_said_so(client: Any) -> None:
    """The page stands, and says what is missing and why."""
    page = await (await client.get("/pipeline")).text()
    assert "Figures are missing." in page
    assert "Kafka does not answer at nowhere:1" in page
    assert "not known" in page


async def test_first_day_says_what_will_come(client: Any, flow: FakeFlow) -> None:
    """In words, not in empty boxes."""
    flow.samples = [Sample(now(), {}, {})]
    page = await (await client.get("/pipeline")).text()
    assert "Nothing has happened yet." in page
    assert "No trigger has ended in the last day." in page
    assert "None in the last day" in page


async def test_pause_stands_on_top(client: Any, flow: FakeFlow, live: Live) -> None:
    """Who holds mail, and why, as text."""
    flow.samples = [_sample()]
    said = SwitchSet(switch="mail", is_paused=True, at=now(), by="ana", why=SCRIPT)
    live._held.switch(b"mail", said)
    page = await (await client.get("/pipeline")).text()
    assert "Mail is paused." in page
    assert "By ana, since " in page
    assert "&lt;script&gt;" in page


async def _event(response: Any) -> str:
    """The next event's text; heartbeats are passed over."""
    lines: list[str] = []
    while True:
        line = (await asyncio.wait_for(response.content.readline(), 20)).decode()
        if line.startswith("data: "):
            lines.append(line.removeprefix("data: "))
        elif lines or not line:
            return "".join(lines)


async def test_news_come_while_somebody_listens_and_are_made_once_for_all(
    client: Any, flow: FakeFlow, live: Live
) -> None:
    """Every listener hears; nobody listening, nothing is asked; at the end all are let go."""
    flow.samples = [_sample()]
    stop = asyncio.Event()
    running = asyncio.ensure_future(live.run(stop))
    await asyncio.sleep(0)
    assert flow.asked == 0
    first, second = [await client.get("/pipeline/events") for _ in range(2)]
    assert (first.content_type, first.headers["Cache-Control"]) == ("text/event-stream", "no-store")
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    heard, also = await _event(first), await _event(second)
    assert 'role="img"' in heard
    assert 'role="img"' in also
    assert live.listeners == 2
    first.close()
    while live.listeners > 1:
        await _event(second)
    stop.set()
    async with asyncio.timeout(20):
        while await _event(second):
            pass  # what was written before
        await running
    while live.listeners:
        await asyncio.sleep(0)
    assert flow.is_stopped


async def test_heartbeat_keeps_a_listener_while_nothing_is_new(
    client: Any, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy cuts what is silent; nothing runs here, so that nothing is new."""
    monkeypatch.setattr("services.console.adapters.web_pipeline.HEARTBEAT_S", 0.01)
    response = await client.get("/pipeline/events")
    assert await response.content.readline() == b"retry: 3000\n"
    assert await response.content.readline() == b"\n"
    assert await response.content.readline() == b": alive\n"
    live.is_over = True
    assert (await asyncio.wait_for(response.content.read(), 20)).replace(b": alive\n\n", b"").strip() == b""


async def test_one_listener_too_many_is_told_when_to_come_again(
    client: Any, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with what to do; those who listen are not held up."""
    monkeypatch.setattr(lives, "MOST_LISTENERS", 1)
    with live.listening():
        response = await client.get("/pipeline/events")
        assert (response.status, response.headers["Retry-After"]) == (503, "30")
        assert "close another page of the pipeline" in await response.text()
    assert live.listeners == 0


async def test_snapshot_serves_all_who_ask_at_once(live: Live, flow: FakeFlow, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pages are opened, the broker is asked once."""
    monkeypatch.setattr(lives, "FRESH_S", 60.0)
    flow.samples = [_sample()]
    found = await asyncio.gather(*(live.now() for _ in range(20)))
    assert (flow.asked, len({id(each) for each in found})) == (1, 1)
    assert found[0].at <= datetime.now(UTC)
