"""What a fetched page is worth: its text, or the reason why it says nothing of a business."""

import json
import re
from typing import Any

from services.recommender.core.company.values import NoPage, Page, Why
from services.recommender.core.sanitised import for_model

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
SHOWN_CHARACTERS = 4_000  # about 1,000 tokens; a front page says what it is for near its top
TITLE_CHARACTERS, DESCRIPTION_CHARACTERS = 200, 400
FEWEST_CHARACTERS = 120  # less is a shell that a script fills, or a placeholder
SHORT_CHARACTERS = 2_000  # a longer page about such things is a page about such things
MOST_UNREADABLE = 0.02  # of the characters: more were written in another charset
SNIFFED_BYTES = 1_024
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # WHATWG MIME sniffing, 3: a binary data byte
_MAGIC = (
    b"%PDF-",
    b"%!PS",
    b"MZ",
    b"PK\x03\x04",
    b"\x7fELF",
    b"GIF8",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"Rar!",
    b"\x1f\x8b",
)
_PARKED = re.compile(
    r"domain (?:name )?(?:[\w.-]+ )?(?:is|may be|could be) (?:for sale|parked|available)|buy this domain"
    r"|this domain (?:is|has been) (?:registered|reserved|parked)|domain parking|(?:parked|hosted) (?:free|by|at) "
    r"|dominio (?:[\w.-]+ )?(?:est[aá] )?(?:en venta|aparcado)|domain (?:[\w.-]+ )?steht zum verkauf"
    r"|domaine (?:[\w.-]+ )?est [àa] vendre|web(?:site)? (?:is )?coming soon"
    r"|default (?:web )?page|welcome to nginx|it works!",
    re.IGNORECASE,
)
_CAPTCHA = re.compile(
    r"captcha|verify (?:that )?you are (?:a )?human|checking (?:your browser|if the site connection)|are you a robot"
    r"|unusual traffic|enable javascript and cookies|attention required|just a moment|no soy un robot|access denied",
    re.IGNORECASE,
)
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # unseen selectors that can spell a hidden text
_NOT_INDEXED = re.compile(r"(?:^|[\s,:])(?:noindex|none)(?:$|[\s,])", re.IGNORECASE)


def is_html(content_type: str, body: bytes) -> bool:
    """True if the server says HTML and the first bytes do not say otherwise."""
    head = body[:SNIFFED_BYTES]
    return content_type.lower() in HTML_TYPES and not head.lstrip().startswith(_MAGIC) and not _BINARY.search(head)


def page_of(extracted: bytes | None, robots_tag: str) -> Page | NoPage:
    """The page that the child extracted; `robots_tag` is the header's word. Total."""
    told = _told(extracted)
    if told is None:
        return NoPage(Why.EXTRACTION, "the bounded child gave no text")
    if _NOT_INDEXED.search(f"{robots_tag} {told['robots']}"):
        return NoPage(Why.NOINDEX)
    if told["text"].count("\ufffd") > MOST_UNREADABLE * len(told["text"]):
        return NoPage(Why.NOT_HTML, "the text is not of the charset stated")
    text = shown(" — ".join(filter(None, (told["title"], told["description"], told["text"]))))
    why = _says_nothing(text)
    return Page(text) if why is None else NoPage(why, f"{len(text)} characters")


def shown(text: str) -> str:
    """One line with nothing invisible and no mail address, of at most `SHOWN_CHARACTERS`."""
    return for_model(_VARIATION.sub("", text), SHOWN_CHARACTERS)


def _says_nothing(text: str) -> Why | None:
    """Why a page of this text is nobody's front page, if so; a long page is never judged by its words."""
    if len(text) <= SHORT_CHARACTERS:
        if _CAPTCHA.search(text):
            return Why.CAPTCHA
        if _PARKED.search(text):
            return Why.PARKED
    return Why.TOO_LITTLE_TEXT if len(text) < FEWEST_CHARACTERS else None


def _told(extracted: bytes | None) -> dict[str, str] | None:
    try:
        told: Any = json.loads(extracted or b"")
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    cut = {"title": TITLE_CHARACTERS, "description": DESCRIPTION_CHARACTERS, "text": None, "robots": None}
    return {name: str(told.get(name, ""))[:most] for name, most in cut.items()}
