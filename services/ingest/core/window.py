"""What was seen a moment ago, per source partition: it spares work, and forgetting it changes nothing downstream.

The pace of visitors is held beside it: what is forgotten of that, `pace` says.

Law: only an event whose (person, name space, id) was seen at a *lower* coordinate of the same partition is judged; a
record that is read again is new each time.
"""

from dataclasses import dataclass, field
from enum import Enum, auto
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
)  # fmt: skip
Key: TypeAlias = tuple[str, str, str]  # person, name space, id


@dataclass(slots=True)
class Window:
    """The recent events of one source partition, two generations of at most `size` each; and how fast visitors are."""

    size: int
    young: dict[Key, tuple[int, int, int]] = field(default_factory=dict)
    old: dict[Key, tuple[int, int, int]] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)

    def judge(self, event: CleanEvent) -> Verdict:
        """Whether the event is new, repeats one before it, or says something else under the same id."""
        key = _key(event)
        seen = self.young.get(key) or self.old.get(key)
        if seen is None or seen[:2] >= event["at"][2:]:
            return Verdict.NEW
        return Verdict.REPEAT if seen[2] == fingerprint(event) else Verdict.CONFLICT

    def remember(self, event: CleanEvent) -> None:
        """Keep an event that goes on; not one of a machine's, since no profile folds it."""
        _, _, offset, place = event["at"]
        self.young[_key(event)] = (offset, place, fingerprint(event))
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


def fingerprint(event: CleanEvent) -> int:
    """What the event says, without when: a client that tries again may send it with another `sentAt`."""
    return hash(orjson.dumps([event["kind"], event["name"], *map(event.get, SAID)]))


def _key(event: CleanEvent) -> Key:
    return (event["person"], name_space(event["kind"], is_trusted=event["trusted"]), event["id"])
