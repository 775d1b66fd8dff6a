"""What the rules of safety ask beside the text: the words by language and the list of public suffixes."""

from dataclasses import dataclass

from services.rules.lexicon import Lexicon
from services.rules.links import SuffixOf


@dataclass(frozen=True, slots=True)
class Safety:
    """Read once by the entry and handed over."""

    lexicon: Lexicon
    suffix_of: SuffixOf
