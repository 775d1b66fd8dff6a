"""Words to sparse vectors: stems of the text's language, the term-frequency part of BM25. The index adds the IDF."""

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from Stemmer import Stemmer

from services.recommender.core.values import Terms

# Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), 3.5: the usual values
SATURATION = 1.2
LENGTH_WEIGHT = 0.75
MEAN_TERMS = 120.0  # of a course; part of the name, since every stored weight rests on it
ALGORITHMS = {"en": "english", "es": "spanish", "de": "german", "fr": "french", "pt": "portuguese"}
WORDS_KEPT = 50_000  # whose stems are remembered: about 10 MB; a catalogue's words come back in every decision
_WORD = re.compile(r"[^\W_]+")


class StemmedWords:
    """A text in a language not known is stemmed in all of them: never as if it were English."""

    name = "bm25-stem5-120-1"

    def __init__(self) -> None:
        self._stemmers = {language: Stemmer(algorithm) for language, algorithm in ALGORITHMS.items()}
        self._of_word = lru_cache(WORDS_KEPT)(self._ids_of)

    def document(self, text: str, language: str) -> Terms:
        """Each term's frequency, saturated, and less in a long text."""
        counts = Counter(self._ids(text, language))
        longer = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * counts.total() / MEAN_TERMS
        weights = ((each, n * (SATURATION + 1) / (n + SATURATION * longer)) for each, n in sorted(counts.items()))
        return _terms(weights)

    def query(self, text: str, language: str) -> Terms:
        """Each term once, with weight 1."""
        return _terms((each, 1.0) for each in sorted(set(self._ids(text, language))))

    def _ids(self, text: str, language: str) -> Iterable[int]:
        for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
            yield from self._of_word(word, language)

    def _ids_of(self, word: str, language: str) -> tuple[int, ...]:
        known = self._stemmers.get(language)
        stemmers = list(self._stemmers.values()) if known is None else [known]
        stems = sorted({stemmer.stemWord(word) for stemmer in stemmers})
        return tuple(zlib.crc32(_bare(stem).encode("utf-8", "replace")) for stem in stems)


def _bare(word: str) -> str:
    """The word without accents."""
    return "".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each))


def _terms(weights: Iterable[tuple[int, float]]) -> Terms:
    pairs = list(weights)
    return Terms(tuple(each for each, _ in pairs), tuple(weight for _, weight in pairs))
