"""The page behind a mail's link for tests: who looks, what a reader of HTML finds, and what follows from an act."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from schemas.clean import CleanEvent
from schemas.email import Suppression
from schemas.topics import EMAIL_SUPPRESSIONS
from services.ingest.adapters.babel_names import own_name
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.adapters.page_files import read_house
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.content import ContentNews
from services.ingest.core.page import House, View
from services.ingest.core.page_acts import PageAct
from services.ingest.core.records import Outgoing
from services.ingest.core.source import Keys
from services.ingest.core.unsubscribe import Link
from tests.unit.ingest.conftest import RECEIVED_MS

ACADEMY = Path(__file__).parents[3] / "examples" / "academy"
BARE = read_house(None, own_name)
WRITTEN = read_house(ACADEMY, own_name)
LANGUAGES = tuple(BARE.words)
PARTITION = 7  # no other event of a test is there
TOPICS = {  # of what each act keeps
    PageAct.STOP_ALL: ["email.suppressions", "privacy.requests"],
    PageAct.FORGET: ["email.suppressions", "privacy.requests"],
    PageAct.PAUSE: ["events.raw"],
    PageAct.LANGUAGE: ["events.raw"],
}
VOID = frozenset({"meta", "input", "br", "hr", "link", "img"})


@dataclass
class Element:
    """One element as it was opened: its attributes, the language it is in, and its text."""

    name: str
    attributes: dict[str, str]
    language: str
    inside: tuple[str, ...]
    text: str = ""


@dataclass
class Seen(HTMLParser):
    """All elements of a page, in their order; broken nesting fails."""

    elements: list[Element] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it; `lang` is inherited."""
        attributes = {name: value or "" for name, value in attrs}
        above = self._open[-1].language if self._open else ""
        path = tuple(each.name for each in self._open)
        element = Element(tag, attributes, attributes.get("lang", above), path)
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost, which must be of this name."""
        assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        """Text of every element that is open."""
        for each in self._open:
            each.text += data

    def of(self, name: str) -> list[Element]:
        """Those of a name."""
        return [each for each in self.elements if each.name == name]


def seen(html: str) -> Seen:
    """The page as a browser reads it, whole."""
    page = Seen()
    page.feed(html)
    page.close()
    assert page._open == []
    return page


def view(house: House = WRITTEN, language: str = "en", purpose: str = "marketing", up: str = "") -> View:
    """A look of the reader of a mail in this language."""
    return View(house, Link("mail", "u:7", "k", purpose, language), "TOKEN", up)


def followed(
    kept: Sequence[Outgoing], keys: Keys, received_ms: int = RECEIVED_MS
) -> Iterator[CleanEvent | Suppression | ContentNews]:
    """What the consumer makes of the records that the collector kept, each at a place of its own."""
    for offset, record in enumerate(kept):
        if record.topic is not EMAIL_SUPPRESSIONS:
            outcome = clean(FakeRecord(record.topic.name, PARTITION, offset, record.value, received_ms), keys)
            assert isinstance(outcome, Cleaned), outcome
            assert outcome.unread is None
            yield from outcome.effects


def token_of(keys: Keys, language: str = "en", person: str = "u:ana", purpose: str = "marketing") -> str:
    """The token of a mail's link."""
    return keys.seal.seal(("mail", person, "k", purpose, language))
