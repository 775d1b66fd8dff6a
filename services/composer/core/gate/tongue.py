"""Which language a text is in: by its script, and by frequent words."""

from collections.abc import Sequence

from services.composer.core.gate.lexicons import COMMON, Lexicon, Lexicons

VOTE_WORDS = 6  # below that a text is too short to vote
MARGIN = 2  # votes; related languages share many frequent words
FOREIGN_SHARE = 0.2  # of letters outside the language's script
MOST_KANJI = 12  # without any kana: a title may be, a sentence is Chinese
LEAST_OWN = 0.3  # of letters in Japanese, beside Latin ones


def foreign(folded: str, words: Sequence[str], tokens: Sequence[str], expected: str, lexicons: Lexicons) -> str | None:
    """The language that wins the vote over the expected one, or a foreign script; None where neither does."""
    if _outside(folded, expected, lexicons) > FOREIGN_SHARE:
        return "another script"
    if not lexicons.knows(expected) or len(words) < VOTE_WORDS or not lexicons.of(expected).has_spaces:
        return None
    votes = {name: sum(each in lexicon.function for each in tokens) for name, lexicon in lexicons.by_language.items()}
    mine = votes[lexicons.of(expected).language]
    winner = max(votes, key=lambda name: (votes[name], name == expected))
    return f"{winner} instead of {expected}" if votes[winner] >= mine + MARGIN else None


def is_foreign(folded: str, tokens: Sequence[str], language: str, lexicons: Lexicons) -> bool:
    """True for a fact in another language than the mail: in the common one, or in one whose words are clearly more."""
    if _outside(folded, language, lexicons) > FOREIGN_SHARE * 2:
        return True
    lexicon = lexicons.of(language)
    if not lexicon.has_spaces:
        return False
    mine = _known_words(tokens, lexicon)
    if language != COMMON:
        return _known_words(tokens, lexicons.of(COMMON)) > mine
    others = (each for each in lexicons.by_language.values() if each.has_spaces)
    return any(_known_words(tokens, each) >= mine + MARGIN for each in others)


def _known_words(tokens: Sequence[str], lexicon: Lexicon) -> int:
    return sum(each in lexicon.function or lexicon.stem(each) in lexicon.general for each in tokens)


def _outside(folded: str, expected: str, lexicons: Lexicons) -> float:
    """The share of letters that the language does not write: not Latin, or in Japanese nothing but Latin."""
    letters = [each for each in folded if each.isalpha()]
    if not letters:
        return 0.0
    if lexicons.of(expected).has_spaces:
        return sum(not each.isascii() for each in letters) / len(letters)
    kana = sum("\u3041" <= each <= "\u30ff" for each in letters)
    own = kana + sum("\u4e00" <= each <= "\u9fff" for each in letters)
    is_chinese = not kana and own > MOST_KANJI
    latin = sum(each.isascii() for each in letters) if own / len(letters) >= LEAST_OWN else 0
    return 1.0 if is_chinese else 1 - (own + latin) / len(letters)
