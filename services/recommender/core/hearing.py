"""A person's own words, heard once: cleaned, each let on as the table of origins says, and weighed for queries.

In a catalogue of thin texts the words of a sentence of ours would be the rare ones, and win. So nothing is searched
that the person did not say, read or take; nothing that speaks to a machine instead of a teacher (`is_hostile`); nor
what its origin keeps from queries.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from schemas.course import Course
from schemas.program import Topic
from schemas.recommendation import DeclaredFact, RecommendationRequest, SignalFact, Trigger
from services.recommender.core.sanitised import for_model, is_hostile
from services.recommender.core.weights import SOURCES, TOPIC_SOURCES
from services.rules.admission import admitted
from services.rules.origins import Field, Origin, Source, Way, field_of, reach
from services.rules.safety import WORDLESS, Safety

SEARCH = "search"  # the kind of a signal that holds the words somebody typed
MOST_LEARNT = 3
MOST_ACTS = 8  # that queries are made of, the heaviest
TITLE_CHARACTERS, GOAL_CHARACTERS, VALUE_CHARACTERS = 120, 400, 80
Voice: TypeAlias = Literal["goal", "conversion", "search", "act", "role", "topic"]
FACT_VOICES: Mapping[str, Voice] = {"goal": "goal", "role": "role", "title": "role", "industry": "role"}


@dataclass(frozen=True, slots=True)
class Saying:
    """One text of the person's own, which voice of theirs it is, and what a word of it counts."""

    source: Voice
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What a person said, read and took, as it may go on.

    Attributes:
        conversion: the title of what they took; empty where it has none.
        event: the name of that event.
        titles: of their strongest topics, strongest first; a topic that the business lacks has none.
        learnt: titles of the courses they took, newest first, at most `MOST_LEARNT`; of one that the catalogue lacks
            none.
        signals: what they did, the heaviest first, titles within 120 characters; nothing they turned away from.
        facts: what a prompt may hold of what they, or a server, said of them, values within 80 characters.
        sayings: what queries are made of, each text once, the heaviest first.
        left_out: where what was left out of these came from: `conversion`, a signal's id, or `fact:<name>`.
    """

    conversion: str
    event: str
    titles: tuple[str, ...]
    learnt: tuple[str, ...]
    signals: tuple[SignalFact, ...]
    facts: tuple[DeclaredFact, ...]
    sayings: tuple[Saying, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """A text as it came, and as queries may hold it."""

    where: str
    voice: Voice
    raw: str
    text: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """What words are held against: the business's topics and courses, and the rules of safety."""

    topics: Mapping[str, Topic] = field(default_factory=dict)
    courses: Mapping[str, Course] = field(default_factory=dict)
    safety: Safety = WORDLESS

    def heard(self, request: RecommendationRequest, strongest: Sequence[str]) -> Heard:
        """The words of a request; `strongest` are the person's topics by name, strongest first."""
        language, snapshot, trigger = request.language, request.snapshot, request.trigger
        titles = titles_of(strongest, language, self.topics)
        acts = [each for each in snapshot.signals if each.weight > 0]
        conversion = self._conversion(trigger)
        signals = tuple(_titled(each, self._act(each, conversion, language)) for each in acts)
        said = (
            _Said("conversion", "conversion", trigger.title or "", conversion),
            *self._asked(snapshot.facts, language),
            *(
                _Said(act.id, "search" if act.kind == SEARCH else "act", act.title, heard.title)
                for act, heard in zip(acts[:MOST_ACTS], signals, strict=False)
            ),
        )
        kept: list[_Said] = []
        left_out: list[str] = []
        for each in said:
            if is_hostile(each.raw):
                left_out.append(each.where)
            else:
                kept.append(each)
        return Heard(
            conversion=conversion,
            event=_line(trigger.event_name),
            titles=titles,
            learnt=tuple(filter(None, (self._course(each.course_id) for each in snapshot.history)))[:MOST_LEARNT],
            signals=signals,
            facts=tuple(self._told(snapshot.facts, language)),
            sayings=_sayings(kept, titles),
            left_out=tuple(left_out),
        )

    def told(self, fact: DeclaredFact, language: str) -> str:
        """What a prompt may hold of a declared fact; empty for nothing."""
        return self._words(reach(fact.said_by, field_of(fact.name)).prompt, fact.value, VALUE_CHARACTERS, language)

    def _conversion(self, trigger: Trigger) -> str:
        """The title of what was taken, where a server says it or it is registered; else empty: the event names it."""
        origin: Origin = Source.BRAND if trigger.content else trigger.said_by
        if reach(origin, Field.CONVERSION).prompt is Way.WHOLE:
            return _line(trigger.title or "")
        return self._course(trigger.item)

    def _act(self, signal: SignalFact, conversion: str, language: str) -> str:
        """The title of a signal, as its origin lets it; else that of its course, or of its topics.

        One that the conversion has, as it is heard, a server said or the business registered.
        """
        about = Field.SEARCH if signal.kind == SEARCH else Field.PAGE
        origin: Origin = Source.BRAND if signal.content and about is Field.PAGE else signal.said_by
        title = _line(signal.title)
        if title == conversion or reach(origin, about).prompt is Way.WHOLE:
            return title
        return self._course(signal.item) or ", ".join(titles_of(signal.topics, language, self.topics))

    def _asked(self, facts: Sequence[DeclaredFact], language: str) -> Iterator[_Said]:
        """What queries may hold of what was declared, by field."""
        for fact in facts:
            if (voice := FACT_VOICES.get(fact.name)) is not None:
                about = field_of(fact.name)
                most = GOAL_CHARACTERS if about is Field.GOAL else TITLE_CHARACTERS
                text = self._words(reach(fact.said_by, about).query, fact.value, most, language)
                yield _Said(f"fact:{fact.name}", voice, fact.value, text)

    def _told(self, facts: Sequence[DeclaredFact], language: str) -> Iterator[DeclaredFact]:
        """The facts that a prompt may hold, as it may hold them."""
        for raw in facts:
            if value := self.told(raw, language):
                yield raw if value == raw.value else raw.model_copy(update={"value": value})

    def _words(self, way: Way, value: str, most: int, language: str) -> str:
        words = admitted(way, for_model(value, most), language, self.safety)
        return words if isinstance(words, str) else ""

    def _course(self, item: str | None) -> str:
        course = self.courses.get(item or "")
        return _line(course.title) if course else ""


def titles_of(names: Sequence[str], language: str, topics: Mapping[str, Topic]) -> tuple[str, ...]:
    """The titles of these topics, in the language or the first they have; one that the business lacks has none."""
    texts = [topics[name].title for name in names if name in topics]
    return tuple(each.get(language) or next(iter(each.values())) for each in texts)


def _line(text: str) -> str:
    return for_model(text, TITLE_CHARACTERS)


def _titled(raw: SignalFact, title: str) -> SignalFact:
    return raw if title == raw.title else raw.model_copy(update={"title": title})


def _sayings(said: Sequence[_Said], titles: Sequence[str]) -> tuple[Saying, ...]:
    """Each text once, in the voice that counts most; the topics' titles count where nobody said them."""
    found: dict[str, Saying] = {}
    for each in said:
        weight = SOURCES[each.voice]
        if each.text and (each.text not in found or found[each.text].weight < weight):
            found[each.text] = Saying(each.voice, each.text, weight)
    for title, weight in zip(titles, TOPIC_SOURCES, strict=False):
        found.setdefault(title, Saying("topic", title, weight))
    return tuple(sorted(found.values(), key=lambda each: -each.weight))
