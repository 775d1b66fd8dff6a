"""What a line may say only where the cited facts say it: each rule is the lexicons' cues of its name.

A cue stands where each of its words, by stem, stands in a fact that may say so; a fact quoted whole says nothing new.
"""

from functools import lru_cache

from services.composer.core.gate.cues import Found, found_in
from services.composer.core.gate.folding import BREAK, tokens
from services.composer.core.gate.known import COMMON, Known, holds
from services.composer.core.gate.lexicons import Lexicon
from services.rules.folding import REMEMBERED, fold

OTHERS = "others"  # whose small words count: `most learners` is not `learners`
QUOTED = 2  # tokens from which a fact that stands in a text whole is a quotation


def claim(text: str, known: Known) -> str | None:
    """A superlative, offer, credential, promise or urgency that course and brand do not make in the same words."""
    return unsaid("claim", text, known, known.offered)


def date(text: str, known: Known) -> str | None:
    """A day or a month that something happens on, or a day told from today."""
    return unsaid("date", text, known, known.stems | known.typed)


def others(text: str, known: Known) -> str | None:
    """Other customers, learners, colleagues, managers, competitors, employers."""
    return unsaid("others", text, known, known.stems | known.typed)


def audience(text: str, known: Known) -> str | None:
    """What the reader's own customers do or want, where no fact says whom the company serves."""
    return None if known.has_audience else unsaid("audience", text, known, known.stems | known.typed)


def live(text: str, known: Known) -> str | None:
    """Classes at an hour, teachers who answer, correct or advise, a community."""
    return unsaid("live", text, known, known.stems | known.typed)


def seats(text: str, known: Known) -> str | None:
    """Seats, deadlines, groups, dates of entry."""
    return unsaid("seats", text, known, known.offered)


def outcome(text: str, known: Known) -> str | None:
    """What a reader will earn, get, save, sell or be afterwards."""
    return unsaid("outcome", text, known, known.offered)


def praise(text: str, known: Known) -> str | None:
    """Awards, ratings, popularity, recommendations."""
    return unsaid("praise", text, known, known.offered)


def origin(text: str, known: Known) -> str | None:
    """Who made the course, by what standard; where products come from."""
    return unsaid("origin", text, known, known.stems | known.typed)


def extras(text: str, known: Known) -> str | None:
    """What a course may come with: access, files, an exam, subtitles, an app."""
    return unsaid("extras", text, known, known.stems)


def remembered(text: str, known: Known) -> str | None:
    """What readers are said to have told, agreed, finished, felt, or done for years; no course knows that."""
    return unsaid("remembered", text, known, (known.stems - known.offered) | known.typed)


def scope(text: str, known: Known) -> str | None:
    """Whom a course suits and how far it goes: everybody, all there is, from beginner to expert."""
    return unsaid("scope", text, known, known.offered)


def prerequisite(text: str, known: Known) -> str | None:
    """That something is not needed, where no fact of the course says `no` or `without` of anything."""
    return unsaid("prerequisite", text, known, known.offered)


def unsaid(rule: str, text: str, known: Known, stems: frozenset[str]) -> str | None:
    """The words of this rule's first cue that no fact lets stand."""
    lexicon = known.lexicon
    for found in cues_in(unquoted(text, known.texts), lexicon):
        if found.rule == rule and not _stands(found, known, stems):
            return " ".join(found.words)
    return None


@lru_cache(maxsize=REMEMBERED)
def cues_in(folded: str, lexicon: Lexicon) -> tuple[Found, ...]:
    """Every cue of a folded text."""
    return found_in(tokens(folded), folded, lexicon.cues)


@lru_cache(maxsize=REMEMBERED)
def unquoted(text: str, quotable: tuple[str, ...]) -> str:
    """The folded text without the facts it quotes whole; `quotable` are folded, the longest first."""
    rest = fold(text)
    for each in quotable:
        if each in rest and len(tokens(each)) >= QUOTED:
            rest = rest.replace(each, " : ")
    return rest


def _stands(found: Found, known: Known, stems: frozenset[str]) -> bool:
    lexicon = known.lexicon
    said = tuple(each for each in found.words if each not in lexicon.function) if found.rule != OTHERS else found.words
    if all(holds(stems, word, lexicon) for word in said or found.words):
        return True
    if any(holds(stems, word, lexicon) for word in lexicon.allows.get(found.rule, ())):
        return True
    if found.after != BREAK and f" {' '.join((*found.words, found.after))} " in known.said:
        return True
    if known.language == COMMON:
        return False
    texts = known.offers if stems is known.offered else known.texts
    return found.rule in _rules_in(texts, known.lexicons.of(COMMON))


@lru_cache(maxsize=REMEMBERED)
def _rules_in(texts: tuple[str, ...], lexicon: Lexicon) -> frozenset[str]:
    """The rules whose cues these texts hold: a fact in the common language says it too."""
    return frozenset(found.rule for each in texts for found in cues_in(each, lexicon))
