"""One form for quantities: what a text says in one way, a fact may hold in another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.composer.adapters.lexicon_files import read_lexicons
from services.composer.adapters.snowball_stems import snowball
from services.composer.core.gate.claims import number, number_word
from services.composer.core.gate.facts import fact_of
from services.composer.core.gate.judge import NO_PROMPT, alone
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.numerals import amount_of, canonical, number_of
from services.composer.core.gate.passage import passage_of
from services.composer.core.values import Prompt
from services.runtime.safety import read_safety
from tests.gate_known import known_from

LEXICONS = read_lexicons(snowball, None, read_safety())
SAID = [
    ("en", "eleven lessons", "plain 11"),
    ("en", "twenty-five lessons", "plain 25"),
    ("en", "a four-week walk", "days 28"),
    ("en", "2 hours and 30 minutes", "minutes 150"),
    ("en", "two and a half hours", "minutes 150"),
    ("en", "half an hour", "minutes 30"),
    ("en", "an hour and a half", "minutes 90"),
    ("en", "a course of an hour", "minutes 60"),
    ("en", "an hour", ""),
    ("en", "one lesson", ""),
    ("en", "three things", ""),
    ("en", "the first two lessons", ""),
    ("en", "lesson 3", "order 3"),
    ("en", "30 minutes a week", "minutes/days7 30, minutes 30"),
    ("en", "12 EUR a month", "money/months 12, money 12"),
    ("en", "EUR 12", "money 12"),
    ("en", "€12", "money 12"),
    ("en", "12 %", "% 12"),
    ("en", "two thirds", "% 66.6667"),
    ("en", "tenfold", "fold 10"),
    ("en", "3 thousand", "plain 3000"),
    ("en", "one hundred and twenty people", "plain 120"),
    ("en", "three thousand two hundred people", "plain 3200"),
    ("en", "\u00bd", "plain 0.5"),
    ("en", "twenty and three things", "plain 23"),
    ("en", "two hours and colour", "minutes 120"),
    ("en", "three and four weeks", "days 28"),
    ("en", "2 h 15", "minutes 135"),
    ("en", "2 h 15 lessons", "minutes 120, plain 15"),
    ("en", "2 hours, three things", "minutes 120"),
    ("en", "1.2.3", "plain 1.2.3"),
    ("en", "five and", ""),
    ("en", "one year", "months 12"),
    ("es", "dos horas y media", "minutes 150"),
    ("es", "media hora", "minutes 30"),
    ("es", "once lecciones", "plain 11"),
    ("es", "treinta y cinco minutos", "minutes 35"),
    ("es", "un tercio", "% 33.3333"),
    ("de", "zweieinhalb Stunden", "minutes 150"),
    ("de", "einundzwanzig Tage", "days 21"),
    ("de", "anderthalb Stunden", "minutes 90"),
    ("de", "eine halbe Stunde", "minutes 30"),
    ("fr", "deux heures et demie", "minutes 150"),
    ("fr", "une demi-heure", "minutes 30"),
    ("fr", "2 h 15", "minutes 135"),
    ("fr", "soixante-quinze minutes", "minutes 75"),
    ("fr", "vingt et une leçons", "plain 21"),
    ("pt", "uma hora e meia", "minutes 90"),
    ("pt", "quatro semanas", "days 28"),
    ("it", "mezz'ora", "minutes 30"),
    ("it", "un'ora e mezza", "minutes 90"),
    ("it", "trentacinque minuti", "minutes 35"),
    ("nl", "tweeëneenhalf uur", "minutes 150"),
    ("nl", "een half uur", "minutes 30"),
    ("nl", "vijfentwintig lessen", "plain 25"),
    ("ja", "二時間半", "minutes 150"),
    ("ja", "三十分", "minutes 30"),
    ("ja", "四週間", "days 28"),
    ("ja", "13,200円", "money 13200"),
    ("ja", "十二回", "plain 12"),
    ("ja", "一万二千円", "money 12000"),
    ("ja", "一緒に", ""),
    ("ja", "二〇人", "plain 20"),
]


@pytest.mark.parametrize(("language", "text", "expected"), SAID)
def test_a_quantity_has_one_form(language: str, text: str, expected: str) -> None:
    """In words, digits, halves and kanji, with the unit it is counted in."""
    said = passage_of(text, language, LEXICONS).quantities
    assert ", ".join(f"{each.kind} {each.value}" for each in said) == expected


@pytest.mark.parametrize(
    ("language", "fact", "text"),
    [
        ("en", "150 minutes", "It takes two and a half hours."),
        ("en", "4 weeks", "A four-week walk."),
        ("en", "6 lessons of 20 minutes", "Two hours in all."),
        ("en", "80% practice", "Four fifths practice."),
        ("en", "12 lessons", "Begin with lesson 3."),
        ("de", "10 lessons, 2 hours a week", "Zehn Lektionen, zwei Stunden pro Woche."),
        ("ja", "4 weeks", "四週間で学びます。"),
        ("es", "99.00 EUR", "Cuesta 99 euros."),
        ("en", "12 lessons", "The second half of the course."),
        ("fr", "12 leçons", "La seconde moitié des leçons."),
        ("ja", "8レッスン", "第3回から、一回ずつ進みます。"),
        ("es", "Para niños de tres a seis años", "A la altura de los tres años."),
        ("en", "The books of one financial year", "The books of one year."),
        ("nl", "12 lessen", "Wie om vijf uur bakt."),
        ("fr", "12 leçons", "Quand on enfourne à cinq heures."),
    ],
)
def test_a_fact_holds_what_a_text_says_in_another_way(language: str, fact: str, text: str) -> None:
    """In the mail's language or in the common one, and times of so many times."""
    known = known_from(language, (fact,), (), Prompt("p.v1", "", ""), LEXICONS)
    assert (number(alone(text, known)), number_word(alone(text, known))) == (None, None)


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("10 lessons of 30 minutes", "It asks for 30 minutes a week."),
        ("90 minutes", "A course of an hour."),
        ("12 lessons", "Lesson 13 is about soil."),
        ("40 people", "40 % of the work."),
        ("12 lessons", "It costs 12 EUR."),
        ("three weeks", "Four weeks."),
        ("12 lessons", "It asks for an hour a day."),
    ],
)
def test_another_kind_or_value_is_refused(fact: str, text: str) -> None:
    """A rate is no length, a share no count, a price no number."""
    known = known_from("en", (fact,), (), Prompt("p.v1", "", ""), LEXICONS)
    assert number(alone(text, known)) or number_word(alone(text, known))


def test_what_readers_count_themselves_is_theirs() -> None:
    """Twenty trees of a goal are twenty trees, and no twenty weeks."""
    facts = (fact_of("goal", "i venti ulivi di famiglia"), fact_of("course.title", "Potatura"))
    known = Known("it", LEXICONS, NO_PROMPT, facts)
    assert number_word(alone("Venti ulivi aspettano.", known)) is None
    assert number_word(alone("In venti settimane.", known)) == "venti settimane"
    free = Known("pt", LEXICONS, NO_PROMPT, (fact_of("goal", "Libertar uma hora por dia"),))
    assert number_word(alone("Para libertar uma hora por dia.", free)) is None
    assert number_word(alone("Para libertar duas horas por dia.", free)) == "duas horas por dia"


def test_french_adds_up_to_nineteen() -> None:
    """`dix-huit` is one number."""
    assert [each.quantity for each in passage_of("dix-huit minutes", "fr", LEXICONS).quantities] == [("minutes", "18")]


def test_a_code_of_a_standard_is_part_of_its_name(lexicons: Lexicons) -> None:
    """Whoever named it: `ISO 14001` is no number of anything."""
    assert passage_of("ISO 14001", "en", lexicons).held == {("plain", "14001")}


@given(st.integers(min_value=0, max_value=10**9))
def test_a_number_in_digits_is_its_own_value(value: int) -> None:
    """With and without separators."""
    assert number_of(f"{value}") == canonical(float(value)) or value == 0
    assert amount_of(number_of(f"{value:,}")) == value


@given(st.text())
def test_any_text_is_counted_without_an_exception(text: str) -> None:
    """In every language; what a text says, a fact of the same text holds."""
    for language in ("en", "ja", "de"):
        said = passage_of(text, language, LEXICONS)
        assert said.held.issuperset(each.quantity for each in said.quantities)
