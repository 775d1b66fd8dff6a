"""What the connector does for a mail: its own pipeline with the ledger on disk and a mail server in another process."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from deploy.local.kafka import answers
from deploy.local.ports import free_port
from schemas.codec import encode
from schemas.email import OutboundEmail
from schemas.identity import derived_key
from schemas.signing import signature
from schemas.suppression import Seen
from schemas.topics import EMAIL_OUTBOUND
from services.connector.adapters.clock import MachineClock
from services.connector.adapters.smtp_mailer import Server, SmtpMailer
from services.connector.adapters.sqlite_ledger import SqliteLedger
from services.connector.pipeline import deliver
from services.connector.settings import ConnectorSettings
from services.connector.world import World
from services.runtime.outcome import Emit, Message

SECRET = b"a secret of a bench"
KEY, ADDRESS_KEY = derived_key(SECRET, "outbound"), derived_key(SECRET, "address")
IN_FLIGHT = int(ConnectorSettings.model_fields["connector_in_flight"].default)
TIMEOUT_S, POLL_S = 30.0, 0.05
DAY = timedelta(days=1)


@dataclass
class Unsuppressed:
    """Nobody refuses anything, and the view is up to date."""

    clock: MachineClock = field(default_factory=MachineClock)

    def refused_by(self, _: str) -> frozenset[str]:
        """Nothing."""
        return frozenset()

    async def up_to_date(self) -> Seen:
        """As of now."""
        return Seen({}, self.clock.now())


async def sent(mails: Sequence[OutboundEmail], count: int, folder: Path) -> tuple[float, float]:
    """CPU and seconds by the clock in which so many mails are sent, as many at once as by default."""
    port, clock = free_port(), MachineClock()
    records = list(_records(mails, count, clock))
    ledger = await SqliteLedger.open(folder / "ledger", clock.now())
    mailer = SmtpMailer(Server("127.0.0.1", port, None, None, "none", TIMEOUT_S, None))
    world = World(KEY, ADDRESS_KEY, ledger, mailer, Unsuppressed(), clock)
    left = iter(records)

    async def work() -> None:
        for record in left:
            outcome = await deliver(record, world)
            if not isinstance(outcome, Emit) or getattr(outcome.records[0].event, "word", "") != "delivered":
                raise RuntimeError(f"expected that a mail is sent, came {outcome}")

    try:
        with _sink(port, folder / "mails"):
            began, cpu = time.perf_counter(), time.process_time()
            await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
            return time.process_time() - cpu, time.perf_counter() - began
    finally:
        await ledger.close()


def _records(mails: Sequence[OutboundEmail], count: int, clock: MachineClock) -> Iterator[Message]:
    """The story's mails again and again, each with an id and an address of its own, signed and in time."""
    now = clock.now()
    for number in range(count):
        mail = mails[number % len(mails)]
        to = {**mail.to.model_dump(mode="json"), "address": f"lead-{number}@domain-{number % 50}.example"}
        changed = {
            **mail.model_dump(mode="json", by_alias=True, exclude={"signature"}), "to": to,
            "message_id": f"{number:08x}{mail.message_id[8:]}", "not_before": now.isoformat(),
            "expires_at": (now + DAY).isoformat(),
        }  # fmt: skip
        event = OutboundEmail.model_validate({**changed, "signature": ""})
        body = event.model_dump(mode="json", by_alias=True, exclude={"signature"})
        event = OutboundEmail.model_validate({**body, "signature": signature(KEY, body)})
        yield Message(EMAIL_OUTBOUND, 0, number, b"", event, 0, raw=encode(EMAIL_OUTBOUND, event))


@contextmanager
def _sink(port: int, folder: Path) -> Iterator[None]:
    words = [sys.executable, "-m", "deploy.local.smtp_sink", "--port", str(port), "--folder", str(folder)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        while not answers(port):
            time.sleep(POLL_S)
        yield
    finally:
        process.terminate()
        process.wait()
