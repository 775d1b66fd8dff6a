"""What was seen a moment ago, per source partition: it spares work, and forgetting it changes nothing downstream.

Law: only an event whose (person, id) was seen at a *lower* coordinate of the same partition is judged; a record that is
read again is new each time.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

import orjson

from schemas.clean import CleanEvent


class Verdict(Enum):
    """What the window says of an event."""

    NEW = auto()
    REPEAT = auto()
    CONFLICT = auto()


@dataclass(slots=True)
class Window:
    """The recent events of one source partition: two generations of at most `size` each."""

    size: int
    young: dict[tuple[str, str], tuple[int, int, int]] = field(default_factory=dict)
    old: dict[tuple[str, str], tuple[int, int, int]] = field(default_factory=dict)

    def judge(self, event: CleanEvent) -> Verdict:
        """Whether the event is new, repeats one before it, or says something else under the same id."""
        key = (event["person"], event["id"])
        _, _, offset, place = event["at"]
        mark = fingerprint(event)
        seen = self.young.get(key) or self.old.get(key)
        if seen is None or seen[:2] > (offset, place):
            self._remember(key, (offset, place, mark))
            return Verdict.NEW
        if seen[:2] == (offset, place):
            return Verdict.NEW
        return Verdict.REPEAT if seen[2] == mark else Verdict.CONFLICT

    def _remember(self, key: tuple[str, str], seen: tuple[int, int, int]) -> None:
        self.young[key] = seen
        if len(self.young) >= self.size:
            self.old, self.young = self.young, {}


@dataclass(slots=True)
class Windows:
    """The window of each source partition."""

    size: int
    by_source: dict[tuple[str, int], Window] = field(default_factory=dict)

    def judge(self, event: CleanEvent) -> Verdict:
        """The verdict of the window of the event's own source partition."""
        topic, partition, _, _ = event["at"]
        window = self.by_source.get((topic, partition))
        if window is None:
            window = self.by_source[topic, partition] = Window(self.size)
        return window.judge(event)


def fingerprint(event: CleanEvent) -> int:
    """What the event says, without when: a client that tries again may send it with another `sentAt`."""
    said = orjson.dumps((event.get("properties"), event.get("traits"), event.get("feedback")))
    return hash((event["kind"], event["name"], event.get("link"), said))
