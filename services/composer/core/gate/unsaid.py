"""What a line may say only where the cited facts say it: each rule is the lexicons' cues of its name.

A cue stands where each of its words, by stem, stands in a fact that may say so; a fact quoted whole says nothing new.
"""

from functools import lru_cache

from services.composer.core.gate.cues import AFTER_LETTERS, Found, found_in
from services.composer.core.gate.folding import BREAK, tokens
from services.composer.core.gate.known import COMMON, Known, holds
from services.composer.core.gate.lexicons import Lexicon
from services.rules.cited import without_quotes
from services.rules.folding import REMEMBERED, fold

OTHERS = "others"  # whose small words count: `most learners` is not `learners`
BEGINNER = "beginner"
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
    """What readers are said to have told, agreed, finished, felt, or done for years; no course knows that.

    That they asked or wrote stands where a fact is what they want.
    """
    stems = (known.stems - known.offered) | known.typed
    return unsaid("remembered", text, known, stems | (known.lexicon.telling if known.has_goal else frozenset()))


def scope(text: str, known: Known) -> str | None:
    """Whom a course suits and how far it goes: everybody, all there is, from beginner to expert."""
    return unsaid("scope", text, known, known.offered | _not_needed(known))


def prerequisite(text: str, known: Known) -> str | None:
    """That something is not needed, where no fact of the course says `no` or `without` of anything."""
    return unsaid("prerequisite", text, known, known.offered | _not_needed(known))


def _not_needed(known: Known) -> frozenset[str]:
    """What a course for beginners may say its readers need not have."""
    lexicon = known.lexicon
    spoken = (lexicon, known.lexicons.of(COMMON))
    names = tuple(word for each in spoken for word, name in each.levels.items() if name == BEGINNER)
    return lexicon.experience if any(holds(known.offered, each, lexicon) for each in names) else frozenset()


def unsaid(rule: str, text: str, known: Known, stems: frozenset[str]) -> str | None:
    """The words of this rule's first cue that no fact lets stand."""
    lexicon = known.lexicon
    for found in cues_in(unquoted(without_quotes(text, known.cited), known.texts), lexicon):
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
    if _is_said(found, known):
        return True
    if known.language == COMMON:
        return False
    is_of_offers = stems >= known.offered and not stems >= known.stems
    texts = known.offers if is_of_offers else known.texts
    return found.rule in _rules_in(texts, known.lexicons.of(COMMON))


def _is_said(found: Found, known: Known) -> bool:
    """True where a fact has the words with the one behind or before them: `free trial`, `prova gratuita`."""
    if not known.lexicon.has_spaces:
        phrase = "".join((*found.words, found.after))
        return len(found.after) == AFTER_LETTERS and any(phrase in each for each in known.texts)
    with_after, with_before = (*found.words, found.after), (found.before, *found.words)
    return (found.after != BREAK and f" {' '.join(with_after)} " in known.said) or (
        found.before not in known.lexicon.function | {BREAK} and f" {' '.join(with_before)} " in known.said
    )


@lru_cache(maxsize=REMEMBERED)
def _rules_in(texts: tuple[str, ...], lexicon: Lexicon) -> frozenset[str]:
    """The rules whose cues these texts hold: a fact in the common language says it too."""
    return frozenset(found.rule for each in texts for found in cues_in(each, lexicon))
