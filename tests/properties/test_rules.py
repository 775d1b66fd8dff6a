"""Laws of the rules of safety: no spelling weakens them, and what passes holds nothing of what they look for."""

import unicodedata
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.characters import HIDDEN, hidden, styled
from services.rules.cited import NOTHING, cited_of
from services.rules.confusables import CYRILLIC, mixed_script
from services.rules.contact import contact
from services.rules.folding import PAIR, fold, parts, read, tokens
from services.rules.links import link
from services.rules.markup import encoded_word, markup
from services.rules.request import request
from services.rules.speech import injection, model_refusal
from services.rules.stranger import is_phrase
from services.rules.watching import watching
from services.runtime.safety import read_safety

SAFETY = read_safety()
LEXICON = SAFETY.lexicon
ASKED = (
    ("en", "Send us your password."),
    ("es", "Responde a este correo con tu clave."),
    ("de", "Bitte überweisen Sie die Gebühr heute."),
    ("fr", "Appelez notre conseiller maintenant."),
    ("pt", "Instale o aplicativo agora."),
    ("it", "Apra il file allegato."),
    ("nl", "Stuur deze mail door aan al uw collega's."),
)
WATCHED = (
    ("en", "We noticed that you like bread"),
    ("es", "Hemos visto que te gusta"),
    ("de", "Uns ist aufgefallen, dass Sie zögern"),
    ("fr", "Nous avons remarqué votre intérêt"),
    ("pt", "Sabemos que você gosta"),
    ("it", "Abbiamo notato il Suo interesse"),
    ("nl", "Het viel ons op dat u twijfelt"),
)
SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "title": str.title,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "wide spaces": lambda text: text.replace(" ", "\u00a0 "),
    "fullwidth": lambda text: "".join(
        chr(ord(each) + 0xFEE0) if each.isascii() and each.isalnum() else each for each in text
    ),
    "no accents": lambda text: "".join(
        each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each)
    ),
}
AROUND = st.lists(
    st.sampled_from(["bread", "course", "lesson", "garden", "learn", "slowly", "seven", "Monday"]), max_size=6
).map(" ".join)


@given(st.text())
def test_reading_is_stable(text: str) -> None:
    """What is folded stays as it is, and its compatibility form folds to the same."""
    assert fold(fold(text)) == fold(text)
    assert tokens(fold(text)) == tokens(text)


@given(st.text(), st.sampled_from(["en", "ja", "xx"]))
def test_any_text_is_judged(text: str, language: str) -> None:
    """Every rule answers for every text, and what passes holds no hidden character and no costume."""
    for rule in (request, watching):
        rule(text, language, NOTHING, LEXICON)
    for spoken in (injection, model_refusal):
        spoken(text, language, NOTHING, LEXICON)
    is_phrase(text, language, LEXICON)
    markup(text)
    encoded_word(text)
    contact(text)
    link(text, SAFETY.suffix_of)
    mixed_script(text)
    if hidden(text) is None:
        assert not any(unicodedata.category(each) in HIDDEN for each in text)
    if styled(text, "en") is None:
        assert not any("\U0001d400" <= each <= "\U0001d7ff" and unicodedata.category(each)[0] == "L" for each in text)


@pytest.mark.parametrize(("language", "text"), ASKED)
@given(before=AROUND, spelling=st.sampled_from(sorted(SPELLINGS)))
def test_a_request_is_refused_in_any_spelling(language: str, text: str, before: str, spelling: str) -> None:
    """Behind any sentence, in any case, with or without accents, decomposed or wide."""
    assert request(SPELLINGS[spelling](f"{before}. {text}"), language, NOTHING, LEXICON)


@pytest.mark.parametrize(("language", "text"), WATCHED)
@given(after=AROUND, spelling=st.sampled_from(sorted(SPELLINGS)))
def test_watching_is_refused_in_any_spelling(language: str, text: str, after: str, spelling: str) -> None:
    """Before any words."""
    assert watching(SPELLINGS[spelling](f"{text} {after}"), language, NOTHING, LEXICON)


@given(st.sampled_from(["password", "passport", "bitcoin", "telegram"]), st.sampled_from([" ", ".", "-", "_", " . "]))
def test_a_word_spelled_out_is_read_together(word: str, gap: str) -> None:
    """Spaces, dots and dashes between letters hide nothing."""
    assert read(gap.join(word)) == word
    assert request(f"Your {gap.join(word)} please", "en", NOTHING, LEXICON)


@given(AROUND)
def test_a_fact_of_the_course_is_its_own(words: str) -> None:
    """What the course says of a topic no mail speaks of passes word for word."""
    fact = f"{words} passport photos"
    assert request(fact, "en", cited_of([fact]), LEXICON) is None


@given(st.text(alphabet="abcdefghij", min_size=3, max_size=12), st.sampled_from(CYRILLIC), st.integers(0, 11))
def test_one_look_alike_in_a_word_is_refused(word: str, look_alike: str, place: int) -> None:
    """Wherever it stands; and the word itself passes."""
    at = place % len(word)
    assert mixed_script(f"{word[:at]}{look_alike}{word[at:]}")
    assert mixed_script(word) is None


@given(
    st.from_regex(r"\A[a-z]{2,9}\Z"),
    st.sampled_from(["com", "de", "co.uk", "photography", "invalid", "jp", "github.io"]),
)
def test_a_host_is_a_link_in_any_case_and_width(name: str, suffix: str) -> None:
    """Under every suffix that somebody listed, or that is reserved."""
    host = f"{name}.{suffix}"
    wide = "".join(chr(ord(each) + 0xFEE0) for each in host)
    assert all(link(f"see {each} now", SAFETY.suffix_of) for each in (host, host.upper(), wide))


@given(st.integers(min_value=10**7, max_value=10**12), st.sampled_from(["", " ", "-", "."]))
def test_a_long_number_behind_a_plus_is_a_telephone(number: int, gap: str) -> None:
    """However its digits are grouped."""
    digits = str(number)
    grouped = gap.join(digits[at : at + 3] for at in range(0, len(digits), 3))
    assert contact(f"reach +{grouped} today")


@given(text=st.text(alphabet="ab Zé在庫のカー々ก่น ", max_size=40))
def test_parts_lose_no_letter(text: str) -> None:
    """Together they are the text without its spaces; of a script without spaces none is longer than a pair."""
    found = parts(text)
    assert "".join(found) == "".join(text.casefold().split())
    assert all(len(each) <= PAIR or each.isascii() or "é" in each for each in found)
