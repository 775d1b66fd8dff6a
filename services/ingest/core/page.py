"""The page behind a mail's link: what its reader may choose, as plain HTML that needs neither script nor style.

Nothing is changed by looking: each act is a form that POSTs. Addresses are relative, since a proxy may serve the
collector under a path of its own.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from types import MappingProxyType

from services.ingest.core.choices import PAUSE_DAYS
from services.ingest.core.page_acts import SURE, YES, PageAct
from services.ingest.core.page_words import FALLBACK, Words
from services.ingest.core.unsubscribe import Link

_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_PURPOSES: Mapping[str, Mapping[str, str]] = MappingProxyType({})
STYLE = (
    ":root{color-scheme:light}"
    "body{margin:0;background:#ffffff;color:#1c2b29;font:1.0625rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}"
    "main{max-width:38rem;margin:0 auto;padding:1.5rem 1.25rem 3rem}"
    "h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.15rem;line-height:1.35;margin:0 0 .5rem}"
    "section{border-top:1px solid #6b7b78;padding:1.25rem 0}"
    "p{margin:0 0 1rem}label{display:block;margin:0 0 .5rem}"
    "button,select{box-sizing:border-box;max-width:100%;min-height:2.75rem;padding:.5rem 1rem;"
    "border:2px solid #0b5c50;border-radius:.375rem;font:inherit}"
    "button{background:#0b5c50;color:#ffffff;cursor:pointer}"
    "select{background:#ffffff;color:#1c2b29;margin:0 .5rem 1rem 0}"
    "a{color:#0b5c50}:focus-visible{outline:3px solid #a33c00;outline-offset:3px}"
)
STYLE_SOURCE = f"'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"  # what the page's policy permits


@dataclass(frozen=True, slots=True)
class House:
    """Who writes: the words by language, English among them, and what the brand says where a program is given.

    `why`: by consent and language, why its mail comes. `languages`: those the business writes, each with its own name;
    the first is its default. Without them nobody is asked for one.
    """

    words: Mapping[str, Words]
    brand: str = ""
    why: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _NO_PURPOSES)
    languages: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class View:
    """One look at the page: by which link, and from where; `up` leads from there to where the links begin."""

    house: House
    link: Link
    token: str
    up: str = ""

    @property
    def language(self) -> str:
        """In which it speaks: the mail's, where there are words of it."""
        return self.link.language if self.link.language in self.house.words else FALLBACK

    @property
    def words(self) -> Words:
        """What it says."""
        return self.house.words[self.language]


def acts_page(view: View) -> str:
    """All that its reader may choose, and why they got the mail; to unsubscribe comes first."""
    words = view.words
    title = _filled(words.title, brand=view.house.brand) if view.house.brand else escape(words.title_unnamed)
    sections = [
        _section("stop", words.stop_title, _filled(words.stop, purpose=view.link.purpose), _stop(view)),
        _section("why", words.why_title, "", _why(view)),
        _section("pause", words.pause_title, _days(words.pause), _form(view, PageAct.PAUSE, _days(words.pause_button))),
    ]
    if len(view.house.languages) > 1:
        sections.append(_section("speak", words.language_title, "", _languages(view)))
    everything = _form(view, PageAct.STOP_ALL, escape(words.all_button))
    forget = _form(view, PageAct.FORGET, escape(words.forget_button))
    sections += [
        _section("all", words.all_title, escape(words.all), everything),
        _section("forget", words.forget_title, escape(words.forget), forget),
    ]
    return _page(view.language, title, "".join(sections))


def sure_page(view: View) -> str:
    """Whether they want to be forgotten: only a second POST does it."""
    words = view.words
    sure = f'<input type="hidden" name="{SURE}" value="{YES}">'
    asked = _form(view, PageAct.FORGET, escape(words.sure_button), sure)
    return _page(view.language, escape(words.sure_title), f"<p>{escape(words.sure)}</p>{asked}{_back(view)}")


def done_page(view: View, act: PageAct | None, language: str = "") -> str:
    """What was done, once it is kept; None is the one act of RFC 8058, to unsubscribe from the mail's purpose."""
    words, back = view.words, _back(view)
    if act is None:
        title, said = words.stopped_title, _filled(words.stopped, purpose=view.link.purpose)
    elif act is PageAct.STOP_ALL:
        title, said = words.all_stopped_title, escape(words.all_stopped)
    elif act is PageAct.PAUSE:
        title, said = words.paused_title, _days(words.paused)
    elif act is PageAct.LANGUAGE:
        title, said = words.spoken_title, _put(words.spoken, language=_own_name(view, language))
    else:
        title, said, back = words.forgotten_title, escape(words.forgotten), ""
    return _page(view.language, escape(title), f"<p>{said}</p>{back}")


def later_page(view: View) -> str:
    """That nothing could be kept, and to come again."""
    words = view.words
    return _page(view.language, escape(words.later_title), f"<p>{escape(words.later)}</p>{_back(view)}")


def unknown_language_page(view: View) -> str:
    """That the language is none of those offered."""
    words = view.words
    said = f"<p>{escape(words.unknown_language)}</p>{_back(view)}"
    return _page(view.language, escape(words.unknown_language_title), said)


def message_page(title: str, message: str) -> str:
    """A page that says one thing, to somebody whose language nobody knows."""
    return _page(FALLBACK, escape(title), f"<p>{escape(message)}</p>")


def _stop(view: View) -> str:
    """The form of RFC 8058's link itself; on its own page it POSTs to where it stands."""
    to = f' action="{view.up}{escape(view.token)}"' if view.up else ""
    return f'<form method="post"{to}><button type="submit">{escape(view.words.stop_button)}</button></form>'


def _why(view: View) -> str:
    """The brand's sentence in the page's language, else in the first it has; without one what the consent says."""
    words, house, purpose = view.words, view.house, view.link.purpose
    said = house.why.get(purpose, _NOTHING)
    language = next((each for each in (view.link.language, view.language, *house.languages) if each in said), None)
    if language is not None:
        other = "" if language == view.language else f' lang="{escape(language)}"'
        return f"<p{other}>{escape(said[language])}</p>"
    if house.brand:
        return f"<p>{_filled(words.why, brand=house.brand, purpose=purpose)}</p>"
    return f"<p>{_filled(words.why_unnamed, purpose=purpose)}</p>"


def _languages(view: View) -> str:
    words, offered = view.words, view.house.languages
    options = "".join(
        f'<option value="{escape(code)}" lang="{escape(code)}"{" selected" * (code == view.link.language)}>'
        f"{escape(name)}</option>"
        for code, name in offered.items()
    )
    asked = (
        f'<label for="language">{escape(words.language_label)}</label>'
        f'<select id="language" name="{PageAct.LANGUAGE}" autocomplete="off">{options}</select>'
    )
    return _form(view, PageAct.LANGUAGE, escape(words.language_button), asked)


def _own_name(view: View, language: str) -> str:
    return f'<span lang="{escape(language)}">{escape(view.house.languages[language])}</span>'


def _section(name: str, title: str, said: str, inner: str) -> str:
    text = f"<p>{said}</p>" if said else ""
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(title)}</h2>{text}{inner}</section>'


def _form(view: View, act: PageAct, button: str, fields: str = "") -> str:
    return (
        f'<form method="post" action="{view.up}{escape(view.token)}/{act}">{fields}'
        f'<button type="submit">{button}</button></form>'
    )


def _back(view: View) -> str:
    return f'<p><a href="{view.up}{escape(view.token)}">{escape(view.words.back)}</a></p>'


def _days(phrase: str) -> str:
    return _filled(phrase, days=str(PAUSE_DAYS))


def _filled(phrase: str, **texts: str) -> str:
    """The phrase as HTML, with these texts in its slots."""
    return _put(phrase, **{name: escape(text) for name, text in texts.items()})


def _put(phrase: str, **markup: str) -> str:
    return escape(phrase).format(**markup)


def _page(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
