"""The profile service, which on SIGUSR1 stops itself within its next transaction that decides: acked, not committed.

A SIGSTOP from outside falls there by luck alone, since a commit takes milliseconds. `unfenced` breaks the fence, for
the test of the oracle: each start writes by ids of its own, so the broker refuses no former owner.

Its session is the shortest a broker grants and its heart beats fast, since a plan only waits for them.
"""

import logging
import signal
import sys
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas.topics import DECISIONS
from services.profile.__main__ import SERVICE, serve
from services.profile.adapters import faust_worker
from services.profile.adapters.faust_app import new_app
from services.profile.settings import ProfileSettings
from services.runtime.kafka_records import Record
from services.runtime.kafka_transaction import Owner, Transactor
from services.runtime.process import run

log = logging.getLogger(__name__)
told = threading.Event()
START = uuid.uuid4().hex
SESSION_S = 6.0  # a broker's own group.min.session.timeout.ms
HEARTBEAT_S = 0.5  # at the next one a member hears that another has come or gone


class StoppingTransactor(Transactor):
    """Commits as every other, unless it was told to stop."""

    async def _transaction(
        self, producer: Any, records: Sequence[Record], following: int | None, batches: Sequence[Any]
    ) -> int | None:
        if told.is_set() and any(each.topic == DECISIONS.name for each in records):
            told.clear()
            producer = _StoppingProducer(producer, self._partition.partition)
        return await super()._transaction(producer, records, following, batches)


class UnfencedTransactor(StoppingTransactor):
    """Nobody comes by the same id again."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(replace(owner, transactional_id=f"{owner.transactional_id}-{START}"))


@dataclass(frozen=True, slots=True)
class _StoppingProducer:
    """Stops the process before it commits; whoever lets it go on lets it commit."""

    producer: Any
    partition: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.producer, name)

    async def commit_transaction(self) -> None:
        log.warning("stops", extra={"partition": self.partition})
        signal.raise_signal(signal.SIGSTOP)
        await self.producer.commit_transaction()


def _impatient_app(*words: Any, **named: Any) -> Any:
    app = new_app(*words, **named)
    app.conf.broker_session_timeout, app.conf.broker_heartbeat_interval = SESSION_S, HEARTBEAT_S
    return app


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, lambda *_: told.set())
    transactor = UnfencedTransactor if sys.argv[1:] == ["unfenced"] else StoppingTransactor
    vars(faust_worker).update(Transactor=transactor, new_app=_impatient_app)
    sys.exit(run(SERVICE, ProfileSettings, serve))
