"""A collector that hears ESPs: its webhooks, the payloads of our own making, and calls sent to it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from prometheus_client import REGISTRY

from services.ingest.adapters.fake_sns import FakeSns
from services.ingest.adapters.http_collector import Bounds
from services.ingest.adapters.key_checks import KeyChecks
from services.ingest.core.hook import Esp, Hook
from services.ingest.webhooks import Hooks, World
from tests.esp_calls import TAG, call_of, sns

FILE = Path(__file__).parent / "data" / "webhooks.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
BY_ESP = {each["esp"]: each["payload"] for each in ROWS}
PATIENT = Bounds(read_s=5.0, linger_s=0.1)  # nothing here is slow by intention; a machine that has other work may be
ADDRESS = "ana@academy.example"
FOREIGN: list[Esp] = [each for each in Esp if each is not Esp.KINDLING]
RECORD = {
    "id": "f-1", "word": "delivered", "message_id": "m-1", "person_tag": TAG, "source": "our connector",
    "occurred_at": "2026-11-03T08:00:00Z",
}  # fmt: skip


def hooked_by(book: Mapping[Esp, Hook], asked: FakeSns | None = None) -> Hooks:
    """Webhooks of this book, read by Anymail; the test is skipped where that is not installed."""
    pytest.importorskip("anymail", reason="the library django-anymail of requirements/esp.txt is not installed")
    from services.ingest.adapters.anymail_events import AnymailReader  # noqa: PLC0415 it may not be installed

    return Hooks(lambda: book, World(AnymailReader(), KeyChecks(), asked or sns()))


async def told(collector: Any, esp: Esp, payload: Any, **options: Any) -> tuple[int, dict[str, Any]]:
    """Status and answer to a payload as its ESP sends it."""
    call = call_of(esp, payload, **options)
    return await sent(collector, esp.value, call.body, call.headers)


async def sent(collector: Any, word: str, body: bytes, headers: Any = None) -> tuple[int, dict[str, Any]]:
    """Status and answer to these bytes."""
    async with collector.http.post(f"/webhooks/{word}", data=body, headers=headers) as response:
        return response.status, orjson.loads(await response.read())


def fate(esp: Esp, word: str) -> float:
    """How many events of an ESP had this fate."""
    labels = {"esp": esp.value, "fate": word}
    return REGISTRY.get_sample_value("kindling_ingest_webhook_events_total", labels) or 0.0
