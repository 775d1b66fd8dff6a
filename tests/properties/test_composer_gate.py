"""Laws of the gate: each family of danger is refused wherever it stands, and folding is stable."""

import unicodedata
from urllib.parse import urlsplit

from hypothesis import example, given
from hypothesis import strategies as st

from schemas.links import is_allowed_link
from services.composer.adapters.lexicon_files import read_lexicons
from services.composer.adapters.snowball_stems import snowball
from services.composer.core.gate.claims import ONE
from services.composer.core.gate.judge import CLAIMS, SAFETY, alone, is_safe, judge_text
from services.composer.core.gate.known import Known
from services.composer.core.values import Prompt
from services.rules.characters import HIDDEN
from services.rules.folding import fold, squeezed
from services.runtime.safety import read_safety
from tests.gate_known import known_from

CANARY = "tern-4821-lantern"
FACTS = ("Email automation foundations", "2 hours and 30 minutes", "12 lessons", "99 EUR")
LEXICONS = read_lexicons(snowball, None, read_safety())
PROMPT = Prompt("p.v1", "Write short mails.", CANARY)
KNOWN: Known = known_from("en", FACTS, ("guaranteed", "money machine"), PROMPT, LEXICONS)
WORDS = st.lists(
    st.sampled_from(
        ["write", "the", "goal", "of", "your", "first", "mail", "before", "you", "send", "it", "to", "them"]
    ),
    max_size=8,
)
AROUND = st.tuples(WORDS.map(" ".join), WORDS.map(" ".join))
HOSTS = frozenset({"academy.example.com"})


def _between(around: tuple[str, str], danger: str) -> str:
    return f"{around[0]} {danger} {around[1]}"


@given(st.text())
@example("\u3099\u3099")
@example("か\u3099\u3099")
@example("か\u0334\u3099")
def test_folding_is_idempotent(text: str) -> None:
    """What is folded stays as it is."""
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_any_text_is_judged_without_an_exception(text: str) -> None:
    """Every rule answers for every text; what is safe holds no hidden character."""
    judge_text(text, KNOWN)
    if is_safe(text, KNOWN):
        assert not any(unicodedata.category(each) in HIDDEN for each in text)
        assert not set("<>{}") & set(text)
        assert "://" not in text


@given(AROUND, st.characters(categories=["Cc", "Cf", "Co", "Zl", "Zp", "Cs"]))
def test_a_hidden_character_is_refused_anywhere(around: tuple[str, str], hidden: str) -> None:
    """Line breaks, bidi marks, zero-width, tags, surrogates."""
    assert SAFETY["characters"](alone(_between(around, f"x{hidden}y"), KNOWN))


@given(
    AROUND,
    st.sampled_from(["https", "http", "ftp", "HTTPS", "javascript", "data"]),
    st.from_regex(r"\A[a-z0-9]{1,12}\.(com|net|xyz|example)\Z"),
)
def test_a_link_is_refused_anywhere(around: tuple[str, str], scheme: str, host: str) -> None:
    """With and without its scheme, wide or narrow letters."""
    wide = "".join(chr(ord(each) + 0xFEE0) if each.isascii() and each.isalnum() else each for each in host)
    for spelling in (f"{scheme}://{host}/x", host, f"www.{host}", wide, host.upper()):
        assert SAFETY["link"](alone(_between(around, spelling), KNOWN))


@given(AROUND, st.from_regex(r"\A[a-z0-9._]{1,12}@[a-z0-9]{1,12}\.[a-z]{2,6}\Z"))
def test_an_address_is_refused_anywhere(around: tuple[str, str], address: str) -> None:
    """Of anybody."""
    assert SAFETY["contact"](alone(_between(around, address), KNOWN))


@given(
    AROUND, st.from_regex(r"\A[A-Za-z_ ]{1,20}\Z"), st.sampled_from(["{{%s}}", "[%s]", "${%s}", "{%% %s %%}", "<%s>"])
)
def test_a_placeholder_is_refused_anywhere(around: tuple[str, str], name: str, form: str) -> None:
    """In every notation."""
    text = _between(around, form % name)
    assert SAFETY["placeholder"](alone(text, KNOWN)) or SAFETY["markup"](alone(text, KNOWN))


@given(AROUND, st.sampled_from(KNOWN.banned), st.data())
def test_a_banned_claim_is_refused_in_any_spelling(around: tuple[str, str], claim: str, data: st.DataObject) -> None:
    """Case, accents, spaces and hyphens hide nothing."""
    accent = data.draw(st.sampled_from(["", "\u0301", "\u0308"]))
    gap = data.draw(st.sampled_from(["", " ", "-", ".", "\u00a0"]))
    spelled = gap.join(data.draw(st.sampled_from([each.upper(), each + accent])) for each in claim)
    assert SAFETY["banned_claim"](alone(_between(around, spelled), KNOWN))


@given(AROUND, st.integers(min_value=0, max_value=10**9), st.sampled_from(["", "%", " percent", " EUR", "€"]))
@example(("", ""), 1, "")
def test_a_number_no_fact_holds_is_refused(around: tuple[str, str], number: int, unit: str) -> None:
    """And one that a fact holds is not, where the kind is the same; a bare one is held always, as the word is."""
    text = _between(around, f"{number}{unit}")
    (kind, value) = KNOWN.read(text).quantities[0].quantity
    is_bare = kind == "plain" and value in {ONE, *(each for _, each in KNOWN.numbers)}
    is_held = (kind, value) in KNOWN.numbers or is_bare
    assert (CLAIMS["number"](alone(text, KNOWN)) is None) == is_held


@given(WORDS.map(" ".join), st.from_regex(r"\A[A-Z][bcdfghjk]{3,9}\Z"))
def test_a_name_no_fact_holds_is_refused(before: str, name: str) -> None:
    """Inside a sentence, at its start before a comma, and as an owner."""
    for text in (f"write {before} {name} today", f"{name}, {before}", f"{name}'s mail {before}"):
        assert CLAIMS["name"](alone(text, KNOWN))


@given(AROUND)
def test_the_canary_is_refused_in_any_spelling(around: tuple[str, str]) -> None:
    """Spaces and case hide nothing."""
    for spelling in (CANARY, CANARY.upper(), " ".join(squeezed(CANARY))):
        assert SAFETY["prompt_leak"](alone(_between(around, spelling), KNOWN))


@given(AROUND)
def test_plain_words_pass(around: tuple[str, str]) -> None:
    """The gate is no wall."""
    assert judge_text(_between(around, "and write"), KNOWN) == ()


@given(st.one_of(st.text(), st.from_regex(r"\Ahttps?://[a-z.@:/\\]{0,30}(academy\.example\.com)?[a-z.@:/\\]{0,20}\Z")))
def test_an_allowed_link_goes_to_an_allowed_host(url: str) -> None:
    """As the standard library reads it too."""
    if is_allowed_link(url, HOSTS):
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc.lower()) == ("https", "academy.example.com")
