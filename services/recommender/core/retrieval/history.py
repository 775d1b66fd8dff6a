"""By the courses a person took: `text` by what they mean, `words` by their words; a step back counts half."""

from services.recommender.core.person import Person
from services.recommender.core.retrieval.documents import key_words
from services.recommender.core.retrieval.known import Known
from services.recommender.core.retrieval.retriever import Searching
from services.recommender.core.retrieval.terms import summed
from services.recommender.core.retrieval.vectors import direction
from services.recommender.core.values import Terms, Vector
from services.recommender.core.weights import HISTORY_DECAY, WORDS_LAST


def query(person: Person, known: Known) -> Vector | None:
    """Σ ½^r · v(course r) less the mean, newest first; a course without a vector keeps its place."""
    steps = enumerate(person.history)
    there = [(HISTORY_DECAY**place, known.stored[each]) for place, each in steps if each in known.stored]
    return direction(there, known.mean)


def words_query(person: Person, known: Known) -> Terms:
    """The terms of the newest courses: an older one's would weigh less than a fiftieth."""
    taken = [known.courses[each] for each in person.history[:WORDS_LAST] if each in known.courses]
    terms = (known.words(key_words(each), each.language) for each in taken)
    return summed((HISTORY_DECAY**place, each) for place, each in enumerate(terms))


TEXT = Searching("text", "near", query)
WORDS = Searching("words", "words", words_query)
