"""The gate's last rules, over the rendered parts: what must be in them, and that no other link is."""

import html
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from schemas.links import is_allowed_link
from services.composer.core.values import Finding, Letter, Rendered

MOST_HTML_BYTES = 102 * 1024 - 1  # Gmail clips a message from 102 KB on
_LINK = re.compile(
    r"""(?:href|src|action|background|srcset|poster)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE
)
_CSS_LINK = re.compile(r"url\s*\(|@import", re.IGNORECASE)
_ACTIVE = re.compile(
    r"<\s*/?\s*(script|iframe|object|embed|form|input|base|svg|img|video|audio|link)\b"
    r"|<\s*meta[^>]+refresh|<[^>]*\son[a-z]+\s*=",
    re.IGNORECASE,
)
_TEXT_LINK = re.compile(r"[a-z][a-z0-9+.-]*://[^\s<>]+", re.IGNORECASE)
_H1 = re.compile(r"<h1[\s>]", re.IGNORECASE)
MailRule: TypeAlias = Callable[[Letter, Rendered, frozenset[str]], str | None]


def size(_: Letter, rendered: Rendered, __: frozenset[str]) -> str | None:
    """A part that clients would clip."""
    length = len(rendered.html.encode("utf-8", "replace"))
    return f"{length} bytes of html" if length > MOST_HTML_BYTES else None


def links(letter: Letter, rendered: Rendered, hosts: frozenset[str]) -> str | None:
    """A link of either part, or a slot for one, that is not plain https to an allowed host."""
    found = [html.unescape("".join(groups)) for groups in _LINK.findall(rendered.html)]
    slots = (letter.course_url, letter.unsubscribe_url, *(each.url for each in letter.further))
    every = [*slots, *found, *_TEXT_LINK.findall(rendered.text)]
    return next((url for url in every if not is_allowed_link(url, hosts)), None)


def active(_: Letter, rendered: Rendered, __: frozenset[str]) -> str | None:
    """An element or attribute that acts or loads; our template has none."""
    match = _ACTIVE.search(rendered.html) or _CSS_LINK.search(rendered.html)
    return match.group()[:60] if match else None


def whole(letter: Letter, rendered: Rendered, _: frozenset[str]) -> str | None:
    """Something that must be in both parts and is not: an unknown tag vanishes without a word."""
    plain = html.unescape(rendered.html)
    needed = (
        letter.course_url, letter.unsubscribe_url, letter.postal_address, letter.explanation, letter.greeting,
        letter.opening, letter.bridge, letter.course_title, letter.button, *letter.lesson,
        *(text for each in letter.further for text in (each.title, each.line, each.note, each.url)),
    )  # fmt: skip
    for part, text in (("html", plain), ("text", rendered.text)):
        missing = next((each for each in needed if each not in text), None)
        if missing is not None:
            return f"{part} lacks: {missing[:80]}"
    return None


def outline(letter: Letter, rendered: Rendered, _: frozenset[str]) -> str | None:
    """A page without its language, or with none or several first headings."""
    if f'lang="{letter.language}"' not in rendered.html:
        return "no language"
    headings = len(_H1.findall(rendered.html))
    return None if headings == 1 else f"{headings} h1"


RULES: Mapping[str, MailRule] = {
    "mail_size": size,
    "mail_links": links,
    "mail_active": active,
    "mail_whole": whole,
    "mail_outline": outline,
}


def judge_mail(letter: Letter, rendered: Rendered, hosts: frozenset[str]) -> tuple[Finding, ...]:
    """Every finding over the rendered mail; empty means it may go."""
    return tuple(
        Finding(name, detail[:120])
        for name, rule in RULES.items()
        if (detail := rule(letter, rendered, hosts)) is not None
    )
