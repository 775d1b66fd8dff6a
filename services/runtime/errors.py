"""How a process ends when it must: a status the supervisor understands, and why."""

from enum import IntEnum


class Status(IntEnum):
    """Exit statuses. Source: sysexits.h for 70, 75 and 78; 76 (a protocol error there) is our gap guard."""

    BUG = 70
    FENCED = 75
    GAP = 76
    MISCONFIGURED = 78


RESTARTED = frozenset({Status.BUG, Status.FENCED, Status.GAP})


class Ended(Exception):  # noqa: N818 not an error of the caller's: the process is over
    """The process must end now with this status; the supervisor decides whether it comes back."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
