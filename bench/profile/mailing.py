"""How long a mail takes from the moment its trigger is due, through every service, without a model.

Leads read, give an address and consent, and convert one after another at a pace; a mail server in this process notes
when their mails come.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from aiosmtpd.smtp import SMTP

from bench.machine import busy, load_average
from bench.node import Place, fresh
from bench.profile.feed import Fed, write
from bench.profile.raw import AGENT
from bench.profile.subject import INGEST, KINDLING, PROGRAM, ROOT, Died, Kind, environment, python, started
from bench.profile.traffic import ARTICLES, TOPICS
from deploy.local.ports import free_port
from schemas.topics import CONVERSIONS_RAW, EVENTS_RAW
from services.runtime.kafka_records import partition_of

QUIET_S = 1
PAGES = 6  # a lead reads before
FIRST = 8  # leads whose mails are not counted: the first use of everything
A_SECOND = 2  # leads who convert
SETTLED_S = 3.0  # what is read is folded by then
WITHIN_S = 15  # for the last mails
DOMAIN = "leads.example"
SENDING = ("recommender", "composer", "connector")


@dataclass(frozen=True, slots=True)
class Mailing:
    """Seconds from due to the mail server, ascending; how many mails did not come; the machine meanwhile."""

    took_s: Sequence[float]
    missing: int
    machine_share: float
    load: float


@dataclass(slots=True)
class Mailbox:
    """A mail server that notes when the first mail to each address came."""

    came_s: dict[str, float] = field(default_factory=dict)

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802 aiosmtpd's name
        """Note and keep nothing."""
        for address in envelope.rcpt_tos:
            self.came_s.setdefault(address, time.time())
        return "250 noted"


async def mailed(leads: int, partitions: int) -> Mailing:
    """Let so many leads convert.

    Raises:
        Died: a service did.
    """
    mailbox, port = Mailbox(), free_port()
    async with fresh(partitions) as place, _listening(mailbox, port), AsyncExitStack() as stack:
        settings = _settings(place, port)
        await asyncio.to_thread(_import, place, settings)
        running = [await stack.enter_async_context(started(each, place)) for each in _kinds(settings)]
        for each in running:
            await each.until_ready()
        numbers = range(FIRST + leads)
        await write(place.address, [fed for number in numbers for fed in _history(number, partitions)])
        await asyncio.sleep(SETTLED_S)
        await _convert(place, partitions, numbers[:FIRST], mailbox)
        before = busy()
        due_s = await _convert(place, partitions, numbers[FIRST:], mailbox)
        took_s = sorted(mailbox.came_s[each] - at_s for each, at_s in due_s.items() if each in mailbox.came_s)
        return Mailing(took_s, leads - len(took_s), busy().share_since(before), load_average())


async def _convert(place: Place, partitions: int, numbers: Sequence[int], mailbox: Mailbox) -> dict[str, float]:
    """Let these convert at the pace and wait for their mails; gives by address when each trigger was due."""
    due_s: dict[str, float] = {}
    for number in numbers:
        at_s = time.time()
        await write(place.address, [_conversion(number, partitions, at_s)])
        due_s[_address(number)] = int(at_s * 1_000) / 1_000 + QUIET_S
        await asyncio.sleep(max(0.0, at_s + 1 / A_SECOND - time.time()))
    for _ in range(WITHIN_S):
        if not due_s.keys() <= mailbox.came_s.keys():
            await asyncio.sleep(1)
    return due_s


def _kinds(settings: dict[str, str]) -> Iterator[Kind]:
    for kind in (INGEST, KINDLING, *(Kind(each, python(f"services.{each}"), each) for each in SENDING)):
        yield replace(kind, settings=settings)


def _settings(place: Place, port: int) -> dict[str, str]:
    return {
        "KINDLING_LLM": "none",
        "KINDLING_PROFILE_QUIET_PERIOD_S": str(QUIET_S),
        "KINDLING_QDRANT_PATH": str(place.folder / "index"),
        "KINDLING_CONNECTOR_DATA": str(place.folder / "ledger"),
        "KINDLING_CONNECTOR_SMTP_PORT": str(port),
    }


def _import(place: Place, settings: dict[str, str]) -> None:
    words = (sys.executable, "-m", "services.recommender", "import", str(PROGRAM / "catalogue.jsonl"))
    done = subprocess.run(
        words, cwd=ROOT, env=environment(place, settings), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Died(f"the import ended with status {done.returncode}: {done.stderr[-1_000:]}")


@asynccontextmanager
async def _listening(mailbox: Mailbox, port: int) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: SMTP(mailbox, loop=loop, enable_SMTPUTF8=True), "127.0.0.1", port):
        yield


def _address(number: int) -> str:
    return f"lead-{number}@{DOMAIN}"


def _history(number: int, partitions: int) -> Iterator[Fed]:
    """What the lead reads, on a server's word for whom they are."""
    topic = TOPICS[number % len(TOPICS)]
    for page in range(PAGES):
        article = (number + page) % ARTICLES
        properties = {
            "path": f"/blog/{topic}/article-{article}", "title": f"What we learnt about {topic}, part {article}",
        }  # fmt: skip
        call = {"type": "page", "context": {"userAgent": AGENT, "locale": "en-US"}, "properties": properties}
        yield _fed(EVENTS_RAW.name, number, f"page-{page}", call, partitions)


def _conversion(number: int, partitions: int, at_s: float) -> Fed:
    topic = TOPICS[number % len(TOPICS)]
    traits = {
        "email": _address(number), "firstName": "Sam", "company": f"Company {number}", "role": "marketer",
        "consent": {"marketing": True, "text_version": "2026-01"},
    }  # fmt: skip
    properties = {"topic": topic, "email": _address(number)}
    call = {"type": "track", "event": "Trial Started", "properties": properties, "context": {"traits": traits}}
    return replace(_fed(CONVERSIONS_RAW.name, number, "trial", call, partitions), timestamp_ms=int(at_s * 1_000))


def _fed(topic: str, number: int, name: str, call: dict[str, Any], partitions: int) -> Fed:
    key = f"lead-{number}".encode()
    value = orjson.dumps({**call, "userId": f"lead-{number}", "messageId": f"{number}-{name}"})
    return Fed(topic, partition_of(key, partitions), value, key)
