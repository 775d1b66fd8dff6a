"""What a mail is about in the business's words: the course's topic, and what the lead is interested in."""

from dataclasses import dataclass

from schemas.program import Program
from schemas.recommendation import Recommendation
from services.composer.core.gate.facts import Fact, fact_of
from services.composer.core.locale import Locale
from services.composer.core.phrasing import inside


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics as a sentence names them.

    `topic` is the course's, `interest` the lead's strongest that the course is not about; both in the mail's language,
    or none. `interests` are one fact a signal, by its id: never the page, the time or the count.
    """

    topic: str | None
    interest: Fact | None
    interests: tuple[Fact, ...]


def topics_of(recommendation: Recommendation, program: Program, locale: Locale) -> Topics:
    """The topics of this recommendation."""
    named, about = program.signals.topics, recommendation.course.topics
    own = {name: each.title[locale.language] for name, each in named.items() if locale.language in each.title}
    titles = {name: own.get(name) or next(iter(each.title.values())) for name, each in named.items()}
    said = {name: inside(title, locale.words) for name, title in titles.items()}
    signals = [each for each in recommendation.request.snapshot.signals if each.weight > 0]
    other = ((signal.id, name) for signal in signals for name in signal.topics if name in own and name not in about)
    strongest = next(other, None)
    topic = next((said[name] for name in about if name in own), None)
    otherwise = topic or locale.words.generic_topic
    listed = ((each.id, ", ".join(said[name] for name in each.topics if name in said)) for each in signals)
    return Topics(
        topic=topic,
        interest=None if strongest is None else fact_of(strongest[0], said[strongest[1]]),
        interests=tuple(fact_of(identifier, text or otherwise) for identifier, text in listed),
    )
