"""Which language a text is in: by its script, by frequent words, and where they do not tell, by a detector."""

from functools import lru_cache

from services.composer.core.gate.folding import BREAK, tokens, words
from services.composer.core.gate.known import COMMON, Known
from services.composer.core.gate.lexicons import NO_WORDS, Lexicon, Lexicons
from services.composer.core.gate.unsaid import unquoted
from services.rules.folding import REMEMBERED, fold

VOTE_WORDS = 6  # below that a text is too short to vote
MARGIN = 2  # votes; related languages share many frequent words
FOREIGN_SHARE = 0.2  # of letters outside the language's script
UNTOLD_WORDS = 3  # not known to the language at all, from which a detector is asked
MOST_KANJI = 12  # without any kana: a title may be, a sentence is Chinese
LEAST_OWN = 0.3  # of letters in Japanese, beside Latin ones


def foreign(text: str, expected: str, lexicons: Lexicons) -> str | None:
    """The language that wins the vote over the expected one, or a foreign script; None where neither does."""
    if _outside(text, expected, lexicons) > FOREIGN_SHARE:
        return "another script"
    said = words(text)
    if not lexicons.knows(expected) or len(said) < VOTE_WORDS or not lexicons.of(expected).has_spaces:
        return None
    votes = _votes(tokens(text), lexicons)
    mine = votes[lexicons.of(expected).language]
    winner = max(votes, key=lambda name: (votes[name], name == expected))
    return f"{winner} instead of {expected}" if votes[winner] >= mine + MARGIN else None


def untold(text: str, known: Known) -> str | None:
    """Words enough that nothing in the language or the facts knows, where the detector does not say that language."""
    lexicon = known.lexicon
    if lexicon is NO_WORDS or not lexicon.has_spaces:
        return None
    rest = [each for each in tokens(unquoted(text, known.texts)) if each != BREAK and each.isalpha()]
    strange = [each for each in rest if each not in known.words]
    is_spoken = any(each in lexicon.function or lexicon.stem(each) in lexicon.general for each in strange)
    if is_spoken or len(strange) < UNTOLD_WORDS:
        return None
    ranked = known.lexicons.detect(" ".join(strange)) if known.lexicons.detect else {}
    best = next(iter(ranked), "")
    return None if best == lexicon.language else f"{best or 'no language'} instead of {known.language}"


@lru_cache(maxsize=REMEMBERED)
def is_foreign(text: str, language: str, lexicons: Lexicons) -> bool:
    """True for a fact in another language than the mail: in the common one, or in one whose words are clearly more."""
    if _outside(text, language, lexicons) > FOREIGN_SHARE * 2:
        return True
    lexicon = lexicons.of(language)
    if not lexicon.has_spaces:
        return False
    mine = _known_words(text, lexicon)
    if language != COMMON:
        return _known_words(text, lexicons.of(COMMON)) > mine
    others = (each for each in lexicons.by_language.values() if each.has_spaces)
    return any(_known_words(text, each) >= mine + MARGIN for each in others)


def _known_words(text: str, lexicon: Lexicon) -> int:
    return sum(each in lexicon.function or lexicon.stem(each) in lexicon.general for each in tokens(text))


def _votes(said: tuple[str, ...], lexicons: Lexicons) -> dict[str, int]:
    return {name: sum(each in lexicon.function for each in said) for name, lexicon in lexicons.by_language.items()}


def _outside(text: str, expected: str, lexicons: Lexicons) -> float:
    """The share of letters that the language does not write: not Latin, or in Japanese nothing but Latin."""
    letters = [each for each in fold(text) if each.isalpha()]
    if not letters:
        return 0.0
    if lexicons.of(expected).has_spaces:
        return sum(not each.isascii() for each in letters) / len(letters)
    kana = sum("\u3041" <= each <= "\u30ff" for each in letters)
    own = kana + sum("\u4e00" <= each <= "\u9fff" for each in letters)
    is_chinese = not kana and own > MOST_KANJI
    latin = sum(each.isascii() for each in letters) if own / len(letters) >= LEAST_OWN else 0
    return 1.0 if is_chinese else 1 - (own + latin) / len(letters)
