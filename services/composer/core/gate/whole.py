"""The shape of a whole copy, beside that of its lines: how many sentences, about what, no loops, its language."""

from collections import Counter

from services.composer.core.gate.facts import is_of_course
from services.composer.core.gate.form import own
from services.composer.core.gate.known import Known, longest_first
from services.composer.core.values import Copy

SENTENCES = (2, 9)
LOOP_WORDS = 5  # a run of so many words that comes twice in three sentences is a loop
LOOP_TIMES = 3


def length(copy: Copy, _: Known) -> str | None:
    """Too few sentences, or too many."""
    least, most = SENTENCES
    size = len(copy.sentences)
    return None if least <= size <= most else f"sentences of {size}, expected {least} to {most}"


def course_named(copy: Copy, _: Known) -> str | None:
    """A text none of whose sentences is about the course."""
    cites = (cite for each in copy.sentences for cite in each.cites)
    return None if any(is_of_course(cite) for cite in cites) else "no sentence cites the course"


def repetition(copy: Copy, known: Known) -> str | None:
    """The subject as preheader, the same sentence twice, a run of words three times."""
    sentences = [known.read(each.text) for each in copy.sentences]
    if known.read(copy.subject).folded == known.read(copy.preheader).folded:
        return "the subject as preheader"
    if len({each.folded for each in sentences}) < len(sentences):
        return "a sentence twice"
    said = tuple(word for each in sentences for word in each.words)
    runs = Counter(said[start : start + LOOP_WORDS] for start in range(len(said) - LOOP_WORDS + 1))
    loop = next((run for run, times in runs.items() if times >= LOOP_TIMES), None)
    return None if loop is None else " ".join(loop)


def language(copy: Copy, known: Known) -> str | None:
    """A text whose frequent words, taken together and without the facts it quotes, are those of another language."""
    told = longest_first(known.read(fact.text) for fact in known.facts if fact.is_course)
    return known.read(" ".join(own(known.read(each), told).folded for each in copy.pieces)).foreign
