"""What of a person's words goes on, and as which words: the table of origins, asked for one request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.course import Course
from schemas.program import Topic
from schemas.recommendation import DeclaredFact, SignalFact, Trigger
from services.recommender.core.sanitised import for_model
from services.rules.admission import admitted
from services.rules.origins import Field, Origin, Source, Way, field_of, reach
from services.rules.safety import WORDLESS, Safety

SEARCH = "search"  # the kind of a signal that holds the words somebody typed
MOST_LEARNT = 3
TITLE_CHARACTERS, GOAL_CHARACTERS, VALUE_CHARACTERS = 120, 400, 80


@dataclass(frozen=True, slots=True)
class Hearing:
    """What words are held against: the business's topics and courses, and the rules of safety."""

    topics: Mapping[str, Topic] = field(default_factory=dict)
    courses: Mapping[str, Course] = field(default_factory=dict)
    safety: Safety = WORDLESS

    def conversion(self, trigger: Trigger) -> str:
        """The title of what was taken, where a server says it or it is registered; else empty: the event names it."""
        origin: Origin = Source.BRAND if trigger.content else trigger.said_by
        if reach(origin, Field.CONVERSION).prompt is Way.WHOLE:
            return for_model(trigger.title or "", TITLE_CHARACTERS)
        return self._course(trigger.item)

    def act(self, signal: SignalFact, conversion: str, language: str) -> str:
        """The title of a signal, as its origin lets it; else that of its course, or of its topics.

        One that the conversion has, as it is heard, a server said or the business registered.
        """
        about = Field.SEARCH if signal.kind == SEARCH else Field.PAGE
        origin: Origin = Source.BRAND if signal.content and about is Field.PAGE else signal.said_by
        title = for_model(signal.title, TITLE_CHARACTERS)
        if title == conversion or reach(origin, about).prompt is Way.WHOLE:
            return title
        return self._course(signal.item) or ", ".join(titles_of(signal.topics, language, self.topics))

    def asked(self, fact: DeclaredFact, language: str) -> str:
        """What a query may hold of a declared fact; empty for nothing."""
        about = field_of(fact.name)
        most = GOAL_CHARACTERS if about is Field.GOAL else TITLE_CHARACTERS
        return self._words(reach(fact.said_by, about).query, fact.value, most, language)

    def told(self, fact: DeclaredFact, language: str) -> str:
        """What a prompt may hold of it; empty for nothing."""
        return self._words(reach(fact.said_by, field_of(fact.name)).prompt, fact.value, VALUE_CHARACTERS, language)

    def learnt(self, course_ids: Sequence[str]) -> tuple[str, ...]:
        """The titles of these courses, as the catalogue has them; at most `MOST_LEARNT`."""
        return tuple(filter(None, map(self._course, course_ids)))[:MOST_LEARNT]

    def _words(self, way: Way, value: str, most: int, language: str) -> str:
        words = admitted(way, for_model(value, most), language, self.safety)
        return words if isinstance(words, str) else ""

    def _course(self, item: str | None) -> str:
        course = self.courses.get(item or "")
        return for_model(course.title, TITLE_CHARACTERS) if course else ""


def titles_of(names: Sequence[str], language: str, topics: Mapping[str, Topic]) -> tuple[str, ...]:
    """The titles of these topics, in the language or the first they have; one that the business lacks has none."""
    texts = [topics[name].title for name in names if name in topics]
    return tuple(each.get(language) or next(iter(each.values())) for each in texts)
