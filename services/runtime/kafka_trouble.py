"""What a reader of Kafka is told again and again: said to health at once, logged now and then, ended where it lasts.

A broker that is away passes, and is waited for as long as it takes; what Kafka will not do does not pass by itself.
"""

import logging
import time
from collections.abc import Callable

from aiokafka.errors import (
    BrokerNotAvailableError,
    ClusterAuthorizationFailedError,
    CorruptRecordException,
    GroupAuthorizationFailedError,
    KafkaError,
    KafkaTimeoutError,
    KafkaUnavailableError,
    ReplicaNotAvailableError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    UnsupportedCodecError,
)

from services.runtime.errors import Ended, Status

LINE_S = 30.0  # between two lines of one trouble
CLEAN_S = 2.0  # without a word of it: then it is over; a poll that asked nothing is no proof
LASTS_S = 30.0  # as long as a refused log-in may (kafka_pulse.py): rights may be given a moment late
FORBIDDEN = (
    ClusterAuthorizationFailedError, GroupAuthorizationFailedError, TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)  # fmt: skip
AWAY = (BrokerNotAvailableError, KafkaTimeoutError, KafkaUnavailableError, ReplicaNotAvailableError)
"""Of these the library says that they are not to be retried; they are a broker that is away all the same."""

log = logging.getLogger(__name__)


class Trouble:
    """The trouble of one reader; `tell` hears whether there is some, whenever that changes."""

    def __init__(self, who: str, tell: Callable[[bool], object] = lambda _: None,
                 now_s: Callable[[], float] = time.monotonic) -> None:  # fmt: skip
        self._who, self._tell, self._now_s = who, tell, now_s
        self._said_s: float | None = None
        self._stuck_s: float | None = None
        self._last_s = 0.0
        self.is_there = False

    def meet(self, error: BaseException | None) -> None:
        """Note an error that the reader was told.

        Raises:
            Ended: it does not pass and has lasted; 78 where rights are missing, which is the operator's, else 75.
        """
        now = self._last_s = self._now_s()
        is_stuck = does_not_pass(error)
        self._stuck_s = (now if self._stuck_s is None else self._stuck_s) if is_stuck else None
        if self._said_s is None or now - self._said_s >= LINE_S:
            self._said_s = now
            log.warning("kafka_refuses" if is_stuck else "kafka_away", extra={"who": self._who, "reason": repr(error)})
        self._set(is_there=True)
        if self._stuck_s is not None and now - self._stuck_s >= LASTS_S:
            raise Ended(*_end(self._who, error))

    def meet_taking(self, error: BaseException | None) -> None:
        """The same, of an error told in place of records that nobody will take again.

        Raises:
            Ended: as `meet` does, and 75 where a batch is torn.
        """
        if is_torn(error):
            what = "what the client unpacked beside it is to be read again"
            raise Ended(Status.FENCED, f"{self._who}: a batch is torn: {error!r}; {what}")
        self.meet(error)

    def clear(self) -> None:
        """Note that the reader was told no error."""
        if self.is_there and self._now_s() - self._last_s >= CLEAN_S:
            self._said_s = self._stuck_s = None
            self._set(is_there=False)

    def _set(self, *, is_there: bool) -> None:
        if is_there is not self.is_there:
            self.is_there = is_there
            self._tell(is_there)


def does_not_pass(error: BaseException | None) -> bool:
    """True for what Kafka will not do however often it is asked."""
    return isinstance(error, KafkaError) and not error.retriable and not isinstance(error, AWAY)


def is_torn(error: BaseException | None) -> bool:
    """True where the client failed at unpacking, and so forgot what it unpacked of other partitions in the same call.

    It stands behind that all the same (aiokafka 0.14.0, `Fetcher.fetched_records`).
    """
    return isinstance(error, CorruptRecordException | UnsupportedCodecError)


def _end(who: str, error: BaseException | None) -> tuple[Status, str]:
    if isinstance(error, FORBIDDEN):
        right = "allow this service's principal READ on the topics of its card, its group and its transactions"
        return Status.MISCONFIGURED, f"{who}: Kafka does not allow it: {error!r}; {right}"
    return Status.FENCED, f"{who}: Kafka will not: {error!r}"
