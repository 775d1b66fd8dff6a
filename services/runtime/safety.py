"""The rules of safety with all they ask, as the entries hand them to their cores."""

from functools import lru_cache
from pathlib import Path

from services.rules.safety import Safety
from services.runtime.lexicon_files import read_lexicon
from services.runtime.public_suffixes import PublicSuffixes


@lru_cache(maxsize=4)
def read_safety(*folders: Path) -> Safety:
    """Words and suffixes, read once a process; the words of these folders beside ours.

    Raises:
        Misconfigured: as `read_lexicon`.
    """
    return Safety(read_lexicon(*folders), PublicSuffixes().suffix_of)
