"""Words that a stranger typed of themselves: a mail may hold them as a name or a noun phrase, never as a sentence."""

import re
import unicodedata

from services.rules.folding import tokens
from services.rules.lexicon import WITHOUT_SPACES, Lexicon

MOST_WORDS = 12
LEAST_SHARE = 0.6  # of letters, digits and spaces; below that it is code or drawing
_INNER_END = re.compile(r"(?<=\w{4})[.!:]\s|[?=\u3002\uff1f]")  # a short word before it is abbreviated


def is_phrase(text: str, language: str, lexicon: Lexicon) -> bool:
    """True for a short run of words that is neither sentence, question, order nor code.

    Laws: no text with two sentences is one; case and compatibility forms change nothing.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    said = tokens(plain)
    if not 0 < len(said) <= MOST_WORDS or _INNER_END.search(plain):
        return False
    plain_share = sum(each.isalnum() or each == " " for each in plain) / len(plain)
    return plain_share >= LEAST_SHARE and not _is_order(plain, language, lexicon)


def _is_order(text: str, language: str, lexicon: Lexicon) -> bool:
    """True where it begins as an order or a question of its own language or of English does."""
    return any(
        each.kind == "order" and (each.start == 0 or each.language in WITHOUT_SPACES)
        for each in lexicon.found(text)
        if each.language in {language, "en"} or each.language in WITHOUT_SPACES
    )
