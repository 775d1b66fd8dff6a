"""What no text may hold, whoever wrote it: hidden characters, links, markup, placeholders, contacts, banned claims."""

import re
import unicodedata

from services.composer.core.gate.folding import as_phrase, fold, found_phrase, squeezed
from services.composer.core.gate.known import LEAK_WORDS, Known, runs
from services.composer.core.gate.lexicon import INJECTIONS

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
MOST_MARKS = 2  # combining marks in a row; more is a text that runs over its neighbours
SQUEEZED_LEAST = 8  # letters of a banned claim below which gluing words together would find it by accident
_REGIONAL = range(0x1F1E6, 0x1F200)  # letters that draw flags, and spell words no other rule reads
_VARIATION = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180d]")
_MARKS = re.compile(rf"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{{{MOST_MARKS + 1},}}")
_TOP_LEVEL = (
    "com|net|org|info|biz|io|co|ai|app|dev|example|test|invalid|xyz|top|online|site|shop|store|club|link|click|tv|eu|"
    "es|de|fr|uk|us|ru|cn|in|it|nl|pt|pl|mx|ar|cl|tk|ml|ga|cf|gq|zip|mov|ly|gl|info|edu|gov"
)
_LINK = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}:\s*//|(?<![\w])//\w|\bwww\d?\s?\."
    r"|\b(?:javascript|data|mailto|tel|vbscript|file|ftp|sms)\s?:\s?\S"
    rf"|\b[\w-]+(?:\.[\w-]+)*\.(?:{_TOP_LEVEL})\b|\bhxxps?\b|\bxn--"
    r"|\b[a-z][\w-]+\.[a-z][\w-]+\.[a-z]{2,}\b"
)
_DEFANGED = re.compile(rf"\b\w+\s?(?:\[\.\]|\(\.\)|\[dot\]|\(dot\)|\bdot\b)\s?(?:{_TOP_LEVEL})\b")
_MARKUP = re.compile(r"[<>]|\]\(|```|\*\*|&(?:#\w+|[a-z]{2,8});|<\||\|>|\[/?inst\]|^\s*#{1,6}\s")
_PLACEHOLDER = re.compile(
    r"[{}]|\$\{|%[a-z_]{3,}%|\[[^\]]{0,60}\]|_{3,}|\b(?:lorem ipsum|xxx+|tbd)\b"
    r"|\b(?:first|last|your|company)[_ ]?name\b here|\b(?:first|last|company)_name\b"
)
_TODO = re.compile(r"\b(?:TODO|FIXME|NAME|COMPANY|INSERT)\b")
_ADDRESS = re.compile(
    r"@\w|\w@"
    r"|\b\w+\s?(?:\(at\)|\[at\]|\bat\b)\s?\w+(?:\s?(?:\(dot\)|\[dot\]|\bdot\b)\s?|\.)\w{2,}\b"
)
_LETTERS = re.compile(r"[^\W\d_]+")
_PHONE = re.compile(r"\+\s?\d[\d\s().-]{5,}\d|\b\d{3}[\s.-]\d{2,4}[\s.-]\d{2,4}\b|\b\d{9,}\b")


def characters(text: str, _: Known) -> str | None:
    """Control, bidi, zero-width, tag and unassigned characters; variation selectors outside emoji; heaped marks."""
    for each in text:
        if unicodedata.category(each) in HIDDEN or ord(each) in _REGIONAL:
            return f"U+{ord(each):04X}"
    for match in _VARIATION.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if match.group() != "\ufe0f" or not before or unicodedata.category(before) != "So":
            return f"U+{ord(match.group()):04X} outside an emoji"
    return "combining marks" if _MARKS.search(unicodedata.normalize("NFD", text)) else None


def mixed_script(text: str, _: Known) -> str | None:
    """A word whose letters come from two of Latin, Cyrillic and Greek: one that only looks like another."""
    for word in _LETTERS.findall(text):
        scripts = {unicodedata.name(each, "").split(" ")[0] for each in word} & {"LATIN", "CYRILLIC", "GREEK"}
        if len(scripts) > 1:
            return str(word)
    return None


def encoded_word(text: str, _: Known) -> str | None:
    """An encoded word of RFC 2047, which could smuggle a header."""
    return "=?" if "=?" in unicodedata.normalize("NFKC", text) else None


def link(text: str, _: Known) -> str | None:
    """An address of the web in any spelling a client would turn into a link; links come from code alone."""
    match = _LINK.search(fold(text)) or _DEFANGED.search(fold(text))
    return match.group() if match else None


def markup(text: str, _: Known) -> str | None:
    """HTML, Markdown or chat-template marks."""
    match = _MARKUP.search(unicodedata.normalize("NFKC", text).casefold())
    return match.group() if match else None


def placeholder(text: str, _: Known) -> str | None:
    """A slot nobody filled."""
    match = _PLACEHOLDER.search(fold(text)) or _TODO.search(text)
    return match.group() if match else None


def contact(text: str, _: Known) -> str | None:
    """An email address or a telephone number of anybody."""
    match = _ADDRESS.search(fold(text)) or _PHONE.search(fold(text))
    return match.group() if match else None


def banned_claim(text: str, known: Known) -> str | None:
    """A claim the brand never makes, whatever its case, accents and spacing."""
    said, letters = as_phrase(text), squeezed(text)
    for claim in known.banned:
        tight = squeezed(claim)
        if tight and (as_phrase(claim) in said or (len(tight) >= SQUEEZED_LEAST and tight in letters)):
            return claim
    return None


def injection(text: str, _: Known) -> str | None:
    """Words that talk to a model, not to a reader."""
    return found_phrase(text, INJECTIONS)


def prompt_leak(text: str, known: Known) -> str | None:
    """The prompt's canary, or a long run of its words."""
    if squeezed(known.canary) and squeezed(known.canary) in squeezed(text):
        return "the canary"
    shared = runs(text, LEAK_WORDS) & known.prompt_runs
    return " ".join(min(shared)) if shared else None
