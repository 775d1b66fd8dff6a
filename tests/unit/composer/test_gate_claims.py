"""What a text may say only where the facts say it."""

import pytest

from services.composer.core.gate.judge import CLAIMS, alone
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.passage import passage_of
from services.composer.core.values import Prompt
from services.rules.folding import fold
from tests.gate_known import known_from

PROMPT = Prompt("copy.v1", "", "canary-canary")
FACTS = (
    "Harbour Academy", "Email automation foundations with CRM", "2 hours and 30 minutes", "12 lessons", "99.00 EUR",
    "The best time to write is Monday in January, with twenty percent more calm.", "Ten people share 40% of the work.",
    "You clicked send; a language model answered. Jane's list of three lessons.",
)  # fmt: skip
REFUSED = [
    ("number", "Learn it in 3 weeks."), ("number", "90% off"), ("number", "Only 12 EUR"), ("number", "€12"),
    ("number", "12 percent"), ("number", "1,000 readers"), ("number", "½ of it"), ("number", "\u0663 days"),
    ("number_word", "ninety percent off"), ("number_word", "a hundred readers"), ("number_word", "in four weeks"),
    ("date", "Starts in October."), ("date", "On Friday."), ("date", "Tomorrow!"),
    ("claim", "The best course there is, in fact the greatest."), ("claim", "It is free for everybody."),
    ("claim", "Double your sales."), ("claim", "Get a discount."), ("claim", "Our competitor is a fraud."),
    ("claim", "Don\u2019t miss it."),
    ("watching", "We noticed that you read it."), ("watching", "We saw you visit."), ("watching",
    "Based on your activity."),
    ("watching", "Hemos visto que te interesa."), ("watching", "Según tu historial."),
    ("model_refusal", "As an AI, I think so."), ("model_refusal", "I\u2019m sorry, but no."),
    ("name", "Write to Anna today."), ("name", "Anna, this is for you."), ("name", "Anna\u2019s team did it."),
    ("name", "We like IBM."), ("name", "Use the Kraken method."),
]  # fmt: skip
ALLOWED = (
    "It takes 2 hours and 30 minutes in 12 lessons.", "12 people.", "The price is EUR 99.", "99 €", "40 % of the work.",
    "Twenty percent more calm.", "Set aside Monday in January.", "The best time to write.", "You clicked send.",
    "A language model answered.", "Harbour Academy likes CRM.",
    "Today, begin. Then, go on: we\u2019ll help, and we'd wait.",
    "The three lessons.", "“Email automation” is one step. What\u2019s next?", "Jane\u2019s list, Jane says.",
    "One small team.",
)  # fmt: skip


@pytest.fixture
def known(lexicons: Lexicons) -> Known:
    """Facts with a few numbers, a date, a name and a superlative."""
    return known_from("en", FACTS, (), PROMPT, lexicons)


@pytest.mark.parametrize(("rule", "text"), REFUSED)
def test_what_no_fact_says_is_refused(rule: str, text: str, known: Known) -> None:
    """The rule of that name says what it saw."""
    assert CLAIMS[rule](alone(text, known))


@pytest.mark.parametrize("text", ALLOWED)
def test_what_a_fact_says_is_allowed(text: str, known: Known) -> None:
    """The same words, numbers of the same kind, and plain language."""
    assert {name: found for name, rule in CLAIMS.items() if (found := rule(alone(text, known)))} == {}


def test_a_language_without_words_has_numbers_in_digits_refused(lexicons: Lexicons) -> None:
    """No list, no numbers in words: digits still count."""
    known = known_from("da", (), (), PROMPT, lexicons)
    assert CLAIMS["number_word"](alone("hundrede \u00e5r, tyve timer", known)) is None
    assert CLAIMS["number"](alone("100 \u00e5r", known))


def test_each_language_counts_by_itself(known: Known, lexicons: Lexicons) -> None:
    """In Spanish `once` is eleven and no rule of English applies."""
    spanish = known_from("es", ("2 horas",), (), PROMPT, lexicons)
    assert CLAIMS["number_word"](alone("En cinco semanas", spanish))
    assert CLAIMS["number_word"](alone("En dos horas", spanish)) is None
    assert CLAIMS["number_word"](alone("once more", known)) is None
    assert CLAIMS["claim"](alone("El mejor curso, gratis.", spanish))


def test_numbers_are_compared_by_value(lexicons: Lexicons) -> None:
    """Separators, zeros and scripts of digits do not matter; the kind does."""

    def said(text: str) -> set[tuple[str, str]]:
        return {each.quantity for each in passage_of(text, "en", lexicons).quantities}

    assert said("1,000 \u00b7 1.000 \u00b7 1000 \u00b7 \u0661\u0660\u0660\u0660") == {("plain", "1000")}
    assert said("99.00 EUR, \u20ac99, 99 euros, EUR 99") == {("money", "99")}
    assert said("40%, 40 percent") == {("%", "40")}
    assert said("1.2.3") == {("plain", "1.2.3")}


def test_folding_joins_what_looks_alike() -> None:
    """Case, accents, quotes and space are folded away."""
    assert fold("  It\u2019s\u00a0\u00c1 ﬁne ") == "it's a fine"
