"""The shape of a whole copy, beside that of its lines: how many sentences, about what, no loops, its language."""

from collections import Counter

from services.composer.core.gate.facts import is_of_course
from services.composer.core.gate.folding import words
from services.composer.core.gate.form import own
from services.composer.core.gate.tongue import foreign
from services.composer.core.values import Brief, Copy
from services.rules.folding import fold

SENTENCES = (2, 9)
LOOP_WORDS = 5  # a run of so many words that comes twice in three sentences is a loop
LOOP_TIMES = 3


def length(copy: Copy, _: Brief) -> str | None:
    """Too few sentences, or too many."""
    least, most = SENTENCES
    size = len(copy.sentences)
    return None if least <= size <= most else f"sentences of {size}, expected {least} to {most}"


def course_named(copy: Copy, _: Brief) -> str | None:
    """A text none of whose sentences is about the course."""
    cites = (cite for each in copy.sentences for cite in each.cites)
    return None if any(is_of_course(cite) for cite in cites) else "no sentence cites the course"


def repetition(copy: Copy, _: Brief) -> str | None:
    """The subject as preheader, the same sentence twice, a run of words three times."""
    sentences = [fold(each.text) for each in copy.sentences]
    if fold(copy.subject) == fold(copy.preheader):
        return "the subject as preheader"
    if len(set(sentences)) < len(sentences):
        return "a sentence twice"
    said = words(" ".join(sentences))
    runs = Counter(said[start : start + LOOP_WORDS] for start in range(len(said) - LOOP_WORDS + 1))
    loop = next((run for run, times in runs.items() if times >= LOOP_TIMES), None)
    return None if loop is None else " ".join(loop)


def language(copy: Copy, brief: Brief) -> str | None:
    """A text whose frequent words, taken together and without the facts it quotes, are those of another language."""
    told = tuple(sorted({fold(fact.text) for fact in brief.facts if fact.is_course}, key=len, reverse=True))
    return foreign(" ".join(own(each, told) for each in copy.pieces()), brief.language, brief.lexicons)
