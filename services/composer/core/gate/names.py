"""Names that no fact holds, by the rule of the language: where capitals make names, where nouns, where nothing."""

import re
import unicodedata

from services.composer.core.gate.known import Known
from services.composer.core.gate.statement import Statement

_WORD = re.compile(r"(?<!\w)[^\W\d_][\w'\u2019-]*")
_OPENERS = " \t\"'“”«»\u2018\u2019(¿¡„\u201a"
_SENTENCE_ENDS = ".!?:…—\u2013|/·"
_CAMEL = re.compile(r"[^\W\d_]*[a-zà-ÿ][A-Z]")
_LATIN = re.compile(r"(?<![A-Za-z])[A-Z][A-Za-z]{2,}")


def name(statement: Statement) -> str | None:
    """A word that names somebody or something no fact holds."""
    known, text = statement.known, unicodedata.normalize("NFKC", statement.line.text)
    if known.lexicon.capitals == "none":
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
        return is_second or bool(_CAMEL.match(word)) or (starts and _is_addressed(text, match, known))
    return not starts or _is_addressed(text, match, known)


def _is_pair(text: str, match: "re.Match[str]", before: str, known: Known) -> bool:
    """Two capitals in a row where nouns have them too: a title and a name, or two words that nothing knows."""
    lexicon = known.lexicon
    if text[: match.start()].rstrip(" ")[-1:] != before[-1:]:
        return False
    bare, after = known.read(before).folded, known.read(match.group()).folded
    if bare in lexicon.titles:
        return True
    is_count = bare in lexicon.counting.numbers or bare in lexicon.counting.units or bare in lexicon.function
    is_usual = is_count or lexicon.stem(bare) in lexicon.general or lexicon.stem(after) in lexicon.general
    return not (is_usual or _is_known(before, known) or _is_common(before, known))


def _starts(text: str, match: "re.Match[str]") -> bool:
    before = text[: match.start()].rstrip(_OPENERS)
    return not before or before[-1] in _SENTENCE_ENDS


def _is_addressed(text: str, match: "re.Match[str]", known: Known) -> bool:
    """A first word with a comma or an 's behind it that is no word to begin with."""
    lexicon = known.lexicon
    is_set_off = text[match.end() : match.end() + 1] == "," or match.group().endswith(("'s", "\u2019s"))
    bare = _bare(match.group(), known)
    is_usual = bare in lexicon.starters or bare in lexicon.function or lexicon.stem(bare) in lexicon.general
    return is_set_off and not is_usual


def _is_known(word: str, known: Known) -> bool:
    said, bare = known.read(word), known.read(_bare(word, known))
    return any(known.words.issuperset(each) for each in (bare.words, said.words, said.tokens))


def _is_common(word: str, known: Known) -> bool:
    """A capital by spelling alone: `I`, a month, a language, an acronym of a trade or of words that a fact holds."""
    letters = _bare(word, known)
    parts = known.read(letters).words
    known_as = known.lexicon.capitalised | known.lexicons.acronyms
    if parts and all(part in known_as or part in known.words or part in known.lexicon.function for part in parts):
        return True
    return word.isupper() and len(letters) > 1 and any(letters in initials for initials in _initials(known))


def _initials(known: Known) -> tuple[str, ...]:
    """The first letters of each fact's words, and of those that are no small ones."""
    small = known.lexicon.function
    every = ("".join(word[0] for word in each.words) for each in known.quotable)
    return (*every, *("".join(word[0] for word in each.words if word not in small) for each in known.quotable))


def _bare(word: str, known: Known) -> str:
    return known.read(word).folded.removesuffix("'s").removesuffix("'")


def _addressed_unspaced(text: str, known: Known) -> str | None:
    """Letters before a title, where no fact holds them and they are no usual word before one."""
    folded, lexicon = known.read(text).folded, known.lexicon
    for title in sorted(lexicon.titles):
        for match in re.finditer(rf"([\u4e00-\u9fff々]{{1,6}}|[\u30a1-\u30ffー]{{2,10}}){title}", folded):
            said = match.group(1)
            is_held = any(said in each for each in known.every)
            if not is_held and not any(match.group().endswith(each) for each in lexicon.capitalised):
                return match.group()
    return None


def _latin(text: str, known: Known) -> str | None:
    """A word in Latin letters with a capital."""
    return next((each for each in _LATIN.findall(text) if not _is_held(known.read(each).folded, known)), None)


def _is_held(folded: str, known: Known) -> bool:
    return folded in known.lexicons.acronyms or any(folded in fact for fact in known.every)
