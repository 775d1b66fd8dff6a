"""Characters that no text may hold: those nobody sees, those that draw over others, and letters in a costume."""

import re
import unicodedata

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
MOST_MARKS = 2  # combining marks in a row; more is a text that runs over its neighbours
MOST_RAISED = 2  # raised letters in a row, as in the French 1er and Mme; more is a costume
_REGIONAL = range(0x1F1E6, 0x1F200)  # letters that draw flags, and spell words no other rule reads
_BRAILLE_BLANK = "\u2800"
# Default_Ignorable_Code_Point, DerivedCoreProperties.txt of Unicode 16.0, less what a category above holds already.
_IGNORABLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e"
    r"\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_EMOJI_SELECTOR = "\ufe0f"
_MARKS = re.compile(rf"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{{{MOST_MARKS + 1},}}")
_OVERLAY = re.compile(r"[\u0334-\u0338\u0488\u0489\u20d2\u20d3\u20d8-\u20da\u20dd-\u20e0\u20e2-\u20e4\u20e5-\u20eb]")
# Ordinal and trade marks, the numero sign, ligatures as a typesetter makes them, units, and the Dutch ij.
_PLAIN_FORMS = re.compile(
    r"[\u00aa\u00ba\u2122\u2120\u2116\ufb00-\ufb06\u212a\u212b\u017f\u0132\u0133\u3300-\u33ff\u2160-\u216b]"
)
_MATHEMATICAL = re.compile(r"[\U0001d400-\U0001d7ff]")
_SMALL_CAPITALS = re.compile(r"[\u1d00-\u1d25\ua730\ua731\u0262\u026a\u0274\u0280\u028f\u0299\u029c\u029f]")
_RAISED = re.compile(r"[\u02b0-\u02b8\u1d2c-\u1d6a\u2071\u207f\u2090-\u209c]")
_FULLWIDTH = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff66-\uff9f\U00020000-\U0003ffff]")
WIDE_LANGUAGES = frozenset({"ja", "zh", "ko"})


def hidden(text: str) -> str | None:
    """Control, bidi, zero-width, tag, filler and unassigned characters; variation selectors outside emoji; marks.

    Law: what passes has no character of a category in `HIDDEN` and none that Unicode lets a client ignore.
    """
    if text.isascii() and text.isprintable():
        return None
    for at, each in enumerate(text):
        if unicodedata.category(each) in HIDDEN or ord(each) in _REGIONAL or each == _BRAILLE_BLANK:
            return f"U+{ord(each):04X}"
        if each == _EMOJI_SELECTOR and (at == 0 or unicodedata.category(text[at - 1]) != "So"):
            return "U+FE0F outside an emoji"
    if match := _IGNORABLE.search(text):
        return f"U+{ord(match.group()):04X}"
    if _OVERLAY.search(unicodedata.normalize("NFC", text)):
        return "a mark that strikes letters through"
    return "combining marks" if _MARKS.search(unicodedata.normalize("NFD", text)) else None


def styled(text: str, language: str) -> str | None:
    """Letters and digits that are others in a costume: mathematical, circled, small capitals, wide in a narrow text.

    Law: a text of plain letters passes; the compatibility form of what is refused is another text.
    """
    if text.isascii():
        return None
    raised = 0
    for each in text:
        raised = raised + 1 if _RAISED.match(each) else 0
        if raised > MOST_RAISED or _is_costume(each):
            return f"U+{ord(each):04X}"
    if not _is_wide(text, language) and (match := _FULLWIDTH.search(text)):
        return f"U+{ord(match.group()):04X} outside East Asian text"
    return None


def _is_costume(each: str) -> bool:
    if each.isascii() or _PLAIN_FORMS.match(each) or _FULLWIDTH.match(each) or _RAISED.match(each):
        return False
    if _SMALL_CAPITALS.match(each) or _MATHEMATICAL.match(each):
        return True  # small capitals have no compatibility form
    plain = unicodedata.normalize("NFKC", each)
    is_letter = unicodedata.category(each) in {"Lu", "Ll", "Lt", "Lo", "Lm", "Nl", "So", "Nd"}
    bare = plain.strip("()")
    return plain != each and is_letter and bare.isascii() and bare.isalnum() and (len(bare) == 1 or bare.isalpha())


def _is_wide(text: str, language: str) -> bool:
    """True where forms as wide as an ideograph are at home: the language is, or most other letters are."""
    if language in WIDE_LANGUAGES:
        return True
    wide = len(_WIDE.findall(text))
    narrow = sum(1 for each in text if each.isalpha() and not _FULLWIDTH.match(each)) - wide
    return wide > narrow
