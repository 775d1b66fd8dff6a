"""The lexicons that Kindling ships, as the composer reads them."""

from functools import cache

from services.composer.adapters.lexicon_files import read_lexicons
from services.composer.adapters.snowball_stems import snowball
from services.composer.core.gate.lexicons import Lexicons
from services.runtime.py3langid_language import Py3langidLanguage
from services.runtime.safety import read_safety


@cache
def shipped_lexicons() -> Lexicons:
    """Read once a process."""
    return read_lexicons(snowball, Py3langidLanguage(), read_safety())
