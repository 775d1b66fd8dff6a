"""Who is a machine by its user agent: real crawlers are, real browsers and phones are not."""

import os
from pathlib import Path
from typing import Any

import orjson
import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from schemas.email import Suppression
from services.ingest.__main__ import _keys
from services.ingest.adapters.crawler_list import CrawlerList
from services.ingest.core.bots import KNOWN_AGENTS, MAX_AGENT_LENGTH, judge
from services.ingest.core.source import keys_of
from services.ingest.core.withheld import flag_bot
from services.ingest.settings import IngestSettings
from services.runtime.fake_seal import FakeSeal

SHARED = Path(os.environ.get("KINDLING_SHARED", Path(__file__).parents[4] / "shared")) / "data"
CALLS = SHARED / "rudder_events" / "events_shared.jsonl"
MACHINES_AMONG_THEM = ("GoogleImageProxy", "Googlebot")
IS_BOT = judge(CrawlerList())
MACINTOSH = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
CUBOTS = ("CUBOT_P30", "CUBOT X30", "CUBOT", "Cubot Note 20")
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0"
ANDROID = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/110.0.0.0 Mobile Safari/537.36"
PEOPLE = (
    f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1",
    f"{IPHONE} CriOS/124.0.0.0 Mobile/15E148 Safari/604.1",
    f"{IPHONE} GSA/300.0 Mobile/15E148 Safari/604.1",
    f"{IPHONE} Mobile/15E148 Instagram 300.0.0.0",
    f"{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/400.0.0.0]",
    f"{IPHONE} Mobile/15E148 [LinkedInApp]/9.29",
    f"{IPHONE} Mobile/15E148 [Pinterest/iOS]",
    f"{IPHONE} Mobile/15E148 Twitter for iPhone/10.1",
    f"{IPHONE} Version/17.5 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15",
    f"{WINDOWS} Safari/537.36",
    f"{WINDOWS} Safari/537.36 Edg/124.0.0.0",
    f"{WINDOWS} Safari/537.36 OPR/110.0.0.0",
    f"{WINDOWS} YaBrowser/24.4.0.0 Safari/537.36",
    f"{WINDOWS} Electron/29.0 Safari/537.36 Teams/24",
    f"Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) {ANDROID} SamsungBrowser/23.0",
    f"Mozilla/5.0 (Linux; Android 12; SM-G991B) {ANDROID} musical_ly_2022 BytedanceWebview/d8a21c6",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {ANDROID}",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:126.0) Gecko/20100101 Firefox/126.0",
    f"{MACINTOSH} Version/17.4 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    *(f"Mozilla/5.0 (Linux; Android 9; {model}) {ANDROID}" for model in CUBOTS),
    "Dalvik/2.1.0 (Linux; U; Android 10; CUBOT_NOTE_20 Build/QP1A)",
)  # fmt: skip
# What the list lacks, with the word of ours that tells it.
UNLISTED = {
    "bot": "NewThing-Bot/1.0",
    "crawl": "some-new-crawler/2",
    "spider": "Mozilla/5.0 (compatible; brandnewspider)",
    "headless": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 HeadlessFirefox/110",
    "webdriver": "WebDriver/1.0",
    "preview": "LinkPreview/1",
    "validator": "a-link-validator",
    "scanner": "a scanner of mail",
    "proofpoint": "Mozilla/5.0 (compatible; Proofpoint URL Defense)",
    "mimecast": "Mimecast-URL-Protect/1.0",
    "barracuda": "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))",
    "fireeye": "FireEye",
    "trend micro": "Trend Micro WTP",
    "undici": "undici",
    "postmanruntime": "PostmanRuntime/7.3",
    "java": "Java/17.0.1",
}  # fmt: skip


def test_every_agent_of_the_list_is_a_machine() -> None:
    """Each of the list's own examples of real crawlers."""
    agents = [agent for each in CRAWLER_USER_AGENTS_DATA for agent in each["instances"]]
    assert len(agents) > 2_000
    assert [agent for agent in agents if not IS_BOT(agent)] == []


@pytest.mark.parametrize("word", UNLISTED)
def test_a_word_of_ours_tells_what_the_list_lacks(word: str) -> None:
    """A word that the list comes to know is one less for us."""
    assert CrawlerList()(UNLISTED[word]) is False
    assert IS_BOT(UNLISTED[word]) is True


@pytest.mark.parametrize("agent", ["curl/8.1", "python-requests/2.31", "Mozilla/5.0 HeadlessChrome/120"])
def test_programs_are_machines(agent: str) -> None:
    """A program that fetches, a browser without a window."""
    assert IS_BOT(agent)


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_persons_browser_is_none(agent: str) -> None:
    """Usual browsers, those inside apps, and phones whose maker is called CUBOT."""
    assert not IS_BOT(agent)


@pytest.mark.skipif(not CALLS.exists(), reason="the collection of real calls is not here")
def test_browsers_of_real_calls_are_people() -> None:
    """All agents of a collection of real calls but the two machines among them."""
    agents = {agent for line in CALLS.read_bytes().splitlines() if isinstance(agent := _agent(line), str)}
    machines = {agent for agent in agents if any(name in agent for name in MACHINES_AMONG_THEM)}
    assert (len(agents) > 40, len(machines)) == (True, 2)
    assert {agent for agent in agents if IS_BOT(agent)} == machines


def test_an_agent_is_looked_up_once() -> None:
    """The list costs a hundred times an event: what it said is remembered, of so many; no agent is none."""
    asked: list[str] = []

    def listed(agent: str) -> bool:
        asked.append(agent)
        return False

    is_bot = judge(listed)
    assert [is_bot(each) for each in ("Firefox", "Firefox", None, 7, "x" * 2_000)] == [False] * 5
    assert asked == ["Firefox", "x" * MAX_AGENT_LENGTH]
    for number in range(KNOWN_AGENTS):
        is_bot(str(number))
    is_bot("Firefox")
    assert asked.count("Firefox") == 2


def test_without_a_list_our_own_words_tell() -> None:
    """What programs have that take no list along, as tests and measurements do."""
    is_bot = keys_of(b"a secret of a test", FakeSeal()).policy.is_bot
    assert [is_bot(each) for each in ("NewThing-Bot/1.0", "curl/8.1", PEOPLE[0])] == [True, False, False]


def test_a_suppression_is_nobodys_event(events: Any) -> None:
    """A machine among the effects of a record flags the others."""
    [event] = events()
    refusal = Suppression.model_validate(
        {"address_key": "k", "purposes": ["*"], "state": "suppressed", "reason": "unsubscribed",
         "since": "2026-11-03T09:00:00Z", "source": "esp"}
    )  # fmt: skip
    flag_bot([event, refusal])
    assert event["bot"] is True
    assert not hasattr(refusal, "bot")


def test_a_machines_event_says_so_and_is_counted(made: Any, events: Any) -> None:
    """What it links too: it leads nobody anywhere; and it withdraws nothing."""
    machine = {"userAgent": "Googlebot/2.1"}
    said = {"type": "identify", "userId": "7", "messageId": "m", "anonymousId": "b", "context": machine}
    assert made(said, {**said, "context": {}}, {**said, "messageId": "n"}).tally["bot_by_agent"] == 2
    assert [each["bot"] for each in events(**said, traits={"consent": {"news": False}})] == [True, True]
    assert [each["bot"] for each in events(type="alias", userId="7", context=machine)] == [True, True]


def test_the_commands_ask_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """What only the list knows is a machine for collector and consumer."""
    monkeypatch.setenv("KINDLING_SECRET", "a secret of a test")
    is_bot = _keys(IngestSettings()).policy.is_bot
    assert (is_bot("okhttp/4.9.3"), is_bot(PEOPLE[0])) == (True, False)


def _agent(line: bytes) -> Any:
    context = orjson.loads(line)["event"].get("context")
    return context.get("userAgent") if isinstance(context, dict) else None
