"""Who says what an event says: set by ingest from the call alone, carried to the record of the decision.

It gives no power by itself: what a speaker's words may reach is one table, `services/rules/origins.py`.
"""

from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from pydantic import Field, WithJsonSchema


class Speaker(StrEnum):
    """Who speaks. The order is that of trust: a browser's words count least, an operator's most."""

    ANONYMOUS_BROWSER = "anonymous_browser"
    KNOWN_BROWSER = "known_browser"
    ADDRESS_BROWSER = "address_browser"
    SIGNED_LINK = "signed_link"
    CONNECTOR = "connector"
    SERVER = "server"
    OPERATOR = "operator"

    @property
    def is_browser(self) -> bool:
        """True for who can be anybody: a write key is public."""
        return self in _BROWSERS


_BROWSERS = frozenset({Speaker.ANONYMOUS_BROWSER, Speaker.KNOWN_BROWSER, Speaker.ADDRESS_BROWSER})
SPEAKERS: tuple[Speaker, ...] = tuple(Speaker)  # in the order of trust
_BY_WORD = {each.value: each for each in Speaker}
_BY_KEY = {"a:": Speaker.ANONYMOUS_BROWSER, "u:": Speaker.KNOWN_BROWSER, "e:": Speaker.ADDRESS_BROWSER}
SPOKEN: dict[str, Any] = {"enum": [each.value for each in Speaker], "type": "string"}
SpeakerWord: TypeAlias = Annotated[str, WithJsonSchema(SPOKEN)]
Spoken: TypeAlias = Annotated[
    SpeakerWord | None,
    Field(
        exclude_if=lambda word: word is None,
        description="who said it; absent in records of before, where `is_verified` or the playbook's entry says",
    ),
]


def speaker(word: str | None, *, is_trusted: bool, person: str = "") -> Speaker:
    """The speaker of this word; where there is none, or a later version's, who `is_trusted` and the person key name.

    A record of before says only whether a server proved it: what it did not is a browser's, of the kind of the key.
    """
    known = _BY_WORD.get(word or "")
    if known is not None:
        return known
    return Speaker.SERVER if is_trusted else browser_of(person)


def browser_of(person: str) -> Speaker:
    """The browser of a person key: the least trusted where the key says nothing."""
    return _BY_KEY.get(person[:2], Speaker.ANONYMOUS_BROWSER)
