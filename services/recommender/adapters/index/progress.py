"""How far an index is behind its catalogue, told in a line of the log, in numbers of `/ready`, and in metrics."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from services.recommender.core.retrieval.documents import has_vector
from services.recommender.metrics import INDEX_BEHIND, INDEX_COURSES, WITHOUT_VECTOR

EVERY_S = 10.0  # between two lines

Tell: TypeAlias = Callable[[Mapping[str, int | float | str]], object]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds that pass, and seconds of CPU of this process with all its threads."""

    now_s: Callable[[], float] = time.monotonic
    cpu_s: Callable[[], float] = time.process_time


@dataclass(frozen=True, slots=True)
class Begun:
    """When a stretch of embedding began, by both clocks."""

    at_s: float
    cpu_s: float


class Progress:
    """One for one index. `tell` takes what there is to say whenever it changes: nothing, where nothing is behind."""

    def __init__(self, tell: Tell = dict, clocks: Clocks | None = None) -> None:
        self._tell = tell
        self._clocks = clocks or Clocks()
        self._behind = 0
        self._embedded = 0
        self._begun: Begun | None = None
        self._said_s = 0.0

    def due(self, behind: int, held: Mapping[str, str]) -> None:
        """So many courses are still to be written or removed; `held` are the content hashes of the entries."""
        self._behind = behind
        self._show(held)

    def written(self, count: int, held: Mapping[str, str]) -> None:
        """So many of them are done; 0 where entries changed and none is done yet."""
        self._behind -= count
        self._show(held)

    def embedding(self) -> None:
        """Vectors are made from now on; a stretch that goes on already is no new one."""
        if self._begun is None:
            self._begun = Begun(self._clocks.now_s(), self._clocks.cpu_s())
            self._said_s, self._embedded = self._begun.at_s, 0

    def embedded(self, count: int) -> None:
        """So many vectors more are made; a line every ten seconds says how it gets on."""
        self._embedded += count
        if self._clocks.now_s() - self._said_s >= EVERY_S:
            self._said_s = self._clocks.now_s()
            log.info("index fills", extra={"done": self._embedded, "left": self._behind, **self._pace()})

    def whole(self, held: Mapping[str, str]) -> None:
        """Nothing is left; where lines were written, a last one says so."""
        self._behind = 0
        if self._begun is not None and self._said_s > self._begun.at_s:
            log.info("index whole", extra={"done": self._embedded, "left": 0, **self._pace()})
        self._begun = None
        self._show(held)

    def stuck(self, reason: str) -> None:
        """It does not get on, for this reason; it is tried again."""
        self._begun = None
        self._tell({"behind": self._behind, "reason": reason})

    def _show(self, held: Mapping[str, str]) -> None:
        without = sum(not has_vector(each) for each in held.values())
        INDEX_BEHIND.set(self._behind)
        INDEX_COURSES.set(len(held))
        WITHOUT_VECTOR.set(without)
        said = {"behind": self._behind, "without_vector": without}
        self._tell({**said, **self._pace()} if any(said.values()) else {})

    def _pace(self) -> dict[str, float]:
        """Milliseconds of the process's CPU for each course made, its decisions' among them; seconds for the rest."""
        if self._begun is None or not self._embedded:
            return {}
        cpu_s = self._clocks.cpu_s() - self._begun.cpu_s
        each_s = (self._clocks.now_s() - self._begun.at_s) / self._embedded
        return {
            "cpu_ms_a_course": round(1_000 * cpu_s / self._embedded, 1),
            "left_s": round(each_s * self._behind, 1),
        }
