"""What nobody sees, what draws over others, and letters in a costume."""

import json
import os
import unicodedata
from pathlib import Path

import pytest

from services.rules.characters import hidden, styled
from services.rules.confusables import ARMENIAN, CYRILLIC, GREEK, LATIN, LOOKALIKES, mixed_script

SHARED = Path(os.environ.get("KINDLING_SHARED", Path(__file__).parents[4] / "shared"))
TABLE = SHARED / "data" / "unicode_confusables" / "confusables.json"


@pytest.mark.parametrize(
    "text",
    [
        "a\u00adb",
        "a\u034fb",
        "a\u061cb",
        "a\u115fb",
        "a\u17b4b",
        "a\u180eb",
        "a\u200bb",
        "a\u202eb",
        "a\u2060b",
        "a\u3164b",
        "a\ufe0fb",
        "\ufe0f",
        "a\ufeffb",
        "a\uffa0b",
        "a\U0001d173b",
        "a\U000e0041b",
        "a\U000e0101b",
        "a\u2800b",
        "a\x85b",
        "a\u2028b",
        "a\rb",
        "co\u0335de",
        "c\u0301\u0302\u0303",
        "\U0001f1e9\U0001f1ea",
        "a\ud800b",
    ],
)
def test_a_hidden_character_is_named(text: str) -> None:
    """One of each block that Unicode lets a client ignore, controls, marks and flags."""
    assert hidden(text)


@pytest.mark.parametrize("text", ["Sun ☀️", "naïve Übung ñ", "≠ is not equal", "1\u202f000 € · Việt Nam", "講座　第1回"])
def test_a_seen_character_passes(text: str) -> None:
    """Accents, an emoji with its selector, narrow spaces."""
    assert hidden(text) is None


@pytest.mark.parametrize(
    "text", ["𝐢𝐧𝐯𝐨𝐢𝐜𝐞", "ⓒode", "🄲ode", "ᴄᴏᴅᴇ", "ｃｏｄｅ", "１２", "ℂode", "ⅽode", "ᶜᵒᵈᵉ", "𝟙𝟚", "𝚨"]
)
def test_a_costume_is_named(text: str) -> None:
    """Mathematical, circled, small capitals, wide, letterlike, Roman, raised; and digits."""
    assert styled(text, "en")


@pytest.mark.parametrize("text", ["1ᵉʳ étage, 2º piso, Acme™, m², CO₂, ½", "File ﬁne № 3", "Plain (1)"])
def test_a_typesetters_form_is_no_costume(text: str) -> None:
    """Ordinals, trade marks, superscript digits, ligatures."""
    assert styled(text, "en") is None


def test_wide_forms_are_at_home_in_wide_text() -> None:
    """In Japanese always, elsewhere where ideographs are more than narrow letters."""
    assert styled("ＰＤＦ", "ja") is None
    assert styled("講座のＰＤＦ", "en") is None
    assert styled("The course ＰＤＦ 講", "en")


@pytest.mark.parametrize(
    "text",
    ["b\u0435ginner", "g\u03bfal", "\u0441\u043e\u0443 it now", "Ꮯode", "ᏟᎾᎠ", "\u0430\u03bf", "The \u03bf\u03bd goal"],
)
def test_a_look_alike_is_named(text: str) -> None:
    """Inside a word, as a whole word, of a strange script, of two scripts at once."""
    assert mixed_script(text)


@pytest.mark.parametrize(
    "text", ["Книга о рисовании", "Course: Книга о рисовании", "5 kΩ and 3 μm", "The β and α tests", "講座 Excel", "Σ"]
)
def test_a_script_of_its_own_passes(text: str) -> None:
    """A Russian title in an English line, units, a Greek symbol, Japanese with Latin."""
    assert mixed_script(text) is None


@pytest.mark.skipif(not TABLE.exists(), reason="the table of others is not here")
def test_the_table_holds_what_unicode_maps_to_ascii() -> None:
    """Every letter of the four scripts that the shared table pairs with one ASCII letter."""
    pairs = json.loads(TABLE.read_text(encoding="utf-8"))
    known = set(LOOKALIKES)
    missing = {
        each
        for ascii_letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        for each in (pair["c"] for pair in pairs.get(ascii_letter, ()))
        if len(each) == 1
        and unicodedata.category(each) in {"Lu", "Ll", "Lo"}
        and unicodedata.normalize("NFKC", each) == each
        and unicodedata.name(each, "").split(" ")[0] in {"CYRILLIC", "GREEK", "ARMENIAN"}
    }
    assert missing - known == set()
    assert all(len(script) == len(set(script)) for script in (CYRILLIC, GREEK, ARMENIAN, LATIN))
