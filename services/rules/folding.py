"""Text as the rules of words compare it: folded, cut into sentences, and as tokens."""

import re
import unicodedata
from functools import lru_cache

REMEMBERED = 4_096  # texts; every rule folds the same few, and a catalogue comes again and again
PAIR = 2  # letters of a script without spaces that are about a word
SPELLED_LEAST = 4  # single letters in a row that are a word spelled out
_QUOTES = str.maketrans(
    dict.fromkeys("\u2019\u2018`\u00b4\u02bc", "'") | dict.fromkeys("\u201c\u201d\u00ab\u00bb\u201e", '"')
)
_TOKEN = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"(?<=[.!?;\u2026])[\"'\u300d\u300f)]*\s+|[\u3002\uff01\uff1f!?]+\s*")
_SPELLED = re.compile(rf"(?<!\w)(?:[^\W\d_][\s.\-_*]+){{{SPELLED_LEAST - 1},}}[^\W\d_](?!\w)")
_LETTERS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u3005"  # Thai to kanji
_RUN = re.compile(rf"[{_LETTERS}]+|[^{_LETTERS}]+")
_UNSPACED = re.compile(rf"[{_LETTERS}]")
_GAP = re.compile(r"[\s.\-_*]+")
_LEET = str.maketrans("013457@$", "oieastas")
_LEET_WORD = re.compile(r"(?<!\w)(?=[\d@$]*[a-z])(?=[a-z]*[\d@$])[a-z\d@$]{4,}(?!\w)")


@lru_cache(maxsize=REMEMBERED)
def fold(text: str) -> str:
    """The text in lower case without Latin accents, compatibility forms or repeated space; kana keep their marks.

    Law: idempotent.
    """
    if text.isascii():
        return " ".join(text.translate(_QUOTES).lower().split())
    plain = unicodedata.normalize("NFKD", text.translate(_QUOTES).casefold()).casefold()
    bare = "".join(each for each in plain if not "\u0300" <= each <= "\u036f")
    return " ".join(unicodedata.normalize("NFKC", bare).translate(_QUOTES).split())


@lru_cache(maxsize=REMEMBERED)
def read(text: str) -> str:
    """The folded text with words that were spelled out or written in digits put together again."""
    together = _SPELLED.sub(lambda match: _GAP.sub("", match.group()), fold(text))
    return _LEET_WORD.sub(lambda match: match.group().translate(_LEET), together)


@lru_cache(maxsize=REMEMBERED)
def tokens(text: str) -> tuple[str, ...]:
    """The words of the text as read, in order; what an apostrophe or a hyphen joins is two."""
    return tuple(_TOKEN.findall(read(text)))


@lru_cache(maxsize=REMEMBERED)
def parts(text: str) -> tuple[str, ...]:
    """The words between spaces in lower case; what a script writes without spaces is cut into pairs of letters.

    So a sentence is about as many parts in Japanese as in English.
    """
    return tuple(
        run[place : place + PAIR] if _UNSPACED.match(run) else run
        for word in text.casefold().split()
        for run in _RUN.findall(word)
        for place in (range(0, len(run), PAIR) if _UNSPACED.match(run) else (0,))
    )


@lru_cache(maxsize=REMEMBERED)
def sentences(text: str) -> tuple[str, ...]:
    """The text cut after full stops, questions, exclamations and semicolons."""
    return tuple(each for each in _SENTENCE_END.split(text) if each and each.strip())


@lru_cache(maxsize=REMEMBERED)
def squeezed(text: str) -> str:
    """Letters and digits alone, so that spaces and dots put between letters hide nothing."""
    return "".join(each for each in fold(text) if each.isalnum())
