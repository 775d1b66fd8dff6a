"""What may be a first name: letters of one script. A pure rule, asked where a name is kept and where it greets."""

import re
import unicodedata
from functools import lru_cache

MAX_CHARACTERS = 40  # a greeting is one line; the longest given names in use have about 30
MAX_WORDS = 3  # "Ana María José"; more is a sentence
CACHED = 4_096  # characters
_NOBODY: frozenset[str] = frozenset()
# Scripts in everyday use: UAX #31, table 5. Each by the first word of its characters' names, and for what writes
# Japanese, Korean or Chinese the writings it belongs to: UTS #39, 5.1.
_WRITINGS = {
    **{
        script: frozenset({script})
        for script in (
            "ARABIC", "ARMENIAN", "BENGALI", "CYRILLIC", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "GREEK", "GUJARATI",
            "GURMUKHI", "HEBREW", "KANNADA", "KHMER", "LAO", "LATIN", "MALAYALAM", "MYANMAR", "ORIYA", "SINHALA",
            "TAMIL", "TELUGU", "THAANA", "THAI", "TIBETAN",
        )
    },
    "CJK": frozenset({"japanese", "korean", "chinese"}),
    "IDEOGRAPHIC": frozenset({"japanese", "korean", "chinese"}),
    "HIRAGANA": frozenset({"japanese"}),
    "KATAKANA": frozenset({"japanese"}),
    "KATAKANA-HIRAGANA": frozenset({"japanese"}),
    "HANGUL": frozenset({"korean"}),
    "BOPOMOFO": frozenset({"chinese"}),
}  # fmt: skip
_OF_ANY = frozenset(each for writings in _WRITINGS.values() for each in writings)
_SYLLABIC = frozenset({"japanese", "korean", "chinese"})  # in which one character may be a name
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5")  # letters and marks that are Default_Ignorable_Code_Point
_JOINS = dict.fromkeys("-\u2010\u2011'\u2019\u02bb\u02bc ", "-")  # hyphens, apostrophes, okina, the space
_GERESH = "\u05f3"  # in Hebrew it makes another letter of the one before
# More than four marks on one letter are no writing: UTS #39, 5.4.
_SHAPE = re.compile(r"(?:Lm{0,4})+(?:-(?:Lm{0,4})+)*")
# What forms, exports and programs write where no name is; as words, or the whole with its spaces.
_NO_WORD = frozenset({"http", "https", "www", "null", "undefined", "undef", "none"})
_NO_NAME = frozenset({
    "abc", "admin", "administrator", "anon", "anonymous", "asd", "asdf", "blank", "customer", "default", "demo", "dr",
    "dummy", "empty", "example", "fake", "false", "firstname", "first name", "fname", "foo", "foobar", "forename",
    "frau", "friend", "given name", "guest", "herr", "hi", "hello", "info", "insert name", "lastname", "last name",
    "lname", "lorem", "lorem ipsum", "madam", "member", "missing", "mr", "mrs", "ms", "my name", "name", "no name",
    "noname", "nobody", "nombre", "not applicable", "not available", "not provided", "no reply", "noreply", "object",
    "placeholder", "prenom", "prénom", "qwerty", "sample", "sir", "string", "subscriber", "surname", "test", "tester",
    "testing", "test test", "test user", "there", "title", "todo", "true", "unknown", "user", "username", "user name",
    "vorname", "xx", "xxx", "xxxx", "your name", "yourname", "имя", "名前", "姓名",
})  # fmt: skip
_OF_PROGRAMS = frozenset({"nan", "NaN", "nil", "NIL", "NUL", "INF"})  # as they write it; Nan and Nil are names


def first_name(text: str | None) -> str | None:
    """The text as a greeting may hold it, in NFC and with single spaces; None where it is no plain first name.

    A name is letters and combining marks of one script, with single hyphens, apostrophes or spaces between them; kanji
    and kana are one script, and so are hanja and hangul. No domain, digit or placeholder is one. Law: what it gives,
    it gives again.
    """
    if text is None or len(text) > 2 * MAX_CHARACTERS:
        return None
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if len(name) > MAX_CHARACTERS or name.count(" ") >= MAX_WORDS or _is_placeholder(name):
        return None
    writing = _writing(name)
    is_long_enough = len(name) > 1 or bool(writing & _SYLLABIC)
    return name if writing and is_long_enough and _SHAPE.fullmatch("".join(map(_part_of, name))) else None


def _is_placeholder(name: str) -> bool:
    words = re.split(r"[ \-\u2010\u2011]", name.casefold())
    return name in _OF_PROGRAMS or " ".join(words) in _NO_NAME or not _NO_WORD.isdisjoint(words)


def _writing(name: str) -> frozenset[str]:
    """The writings that hold every letter and mark of it; none where it mixes scripts."""
    writing = _OF_ANY
    for character in name:
        if character not in _JOINS:
            writing &= _writings(character)
    return writing


@lru_cache(maxsize=CACHED)
def _part_of(character: str) -> str:
    """`L` for a letter, `m` for a mark on one, `-` for what stands between words, `?` for what no name has."""
    if character in _JOINS:
        return "-"
    if character in _UNSEEN or not _writings(character):
        return "?"
    category = unicodedata.category(character)
    if category in {"Mn", "Mc"} or character == _GERESH:
        return "m"
    return "L" if category.startswith("L") else "?"


@lru_cache(maxsize=CACHED)
def _writings(character: str) -> frozenset[str]:
    """The writings a character belongs to: any for a general mark, none for a look-alike kept for old encodings."""
    script = unicodedata.name(character, "?").partition(" ")[0]
    if script == "COMBINING":
        return _OF_ANY
    is_variant = unicodedata.decomposition(character).startswith("<") and script not in {"THAI", "LAO"}  # their AM
    return _NOBODY if is_variant else _WRITINGS.get(script, _NOBODY)
