"""The processes of the whole kill plan: one collector, one consumer, two of every other worker, on one broker."""

import functools
import shutil
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson
import yaml

from deploy.local.player import Player
from deploy.local.ports import free_port
from schemas.topics import CATALOG_COURSES
from services.connector.adapters.sqlite_ledger import FILE
from services.profile.pipeline import Rules, compiled
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Send
from services.runtime.program import read_catalogue, read_program
from tests.llm_server import Server
from tests.system.conftest import ROOT, SECRET, StartWorker, Worker
from tests.system.later import MODULE as LATER
from tests.system.whole_oracle import Claims
from tests.system.whole_reading import OWN, Place

WRITE_KEY = "crowd"
QUIET_PERIOD_S = 1
COURSES = 30
MODULES = {
    "collector": "services.ingest collector",
    "consumer": "services.ingest consumer",
    **{f"{name}-{number}": f"services.{name}" for name in ("profile", "recommender", "composer", "connector")
       for number in (1, 2)},
}  # fmt: skip
PAIRS = ("profile", "recommender", "composer", "connector")
LLM = {"LLM": "auto", "LLM_MODELS": "small=0.25/2", "LLM_TIMEOUT_S": "1", "RECOMMENDER_PATIENCE_S": "2"}


@dataclass(slots=True)
class World:
    """What runs. `kept` are the workers that are started again when they end; who is struck is not, for a moment."""

    folder: Path
    bootstrap: str
    workers: dict[str, Worker] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    kept: list[Worker] = field(default_factory=list)
    began_s: float = field(default_factory=time.time)
    upgrades: int = 0
    _collector_port: int = 0

    @property
    def program(self) -> Path:
        """The academy, which writes to a person as often as the crowd converts."""
        return self.folder / "program"

    @property
    def rules(self) -> Rules:
        """What the profiles fold by."""
        return compiled(read_program(self.program), quiet_period_s=QUIET_PERIOD_S)

    async def start(self, start: StartWorker, server: Server, smtp_port: int) -> None:
        """Publish the catalogue, start every process at once."""
        shutil.copytree(ROOT / "examples" / "academy", self.program)
        brand = yaml.safe_load((self.program / "brand.yaml").read_text())
        caps = {"caps": [{"window_hours": 24, "most": 9}]}  # a conversion that waits for days has no end here
        (self.program / "brand.yaml").write_text(yaml.safe_dump({**brand, **caps}))
        await self._publish_catalogue()
        self._collector_port = free_port()
        others = {"OPENAI_BASE_URL": server.url, **server.embedding}
        for name, module in MODULES.items():
            self.ports[name] = free_port()
            self.workers[name] = start(module, name, others, **self._settings(name, smtp_port))
        self.kept += self.workers.values()

    @property
    def halves(self) -> tuple[list[str], list[str]]:
        """Of each pair somebody is in either."""
        names = list(self.workers)
        return names[::2], names[1::2]

    def change_versions(self) -> None:
        """From their next start on one half are of a later version and the other of today's; then the other way."""
        later, todays = self.halves[:: -1 if self.upgrades % 2 else 1]
        for name in later:
            self.workers[name].module = f"{LATER} {MODULES[name]}"
        for name in todays:
            self.workers[name].module = MODULES[name]
        self.upgrades += 1

    def player(self, publisher: Publisher) -> Player:
        """Who sends a call as a tracker or a server does."""
        return Player(f"http://127.0.0.1:{self._collector_port}", WRITE_KEY, SECRET.encode(), publisher)

    def owned(self, name: str) -> set[Place]:
        """The partitions that the worker said last are its own."""
        numbers = [line["partitions"] for line in self.workers[name].said("owned")]  # the profile says no topics
        if numbers:
            return {(topic.name, number) for topic in OWN for number in numbers[-1]}
        places = [each.split("/") for line in self.workers[name].said("assigned")[-1:] for each in line["partitions"]]
        return {(topic, int(number)) for topic, number in places}

    def claims(self) -> Claims:
        """What the ledger kept of each mail: up to where refusals were read, and when that was asked for."""
        connection = sqlite3.connect(self.folder / "ledger" / FILE)
        try:
            rows = connection.execute("SELECT message_id, seen FROM mails WHERE seen IS NOT NULL").fetchall()
        except sqlite3.OperationalError:  # no connector has been there yet
            rows = []
        finally:
            connection.close()
        kept = {message_id: orjson.loads(seen) for message_id, seen in rows}
        return {
            each: (seen["ends"], datetime.fromisoformat(seen["asked_at"]).timestamp()) for each, seen in kept.items()
        }

    def _settings(self, name: str, smtp_port: int) -> Mapping[str, str]:
        return {
            **LLM,
            "PROGRAM": str(self.program),
            "HEALTH_PORT": str(self.ports[name]),
            "INGEST_PORT": str(self._collector_port),
            "INGEST_WRITE_KEYS": WRITE_KEY,
            "PROFILE_QUIET_PERIOD_S": str(QUIET_PERIOD_S),
            "PROFILE_DATA": str(self.folder / name),
            "QDRANT_PATH": str(self.folder / name / "index"),
            "CONNECTOR_DATA": str(self.folder / "ledger"),
            "CONNECTOR_SMTP_PORT": str(smtp_port),
            "CONNECTOR_SMTP_TIMEOUT_S": "10",
            "CONNECTOR_AGAIN_S": "3",
        }

    async def _publish_catalogue(self) -> None:
        publisher = Publisher(Kafka(self.bootstrap), "plan")
        await publisher.start()
        await publisher.send([Send(CATALOG_COURSES, each) for each in _catalogue()])
        await publisher.stop()


@functools.cache
def _catalogue() -> tuple[object, ...]:
    return tuple(read_catalogue(ROOT / "examples" / "academy" / "catalogue.jsonl"))[:COURSES]
