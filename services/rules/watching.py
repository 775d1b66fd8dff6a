"""Talk that tells a reader somebody watches: a verb of seeing about the reader, or what the reader did unasked."""

from services.rules.cited import Cited, without_quotes
from services.rules.folding import read, sentences
from services.rules.lexicon import Found, Lexicon, is_telling

# What the reader did on purpose (registered, asked, downloaded, searched) may be named, but not with its hour or count.
TRACED: tuple[tuple[frozenset[str], ...], ...] = (
    (frozenset({"seen"}),),
    (frozenset({"passive"}), frozenset({"trace", "digital"})),
    (frozenset({"search"}), frozenset({"trace"})),
)


def watching(text: str, language: str, cited: Cited, lexicon: Lexicon) -> str | None:
    """The words that tell of watching; None where there are none.

    Laws: case, accents and compatibility forms weaken nothing.
    """
    for sentence in sentences(read(without_quotes(text, cited))):
        found = lexicon.found(sentence)
        for kinds in TRACED:
            for spoken in dict.fromkeys(each.language for each in found):
                told = _told(kinds, tuple(each for each in found if each.language == spoken))
                if told and (spoken == language or is_telling(told)):
                    return " … ".join(each.text for each in told)
    return None


def _told(kinds: tuple[frozenset[str], ...], found: tuple[Found, ...]) -> tuple[Found, ...]:
    chosen = [next((each for each in found if each.kind in wanted), None) for wanted in kinds]
    told = tuple(each for each in chosen if each is not None)
    return told if len(told) == len(kinds) else ()
