"""What one loop reads, how much it holds, and how long it may take."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from schemas.topics import Topic
from services.runtime.hold import NEVER, Hold
from services.runtime.outcome import Emit, Message
from services.runtime.watch import PATIENCE_S

SESSION_S = 10.0


@dataclass(frozen=True, slots=True)
class AsidePolicy:
    """Where the pointers lie to records that wait until a time.

    `expired`: how one ends that can wait no longer, since its topic would forget it before it is looked at again. Pure.
    """

    topic: Topic
    expired: Callable[[Message, datetime], Emit]


@dataclass(frozen=True, slots=True)
class LoopPolicy:
    """What one loop reads and how much it holds.

    `in_flight`: records of all its partitions at once. `fuse_share`: the share of rejects that stops the service.
    `session_s`: how long the group waits for a sign of life. `patience_s`: the longest a record may take where nobody
    is known to be away. `aside`: what is done with records that wait until a time; None where nothing can.
    `accepts_gap`: go on where records are gone unread. `hold`: while it is on, nothing is taken up.
    """

    stage: str
    group: str
    topics: tuple[Topic, ...]
    in_flight: int = 64
    drain_s: float = 10.0
    fuse_share: float | None = 0.5
    part: str = "kafka"  # of the process, as its health names it
    session_s: float = SESSION_S
    patience_s: float = PATIENCE_S
    aside: AsidePolicy | None = None
    accepts_gap: bool = False
    hold: Hold = NEVER
