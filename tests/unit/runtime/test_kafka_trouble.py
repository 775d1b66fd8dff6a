"""What a reader is told over and over is said once in a while, and ends the process only where it does not pass."""

import pytest
from aiokafka.errors import (
    InvalidGroupIdError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    TopicAuthorizationFailedError,
)

from services.runtime.errors import Ended, Status
from services.runtime.kafka_trouble import CLEAN_S, LASTS_S, LINE_S, Trouble


class Bench:
    """A trouble with a clock of its own, and what health heard of it."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.heard: list[bool] = []
        self.trouble = Trouble("a reader", self.heard.append, lambda: self.now_s)

    def meet(self, error: KafkaError, seconds: float) -> None:
        """The same error five times a second, for so long."""
        for _ in range(int(seconds * 5)):
            self.trouble.meet(error)
            self.now_s += 0.2


@pytest.mark.parametrize(
    ("error", "status"),
    [(TopicAuthorizationFailedError("t"), Status.MISCONFIGURED), (InvalidGroupIdError(), Status.FENCED)],
)
def test_what_does_not_pass_ends_the_process_once_it_has_lasted(error: KafkaError, status: Status) -> None:
    """Rights are the operator's; anything else may be better after a restart."""
    bench = Bench()
    bench.meet(error, LASTS_S - 1)
    with pytest.raises(Ended, match=type(error).__name__) as end:
        bench.meet(error, 2)
    assert end.value.status is status


@pytest.mark.parametrize("error", [KafkaConnectionError(), KafkaTimeoutError()])
def test_a_broker_that_is_away_is_waited_for(error: KafkaError, caplog: pytest.LogCaptureFixture) -> None:
    """For as long as it takes, with a line now and then."""
    bench = Bench()
    bench.meet(error, 10 * LINE_S)
    assert len([each for each in caplog.records if each.message == "kafka_away"]) == 10
    assert bench.heard == [True]


def test_an_outage_does_not_count_for_what_comes_after_it() -> None:
    """A broker that comes back may refuse for a moment."""
    bench = Bench()
    bench.meet(KafkaConnectionError(), 10 * LASTS_S)
    bench.meet(TopicAuthorizationFailedError("t"), LASTS_S - 1)
    bench.meet(KafkaConnectionError(), 1)
    bench.meet(TopicAuthorizationFailedError("t"), LASTS_S - 1)
    assert bench.heard == [True]


def test_it_is_over_after_a_while_without_a_word_of_it() -> None:
    """One poll between two errors proves nothing: it may not have asked."""
    bench = Bench()
    bench.meet(TopicAuthorizationFailedError("t"), 1)
    bench.trouble.clear()
    assert bench.heard == [True]
    bench.now_s += CLEAN_S
    bench.trouble.clear()
    assert bench.heard == [True, False]
    bench.meet(TopicAuthorizationFailedError("t"), LASTS_S - 1)
    assert bench.heard == [True, False, True]
