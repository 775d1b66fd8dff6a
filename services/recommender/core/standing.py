"""What everybody's behaviour says of a course. Until it is measured nothing is popular and every course is new."""

from collections.abc import Mapping
from dataclasses import dataclass, field

NEW_BELOW_EVENTS = 3  # a course with fewer events is new: measured on 80,500 real course events, as are the next two
FLOOR = 0.05  # share of the most popular course's weight that every course is given


@dataclass(frozen=True, slots=True)
class Standing:
    """Decayed popularity and number of events by course id; a course that is absent has none."""

    popularity: Mapping[str, float] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)

    def factor(self, course_id: str) -> float:
        """What a text lane's score is multiplied by: √(popularity / greatest + .05); 1 where nothing is popular."""
        greatest = max(self.popularity.values(), default=0.0)
        if greatest <= 0:
            return 1.0
        return float((max(self.popularity.get(course_id, 0.0), 0.0) / greatest + FLOOR) ** 0.5)

    def is_new(self, course_id: str) -> bool:
        """True for a course with too few events to be judged by them."""
        return self.events.get(course_id, 0) < NEW_BELOW_EVENTS


NEUTRAL = Standing()
