"""By the course a model imagined: `imagined` by what its title and skills mean, `named` by their words.

Its description is left out: a model's sentences are alike for every course, its title and skills are not.
"""

from collections.abc import Sequence

from schemas.recommendation import ImaginedCourse
from services.recommender.core.person import Person
from services.recommender.core.retrieval.known import Known
from services.recommender.core.retrieval.retriever import Searching
from services.recommender.core.retrieval.stop_words import content
from services.recommender.core.retrieval.terms import heaviest
from services.recommender.core.retrieval.vectors import direction
from services.recommender.core.values import Terms, Vector

OF_TITLE, OF_SKILLS = 1.0, 0.6  # what a word counts; chosen on the tuning half of `bench/judged`


def texts(person: Person, imagined: ImaginedCourse | None) -> Sequence[str]:  # noqa: ARG001 the signature of all
    """Title and skills, as one text."""
    return () if imagined is None else (_text(imagined),)


def query(person: Person, known: Known) -> Vector | None:  # noqa: ARG001 the signature of all
    """The direction of title and skills; None where none was imagined, or it is not embedded."""
    near = None if known.imagined is None else known.embedded.get(_text(known.imagined))
    return None if near is None else direction([(1.0, near)], known.mean)


def words_query(person: Person, known: Known) -> Terms | None:
    """The terms of title and skills that may name a subject; None where none was imagined."""
    if known.imagined is None:
        return None
    weighed = ((OF_TITLE, known.imagined.title), (OF_SKILLS, " ".join(known.imagined.skills)))
    language = person.language
    return heaviest((weight, known.words(content(text, language), language)) for weight, text in weighed)


def _text(imagined: ImaginedCourse) -> str:
    return ". ".join(each.rstrip(" .") for each in (imagined.title, ", ".join(imagined.skills)) if each)


IMAGINED = Searching("imagined", "near", query, texts)
NAMED = Searching("named", "words", words_query)
