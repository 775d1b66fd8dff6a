"""The page behind a mail's link reads well without eyes, scripts or styles, in each language; all is escaped."""

import re
from collections.abc import Callable
from itertools import product

import pytest

from services.ingest.adapters.babel_names import own_name
from services.ingest.core.answers import page
from services.ingest.core.page import (
    STYLE,
    STYLE_SOURCE,
    House,
    View,
    acts_page,
    done_page,
    later_page,
    message_page,
    sure_page,
    unknown_language_page,
)
from services.ingest.core.page_acts import PageAct
from tests.unit.ingest.page_world import BARE, LANGUAGES, WRITTEN, seen, view

PAGES: dict[str, Callable[[View], str]] = {
    "acts": acts_page,
    "sure": sure_page,
    "stopped": lambda look: done_page(look, None),
    **{act.value: lambda look, act=act: done_page(look, act, "es") for act in PageAct},  # type: ignore[misc]
    "later": later_page,
    "unknown language": unknown_language_page,
}
ACTS_IN_ORDER = ["", "pause", "language", "stop-all", "forget"]
TEXT_RATIO, SHAPE_RATIO = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11


@pytest.mark.parametrize(("name", "language"), [*product(PAGES, [*LANGUAGES, "pl"])])
def test_page_is_whole_for_who_hears_it(name: str, language: str) -> None:
    """One h1 that is the title, one main, labels and headings that name what they stand for, and no script."""
    found = seen(PAGES[name](view(language=language)))
    [html], [main], [h1], [title] = (found.of(each) for each in ("html", "main", "h1", "title"))
    assert html.attributes["lang"] == (language if language in LANGUAGES else "en")
    assert main.text.strip()
    assert h1.text == title.text != ""
    ids = [each.attributes["id"] for each in found.elements if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    for section in found.of("section"):
        assert section.attributes["aria-labelledby"] in {each.attributes.get("id") for each in found.of("h2")}
    labelled = {each.attributes["for"] for each in found.of("label") if each.text}
    assert {each.attributes.get("id") for each in found.of("select")} <= labelled
    assert all(each.attributes["type"] == "hidden" for each in found.of("input"))
    assert all(each.text and "form" in each.inside for each in found.of("button"))
    assert all(each.text for each in found.of("a"))
    assert not {each.name for each in found.elements} & {"script", "iframe", "img", "link", "object", "base"}
    assert [key for each in found.elements for key in each.attributes if key.startswith("on") or key == "style"] == []
    assert re.findall(r"[{}]", main.text) == []


def test_acts_stand_in_their_order() -> None:
    """To unsubscribe comes first, and every form POSTs; nothing else leads anywhere."""
    found = seen(acts_page(view()))
    forms = found.of("form")
    assert {each.attributes["method"] for each in forms} == {"post"}
    assert [each.attributes.get("action", "").removeprefix("TOKEN/") for each in forms] == ACTS_IN_ORDER
    assert len(found.of("button")) == len(forms)
    assert found.of("a") == []


def test_addresses_are_found_from_where_the_page_stands() -> None:
    """At the link itself, and at an act's path, one step deeper."""
    deeper = view(up="../")
    actions = [each.attributes["action"] for each in seen(acts_page(deeper)).of("form")]
    assert actions == ["../TOKEN", *(f"../TOKEN/{act}" for act in ACTS_IN_ORDER[1:])]
    for shown in (sure_page(deeper), done_page(deeper, PageAct.PAUSE), later_page(deeper)):
        assert [each.attributes["href"] for each in seen(shown).of("a")] == ["../TOKEN"]
    assert [each.attributes["href"] for each in seen(done_page(view(), None)).of("a")] == ["TOKEN"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_reader_is_told_why_in_the_brands_words(language: str) -> None:
    """In the mail's language; else in the first the brand has, marked as such; without a brand in plain words."""
    why = WRITTEN.why["marketing"]
    spoken = language if language in why else "en"
    [said] = [each for each in seen(acts_page(view(language=language))).of("p") if each.text == why[spoken]]
    assert said.language == spoken
    named, bare = (seen(acts_page(view(house, language, "news"))) for house in (WRITTEN, BARE))
    assert "Tidewell Academy" in named.of("h1")[0].text
    for found, names in ((named, ("Tidewell Academy", "news")), (bare, ("news",))):
        reason = found.of("section")[1].text
        assert all(name in reason for name in names)


def test_brand_that_writes_otherwise_than_the_page_is_marked() -> None:
    """A mail in Polish, of which there are no words here: the brand's sentence is Polish within an English page."""
    house = House(BARE.words, "Akademia", {"news": {"pl": "Bo tak."}}, {"pl": "polski"})
    found = seen(acts_page(view(house, "pl", "news")))
    assert [(each.language, each.text) for each in found.of("p") if each.text == "Bo tak."] == [("pl", "Bo tak.")]
    assert found.of("html")[0].language == "en"


def test_languages_are_those_the_program_writes() -> None:
    """Each by its own name, as who reads it aloud says it; the mail's is chosen already. One is no choice."""
    found = seen(acts_page(view(language="es")))
    assert [(each.attributes["value"], each.language, each.text) for each in found.of("option")] == [
        ("en", "en", "English"), ("es", "es", "español"), ("de", "de", "Deutsch"), ("fr", "fr", "français"),
    ]  # fmt: skip
    assert [each.text for each in found.of("option") if "selected" in each.attributes] == ["español"]
    one = House(BARE.words, "A", {}, {"en": "English"})
    assert seen(acts_page(view(one))).of("select") == seen(acts_page(view(BARE))).of("select") == []


def test_language_that_was_chosen_is_told_by_its_name() -> None:
    """In the language itself."""
    [said] = seen(done_page(view(language="de"), PageAct.LANGUAGE, "es")).of("span")
    assert (said.language, said.text) == ("es", "español")


@pytest.mark.parametrize(("code", "name"), [("ja", "日本語"), ("nl", "Nederlands"), ("xx", "xx"), ("zzz", "zzz")])
def test_language_calls_itself_so(code: str, name: str) -> None:
    """By its code where nobody knows better."""
    assert own_name(code) == name


def test_nothing_is_shown_as_it_came() -> None:
    """Of token, link and brand alike; braces of theirs are no slots."""
    evil = '<x onclick="x">{days}'
    house = House(BARE.words, evil, {evil: {evil: evil}}, {evil: evil, "en": evil})
    for purpose in (evil, "news"):
        look = view(house, evil, purpose)
        look = View(house, look.link, evil, "../")
        for shown in (*(make(look) for name, make in PAGES.items() if name != "language"), message_page(evil, evil)):
            assert "<x" not in shown
            assert not [each for each in seen(shown).elements if "onclick" in each.attributes]
    assert "<x" not in done_page(view(house), PageAct.LANGUAGE, evil)


def test_policy_permits_the_style_and_nothing_else() -> None:
    """By its hash; where a reader has none, the page is whole without."""
    answer = page(acts_page(view()))
    assert answer.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src {STYLE_SOURCE}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert [each.text for each in seen(answer.body.decode()).of("style")] == [STYLE]
    assert {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}.items() <= (
        answer.headers.items()
    )


def test_colours_can_be_told_apart() -> None:
    """Text on its ground, edges and the focus on the page: `WCAG 2.2`."""
    rules = dict(re.findall(r"([^{}]+)\{([^{}]*)\}", STYLE))
    for name in ("body", "button", "select"):
        colours = dict(re.findall(r"(?:^|;)(color|background):(#[0-9a-f]{6})", rules[name]))
        assert contrast(colours["color"], colours["background"]) >= TEXT_RATIO
    assert contrast(rules["a"].removeprefix("color:"), "#ffffff") >= TEXT_RATIO
    for edge in (rules[":focus-visible"], rules["section"], rules["button,select"]):
        assert contrast(re.findall(r"#[0-9a-f]{6}", edge)[0], "#ffffff") >= SHAPE_RATIO
    assert "outline:3px" in rules[":focus-visible"]
    assert "outline:none" not in STYLE


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours. Source: WCAG 2.2, "contrast ratio" and "relative luminance"."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """0 for black, 1 for white."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
