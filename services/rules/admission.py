"""A text as one way of the table lets it go on, or why it does not."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.rules.layer import refusing
from services.rules.origins import Way
from services.rules.roles import role_in
from services.rules.safety import Safety
from services.rules.sizes import size_of
from services.rules.stranger import is_phrase

PHRASE_CHARACTERS = 120  # of a noun phrase; a longer one is a text
_CODE = re.compile(r"[A-Za-z0-9+/=_]{40}")  # longer than a word that anybody types: a hash, or an encoded text


@dataclass(frozen=True, slots=True)
class Refused:
    """The rule by name for which a text goes nowhere."""

    rule: str


def admitted(way: Way, text: str, language: str, safety: Safety) -> str | Refused:
    """The text as it may go on. What is registered is for who knows what is: here it goes nowhere.

    Law: what is admitted is admitted again, unchanged.
    """
    plain = " ".join(text.split())
    return _WAYS[way](plain, language, safety) if plain else Refused("empty")


def _safe(text: str, language: str, safety: Safety) -> str | Refused:
    rule = refusing(text, language, safety)
    return text if rule is None else Refused(rule)


def _phrase(text: str, language: str, safety: Safety) -> str | Refused:
    is_words = len(text) <= PHRASE_CHARACTERS and any(map(str.isalpha, text)) and not _CODE.search(text)
    if not is_words or not is_phrase(text, language, safety.lexicon):
        return Refused("phrase")
    return _safe(text, language, safety)


def _listed(text: str, language: str, safety: Safety) -> str | Refused:
    told = _phrase(text, language, safety)
    return told if isinstance(told, str) else role_in(text) or Refused("roles")


_WAYS: Mapping[Way, Callable[[str, str, Safety], str | Refused]] = {
    Way.NEVER: lambda _text, _language, _safety: Refused("origin"),
    Way.REGISTERED: lambda _text, _language, _safety: Refused("content"),
    Way.WHOLE: lambda text, _language, _safety: text,
    Way.SIZE: lambda text, _language, _safety: size_of(text) or Refused("sizes"),
    Way.SAFE: _safe,
    Way.PHRASE: _phrase,
    Way.LISTED: _listed,
}
