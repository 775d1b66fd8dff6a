"""Names that no fact holds, by the rule of the language: where capitals make names, where nouns, where nothing."""

import re
import unicodedata

from services.composer.core.gate.folding import tokens, words
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicon
from services.rules.folding import fold

_WORD = re.compile(r"(?<!\w)[^\W\d_][\w'\u2019-]*")
_OPENERS = " \t\"'“”«»\u2018\u2019(¿¡„\u201a"
_SENTENCE_ENDS = ".!?:…—\u2013|/·"
_CAMEL = re.compile(r"[^\W\d_]*[a-zà-ÿ][A-Z]")
_LATIN = re.compile(r"(?<![A-Za-z])[A-Z][A-Za-z]{2,}")


def name(text: str, known: Known) -> str | None:
    """A word that names somebody or something no fact holds."""
    lexicon, text = known.lexicon, unicodedata.normalize("NFKC", text)
    if lexicon.capitals == "none":
        return _addressed_unspaced(text, known) or _latin(text, known)
    before = ""
    for match in _WORD.finditer(text):
        word = match.group()
        is_capital = word[0].isupper()
        if is_capital and not _is_known(word, known) and _is_name(text, match, before, known):
            return word
        before = word
    return None


def _is_name(text: str, match: "re.Match[str]", before: str, known: Known) -> bool:
    lexicon, word = known.lexicon, match.group()
    if _is_common(word, known):
        return False
    starts = _starts(text, match)
    if lexicon.capitals == "nouns":
        is_second = not starts and before[:1].isupper() and _is_pair(text, match, before, known)
        return is_second or bool(_CAMEL.match(word)) or (starts and _is_addressed(text, match, lexicon))
    return not starts or _is_addressed(text, match, lexicon)


def _is_pair(text: str, match: "re.Match[str]", before: str, known: Known) -> bool:
    """Two capitals in a row where nouns have them too: a title and a name, or two words that nothing knows."""
    lexicon = known.lexicon
    if text[: match.start()].rstrip(" ")[-1:] != before[-1:]:
        return False
    bare = fold(before)
    if bare in lexicon.titles:
        return True
    is_count = bare in lexicon.counting.numbers or bare in lexicon.counting.units or bare in lexicon.function
    is_usual = is_count or lexicon.stem(bare) in lexicon.general or lexicon.stem(fold(match.group())) in lexicon.general
    return not (is_usual or _is_known(before, known) or _is_common(before, known))


def _starts(text: str, match: "re.Match[str]") -> bool:
    before = text[: match.start()].rstrip(_OPENERS)
    return not before or before[-1] in _SENTENCE_ENDS


def _is_addressed(text: str, match: "re.Match[str]", lexicon: Lexicon) -> bool:
    """A first word with a comma or an 's behind it that is no word to begin with."""
    is_set_off = text[match.end() : match.end() + 1] == "," or match.group().endswith(("'s", "\u2019s"))
    bare = _bare(match.group())
    is_usual = bare in lexicon.starters or bare in lexicon.function or lexicon.stem(bare) in lexicon.general
    return is_set_off and not is_usual


def _is_known(word: str, known: Known) -> bool:
    bare = _bare(word)
    return set(words(bare)) <= known.words or set(words(word)) <= known.words or set(tokens(word)) <= known.words


def _is_common(word: str, known: Known) -> bool:
    """A capital by spelling alone: `I`, a month, a language, an acronym of a trade or of words that a fact holds."""
    parts = words(_bare(word))
    known_as = known.lexicon.capitalised | known.lexicons.acronyms
    if parts and all(part in known_as or part in known.words or part in known.lexicon.function for part in parts):
        return True
    letters = _bare(word)
    return word.isupper() and len(letters) > 1 and any(letters in initials for initials in _initials(known))


def _initials(known: Known) -> tuple[str, ...]:
    by_text = (tuple(word[0] for word in words(each)) for each in known.texts)
    without = (tuple(word[0] for word in words(each) if word not in known.lexicon.function) for each in known.texts)
    return tuple("".join(each) for each in (*by_text, *without))


def _bare(word: str) -> str:
    folded = fold(word)
    return folded.removesuffix("'s").removesuffix("'")


def _addressed_unspaced(text: str, known: Known) -> str | None:
    """Letters before a title, where no fact holds them and they are no usual word before one."""
    folded, lexicon = fold(text), known.lexicon
    for title in sorted(lexicon.titles):
        for match in re.finditer(rf"([\u4e00-\u9fff々]{{1,6}}|[\u30a1-\u30ffー]{{2,10}}){title}", folded):
            said = match.group(1)
            is_held = any(said in each for each in known.stems | known.typed)
            if not is_held and not any(match.group().endswith(each) for each in lexicon.capitalised):
                return match.group()
    return None


def _latin(text: str, known: Known) -> str | None:
    """A word in Latin letters with a capital."""
    return next(
        (
            each
            for each in _LATIN.findall(text)
            if not any(fold(each) in fact for fact in known.stems | known.typed)
            and fold(each) not in known.lexicons.acronyms
        ),
        None,
    )
