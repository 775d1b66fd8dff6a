"""What was seen a moment ago, per source partition: it spares work, and forgetting it changes nothing downstream.

The pace of visitors is held beside it: what is forgotten of that, `pace` says.

Law: only an event whose (person, name space, id) was seen at a *lower* coordinate of the same partition is judged; a
record that is read again is new each time.
"""

from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache
from typing import TypeAlias

import orjson

from schemas.clean import CleanEvent, name_space
from services.ingest.core.pace import Pace


class Verdict(Enum):
    """What the window says of an event."""

    NEW = auto()
    REPEAT = auto()
    CONFLICT = auto()


SAID = (
    "properties", "traits", "feedback", "consent", "address", "privacy", "link", "url", "path", "title", "language",
    "until_ms",
)  # fmt: skip
Key: TypeAlias = int
"""The hash of a person, a name space and an id: of 64 bits, so that two in a window share one in a thousand years."""
_PLACE_BITS, _SAID_BITS = 16, 64
_SAID = (1 << _SAID_BITS) - 1


@dataclass(slots=True)
class Window:
    """The recent events of one source partition, and how fast its visitors are.

    Two generations of at most `size` events each, some 200 bytes an event: it is one number, of its offset and place
    and a hash of what it says; long ids take no more.
    """

    size: int
    young: dict[Key, int] = field(default_factory=dict)
    old: dict[Key, int] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)

    def judge(self, event: CleanEvent, key: Key) -> Verdict:
        """Whether the event is new, repeats one before it, or says something else under the same id."""
        seen = self.young.get(key) or self.old.get(key)
        if seen is None or seen >> _SAID_BITS >= _place(event):
            return Verdict.NEW
        return Verdict.REPEAT if seen & _SAID == fingerprint(event) else Verdict.CONFLICT

    def remember(self, event: CleanEvent, key: Key) -> None:
        """Keep an event that goes on; not one of a machine's, since no profile folds it."""
        self.young[key] = _place(event) << _SAID_BITS | fingerprint(event)
        if len(self.young) >= self.size:
            self.old, self.young = self.young, {}


@dataclass(slots=True)
class Windows:
    """The window of each source partition."""

    size: int
    by_source: dict[tuple[str, int], Window] = field(default_factory=dict)

    def of(self, topic: str, partition: int) -> Window:
        """The window of a source partition."""
        window = self.by_source.get((topic, partition))
        if window is None:
            window = self.by_source[topic, partition] = Window(self.size)
        return window


def key_of(event: CleanEvent) -> Key:
    """By which an event is known again; another process has other keys."""
    return hash((event["person"], _space(event["kind"], event["trusted"]), event["id"]))


@lru_cache
def _space(kind: str, is_trusted: bool) -> str:  # noqa: FBT001 part of the cache's key
    return name_space(kind, is_trusted=is_trusted)


def fingerprint(event: CleanEvent) -> int:
    """What the event says, without when: a client that tries again may send it with another `sentAt`."""
    return hash(orjson.dumps([event["kind"], event["name"], *map(event.get, SAID)])) & _SAID


def _place(event: CleanEvent) -> int:
    """The event's place in its partition, as a number that grows."""
    _, _, offset, place = event["at"]
    return offset << _PLACE_BITS | place
