"""The command beside the service: what is wrong with the words and lexicons of a program folder."""

from collections.abc import Iterator
from pathlib import Path

from schemas.program import Program
from services.composer.adapters import lexicon_files, words_file
from services.composer.adapters.prompt_file import read_prompt
from services.composer.adapters.snowball_stems import snowball
from services.runtime import lexicon_files as safety_files
from services.runtime.py3langid_language import shared_language
from services.runtime.safety import read_safety

PROMPT = "copy.v2"
READER = "reader.v1"
LEXICONS = "lexicons"
"""The folder of a program that adds words to ours; inside it `SAFETY` adds to what no text may ask or say."""
SAFETY = "safety"


def word_faults(folder: Path, program: Program | None) -> Iterator[str]:
    """Every sentence that the service would end with for its words, file by file and language by language.

    Without a program only lexicons are looked at. Where a lexicon is wrong, words are held against the shipped ones.
    """
    own = folder / LEXICONS
    found = [*safety_files.faults(own / SAFETY), *lexicon_files.faults(snowball, own)]
    yield from found
    if program is None:
        return
    added = None if found else own
    safety = read_safety() if found else read_safety(own / SAFETY)
    lexicons = lexicon_files.read_lexicons(snowball, shared_language(), safety, added)
    yield from words_file.faults(program, read_prompt(PROMPT), lexicons)
