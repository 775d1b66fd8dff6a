"""Text to and from a model."""

import unicodedata

import pytest

from services.recommender.core.sanitised import clipped, for_model, is_plain

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def test_addresses_never_go_to_a_model() -> None:
    """An address in a form field is replaced."""
    assert for_model("write to ana.b@example.com please", 100) == "write to [address] please"


def test_text_for_a_model_is_one_visible_line() -> None:
    """Line breaks are spaces; zero-width, control and tag characters are gone."""
    assert for_model("one\r\n two\u200b\x07\U000e0041  three\u2028four", 100) == "one two three four"


def test_long_text_ends_at_a_word() -> None:
    """The limit holds with the ellipsis."""
    assert clipped("one two three", 9) == "one two…"


def test_a_word_longer_than_the_limit_is_cut() -> None:
    """There is no earlier word to end at."""
    assert clipped("abcdefghij", 5) == "abcd…"


def test_short_text_stays() -> None:
    """Nothing is cut within the limit."""
    assert clipped("one", 3) == "one"


@pytest.mark.parametrize(
    "text", ["see https://evil.example", "www.evil.example", "<b>bold</b>", "a@b.c", "two\nlines", "zero\u200bwidth"]
)
def test_markup_links_and_hidden_characters_are_not_plain(text: str) -> None:
    """Each of these is more than words."""
    assert not is_plain(text)


def test_words_are_plain() -> None:
    """Letters of any language, digits and punctuation are words."""
    assert is_plain("Más de 3 correos: ¿por dónde empezar?")


@pytest.mark.parametrize("plane", range(17))
def test_what_is_printable_needs_no_cleaning(plane: int) -> None:
    """The short way is the long way, for every character there is."""
    for code in range(plane * 0x10000, (plane + 1) * 0x10000):
        text = f"a{chr(code)} b"
        slowly = "".join(" " if each.isspace() else each for each in text)
        slowly = "".join(each for each in slowly if unicodedata.category(each) not in UNSEEN)
        assert for_model(text, 10) == " ".join(slowly.split())
