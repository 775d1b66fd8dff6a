"""Words as they stand, each of weight 1: for tests."""

import zlib

from services.recommender.core.values import Terms


class FakeWords:
    """A verified fake of the words encoder: no stems, no frequencies."""

    name = "words-1"

    def document(self, text: str, language: str) -> Terms:
        """Each word once."""
        return self.query(text, language)

    def query(self, text: str, language: str) -> Terms:
        """Each word once."""
        del language
        words = {each.strip(".,;:“”«»") for each in text.casefold().split()} - {""}
        ids = sorted({zlib.crc32(each.encode("utf-8", "replace")) for each in words})
        return Terms(tuple(ids), (1.0,) * len(ids))
