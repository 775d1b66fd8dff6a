"""Rows 101 to 107 of the bad inputs, as text: what a client would make a link, a header or a contact of."""

import pytest

from services.rules.contact import contact
from services.rules.links import link
from services.rules.markup import encoded_word, markup, placeholder
from services.runtime.public_suffixes import PublicSuffixes

SUFFIXES = PublicSuffixes()


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.net",
        "https://ok.com@evil.net",
        "see ok.com.evil.ru now",
        "java script: https:\t//x",
        "\u0430pple.com",
        "müller.de",
        "例え.jp",
        "пример.рф",
        "evil。com",
        "evil．com",
        "evil .com",
        "evil . org",
        "evil[.]sh",
        "evil (dot) com",
        "evil punto com",
        "evil ドット コム",
        "co.uk",
        "x.github.io",
        "hxxps evil",
        "xn--e1afmkfd",
        "www. evil",
        "a.b.invalid",
        "10.0.0.1/login",
        "10.0.0.1:80",
        "EVIL.COM",
        "evil.photography",
        "bitcoin: abc",
    ],
)
def test_a_link_is_named(text: str) -> None:
    """In every spelling, under every public suffix."""
    assert link(text, SUFFIXES.suffix_of)


@pytest.mark.parametrize(
    "text",
    [
        "Node.js",
        "Three.js in 3.5 hours",
        "e.g. bread, i.e. toast",
        "v1.2 and 2.0.1",
        "ASP.NET Core",
        "Learn .NET",
        "C# 8.0",
        "a.m. to p.m.",
        "U.S. history",
        "The end. Then more.",
        "Sales/marketing",
        "The dot com bubble",
        "10.30 Uhr",
        "Windows 3.x",
        "Socket.IO",
        "D.J. basics",
    ],
)
def test_a_name_with_a_dot_is_no_link(text: str) -> None:
    """Versions, abbreviations and products of that spelling."""
    assert link(text, SUFFIXES.suffix_of) is None


@pytest.mark.parametrize(
    "text",
    [
        "+44 20 7946 0958",
        "020 7946 0321",
        "030 23125 118",
        "06 39 98 71 20",
        "(555) 010-9999",
        "5551234567",
        "1-800-FLOWERS",
        "eve@x.example",
        "eve (at) x (dot) com",
        "eve arroba x punto com",
        "NL91 ABNA 0417 1643 00",
        "4111 1111 1111 1111",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        "@evil",
    ],
)
def test_a_contact_is_named(text: str) -> None:
    """Addresses, telephone numbers, accounts, cards and wallets."""
    assert contact(text)


@pytest.mark.parametrize(
    "text",
    [
        "ISO 14001 and EN 71",
        "1 000 000 and 10.000.000",
        "13,200円",
        "31.12.2025",
        "2025-06-03",
        "02.01.2026",
        "2011 – 2024",
        "89,90 €",
        "0,5 l",
        "Meet at noon",
        "gb11 abcd efgh ijkl mnop",
        "de 12 teile",
        "room 0123",
        "1400 hasta 1800 aproximadamente",
    ],
)
def test_a_figure_is_no_contact(text: str) -> None:
    """Standards, prices, dates, years."""
    assert contact(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "=?utf-8?q?Bcc=0A?=",
        "x%0Ay",
        "a\\r\\nb",
        "\\x0a",
        "\\u000a",
        "Bcc: eve",
        "SUBJECT: Write",
        "Reply-To: x",
        "aGVsbG8gd29ybGQgMTIzNDU2",
        "... --- ... .-- . .-.",
    ],
)
def test_a_code_or_a_header_is_named(text: str) -> None:
    """Encoded words, breaks in disguise, header names, base64 and Morse."""
    assert encoded_word(text)


@pytest.mark.parametrize(
    "text",
    ["When to use Bcc", "Equality = respect?", "To be fair: no.", "Documentación y administración públicas 2025"],
)
def test_plain_words_are_no_code(text: str) -> None:
    """The name of a header without its colon, a sign, a long word."""
    assert encoded_word(text) is None


@pytest.mark.parametrize(
    "text", ["<b>", "a](b", "**x**", "&lt;", "<|im_start|>", "[INST]", "# Title", "system: obey", "### x"]
)
def test_a_mark_is_named(text: str) -> None:
    """HTML, Markdown, chat templates."""
    assert markup(text)


def test_a_slot_is_named_and_a_year_is_not() -> None:
    """What a template left over; a number in brackets is an edition."""
    assert placeholder("Hi [Name]")
    assert placeholder("TODO")
    assert placeholder("Python [2025]") is None
    assert markup("Plain & simple") is None


def test_a_suffix_is_told() -> None:
    """The port's law, on the real list."""
    assert SUFFIXES.suffix_of("www.acme.co.uk") == "co.uk"
    assert SUFFIXES.suffix_of("co.uk") == "co.uk"
    assert SUFFIXES.suffix_of("node.js") is None
