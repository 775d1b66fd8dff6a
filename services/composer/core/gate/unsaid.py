"""What a line may say only where the cited facts say it: each rule is the lexicons' cues of its name.

A cue stands where each of its words, by stem, stands in a fact that may say so; a fact quoted whole says nothing new.
"""

from services.composer.core.gate.cues import AFTER_LETTERS, Found
from services.composer.core.gate.folding import BREAK
from services.composer.core.gate.known import Known, holds
from services.composer.core.gate.lexicons import COMMON
from services.composer.core.gate.statement import Statement

OTHERS = "others"  # whose small words count: `most learners` is not `learners`
BEGINNER = "beginner"


def claim(statement: Statement) -> str | None:
    """A superlative, offer, credential, promise or urgency that course and brand do not make in the same words."""
    return unsaid("claim", statement, statement.known.offered)


def date(statement: Statement) -> str | None:
    """A day or a month that something happens on, or a day told from today."""
    return unsaid("date", statement, statement.known.every)


def others(statement: Statement) -> str | None:
    """Other customers, learners, colleagues, managers, competitors, employers."""
    return unsaid("others", statement, statement.known.every)


def audience(statement: Statement) -> str | None:
    """What the reader's own customers do or want, where no fact says whom the company serves."""
    known = statement.known
    return None if known.has_audience else unsaid("audience", statement, known.every)


def live(statement: Statement) -> str | None:
    """Classes at an hour, teachers who answer, correct or advise, a community."""
    return unsaid("live", statement, statement.known.every)


def seats(statement: Statement) -> str | None:
    """Seats, deadlines, groups, dates of entry."""
    return unsaid("seats", statement, statement.known.offered)


def outcome(statement: Statement) -> str | None:
    """What a reader will earn, get, save, sell or be afterwards."""
    return unsaid("outcome", statement, statement.known.offered)


def praise(statement: Statement) -> str | None:
    """Awards, ratings, popularity, recommendations."""
    return unsaid("praise", statement, statement.known.offered)


def origin(statement: Statement) -> str | None:
    """Who made the course, by what standard; where products come from."""
    return unsaid("origin", statement, statement.known.every)


def extras(statement: Statement) -> str | None:
    """What a course may come with: access, files, an exam, subtitles, an app."""
    return unsaid("extras", statement, statement.known.stems)


def remembered(statement: Statement) -> str | None:
    """What readers are said to have told, agreed, finished, felt, or done for years; no course knows that.

    That they asked or wrote stands where a fact is what they want.
    """
    known = statement.known
    told = known.lexicon.telling if known.has_goal else frozenset()
    return unsaid("remembered", statement, (known.stems - known.offered) | known.typed | told)


def scope(statement: Statement) -> str | None:
    """Whom a course suits and how far it goes: everybody, all there is, from beginner to expert."""
    return unsaid("scope", statement, statement.known.offered | _not_needed(statement.known))


def prerequisite(statement: Statement) -> str | None:
    """That something is not needed, where no fact of the course says `no` or `without` of anything."""
    return unsaid("prerequisite", statement, statement.known.offered | _not_needed(statement.known))


def _not_needed(known: Known) -> frozenset[str]:
    """What a course for beginners may say its readers need not have."""
    lexicon = known.lexicon
    spoken = (lexicon, known.lexicons.of(COMMON))
    names = tuple(word for each in spoken for word, name in each.levels.items() if name == BEGINNER)
    return lexicon.experience if any(holds(known.offered, each, lexicon) for each in names) else frozenset()


def unsaid(rule: str, statement: Statement, stems: frozenset[str]) -> str | None:
    """The words of this rule's first cue that no fact lets stand."""
    cues = (found for found in statement.unquoted.cues if found.rule == rule)
    return next((" ".join(found.words) for found in cues if not _stands(found, statement.known, stems)), None)


def _stands(found: Found, known: Known, stems: frozenset[str]) -> bool:
    lexicon = known.lexicon
    small = frozenset() if found.rule == OTHERS else lexicon.function
    words = tuple(each for each in found.words if each not in small) or found.words
    if all(holds(stems, word, lexicon) for word in words):
        return True
    if any(holds(stems, word, lexicon) for word in lexicon.allows.get(found.rule, ())):
        return True
    if _is_said(found, known):
        return True
    return known.language != COMMON and _is_in_common(found.rule, known, stems)


def _is_in_common(rule: str, known: Known, stems: frozenset[str]) -> bool:
    """True where a fact that may say so says it in the common language: it holds a cue of the same rule there."""
    is_of_offers = stems >= known.offered and not stems >= known.stems
    texts = known.offers if is_of_offers else known.quotable
    return any(found.rule == rule for each in texts for found in each.common.cues)


def _is_said(found: Found, known: Known) -> bool:
    """True where a fact has the words with the one behind or before them: `free trial`, `prova gratuita`."""
    if not known.lexicon.has_spaces:
        phrase = "".join((*found.words, found.after))
        return len(found.after) == AFTER_LETTERS and any(phrase in each.folded for each in known.quotable)
    with_after, with_before = (*found.words, found.after), (found.before, *found.words)
    return (found.after != BREAK and f" {' '.join(with_after)} " in known.said) or (
        found.before not in known.lexicon.function | {BREAK} and f" {' '.join(with_before)} " in known.said
    )
