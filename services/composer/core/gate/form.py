"""The shape of a whole text: lengths, sentences that stand on facts, no loops, the lead's language."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from services.composer.core.gate.folding import fold, words
from services.composer.core.gate.lexicon import STOP_WORDS
from services.composer.core.values import Brief, Copy

SUBJECT = (12, 80)  # characters; clients cut at 60 to 80
PREHEADER = (12, 140)
SENTENCE = (4, 400)
CALL_TO_ACTION = (3, 40)
SENTENCES = (2, 9)
LOOP_WORDS = 5  # a run of so many words that comes twice in three sentences is a loop
LOOP_TIMES = 3
LOOP_LETTERS = re.compile(r"(.)\1{4,}")
STEM = 5  # letters; enough for inflections of English and Spanish
CONTENT_LETTERS = 4
VOTE_WORDS = 6  # below that a text is too short to vote
MARGIN = 2  # votes; related languages share many frequent words
FOREIGN_SHARE = 0.2  # of letters outside Latin
OWN_SHARE = 0.2  # of letters in the language's own script, where that is not Latin; below it a text is another's
SCRIPTS = {"ja": ("HIRAGANA", "KATAKANA", "CJK UNIFIED")}  # as Unicode names their letters


def length(copy: Copy, _: Brief) -> str | None:
    """Lengths, in characters, and the count of sentences."""
    measured = (
        ("subject", len(copy.subject), SUBJECT),
        ("preheader", len(copy.preheader), PREHEADER),
        ("call to action", len(copy.call_to_action), CALL_TO_ACTION),
        ("sentences", len(copy.sentences), SENTENCES),
        *(("sentence", len(each.text), SENTENCE) for each in copy.sentences),
    )
    for what, size, (least, most) in measured:
        if not least <= size <= most:
            return f"{what} of {size}, expected {least} to {most}"
    return None


def citation(copy: Copy, brief: Brief) -> str | None:
    """A sentence that cites nothing, or something that is not in the brief."""
    for each in copy.sentences:
        if not each.cites:
            return f"no citation: {each.text[:60]}"
        unknown = next((cite for cite in each.cites if brief.fact(cite) is None), None)
        if unknown is not None:
            return f"{unknown[:60]} is not in the brief"
    return None


def grounding(copy: Copy, brief: Brief) -> str | None:
    """A sentence that cites the course alone and shares no content word with what it cites."""
    for each in copy.sentences:
        facts = tuple(fact for cite in each.cites if (fact := brief.fact(cite)) is not None)
        if facts and all(fact.id.startswith("course:") for fact in facts):
            cited = stems(" ".join((*(fact.text for fact in facts), brief.course.title)))
            if not stems(each.text) & cited and all(each.text != fact.text for fact in facts):
                return each.text[:60]
    return None


def course_named(copy: Copy, _: Brief) -> str | None:
    """A text none of whose sentences is about the course."""
    cites = (cite for each in copy.sentences for cite in each.cites)
    return None if any(cite.startswith("course:") for cite in cites) else "no sentence cites the course"


def repetition(copy: Copy, _: Brief) -> str | None:
    """The subject as preheader, the same sentence twice, a run of words three times, a letter five times in a row."""
    sentences = [fold(each.text) for each in copy.sentences]
    if fold(copy.subject) == fold(copy.preheader):
        return "the subject as preheader"
    if len(set(sentences)) < len(sentences):
        return "a sentence twice"
    said = words(" ".join(sentences))
    runs = Counter(said[start : start + LOOP_WORDS] for start in range(len(said) - LOOP_WORDS + 1))
    loop = next((run for run, times in runs.items() if times >= LOOP_TIMES), None)
    if loop is not None:
        return " ".join(loop)
    match = next((found for each in copy.pieces() if (found := LOOP_LETTERS.search(fold(each)))), None)
    return match.group() if match else None


def language(copy: Copy, brief: Brief) -> str | None:
    """A text, or one long sentence of it, whose frequent words are another language's; titles it names stand apart."""
    named = sorted((each for each in (brief.title, brief.conversion, brief.company) if each), key=len, reverse=True)
    own = tuple(_without(each, named) for each in copy.pieces())
    pieces = (" ".join(own), *own)
    return next((found for each in pieces if (found := foreign(each, brief.language)) is not None), None)


def _without(text: str, names: Sequence[str]) -> str:
    """The text without these names, and without the beginning of one that an ellipsis cuts."""
    for name in names:
        text = text.replace(name, " ")
        head, cut, tail = text.partition("…")
        kept = max((size for size in range(len(name)) if cut and head.endswith(name[:size])), default=0)
        text = f"{head.removesuffix(name[:kept])}{cut}{tail}"
    return text


def foreign(text: str, expected: str) -> str | None:
    """The language that wins the vote over the expected one, or a foreign script; None where neither does."""
    letters = [each for each in text if each.isalpha()]
    if expected in SCRIPTS:
        own = sum(unicodedata.name(each, "").startswith(SCRIPTS[expected]) for each in letters)
        return "another script" if own < OWN_SHARE * len(letters) else None
    outside = sum(1 for each in fold(text) if each.isalpha() and not each.isascii())
    if letters and outside / len(letters) > FOREIGN_SHARE:
        return "another script"
    said = words(text)
    if expected not in STOP_WORDS or len(said) < VOTE_WORDS:
        return None
    votes = {name: sum(word in stop for word in said) for name, stop in STOP_WORDS.items()}
    winner = max(votes, key=lambda name: (votes[name], name == expected))
    is_clear = votes[winner] >= votes[expected] + MARGIN
    return f"{winner} instead of {expected}" if is_clear else None


def stems(text: str) -> frozenset[str]:
    """The first letters of the content words: enough to see that two texts are about one thing."""
    return frozenset(word[:STEM] for word in words(text) if len(word) >= CONTENT_LETTERS or word.isdigit())
