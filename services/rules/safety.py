"""What the rules of safety ask beside the text: the words by language and the list of public suffixes."""

from dataclasses import dataclass

from services.rules.lexicon import Lexicon, lexicon_of
from services.rules.links import SuffixOf


@dataclass(frozen=True, slots=True)
class Safety:
    """Read once by the entry and handed over."""

    lexicon: Lexicon
    suffix_of: SuffixOf


WORDLESS = Safety(lexicon_of({}), lambda _: None)
"""The rules that need no words and no list: what a core has to which nobody handed these."""
