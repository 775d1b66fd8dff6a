"""A near quotation with something added is refused; a quotation, a paraphrase and what leads to one are not."""

import pytest

from services.composer.core.gate.additions import addition
from services.composer.core.gate.facts import fact_of
from services.composer.core.gate.judge import GROUNDING, NO_PROMPT, judge_line
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.statement import Statement
from services.composer.core.values import Field, Line


def _added(language: str, text: str, lexicons: Lexicons, **facts: str) -> str | None:
    cited = tuple(fact_of(name.replace("_", "."), each) for name, each in facts.items())
    line = Line(Field.SENTENCE, text, tuple(each.id for each in cited))
    return addition(Statement(line, Known(language, lexicons, NO_PROMPT, cited).under(line)))


LATER = "may then go on to keep dolphins in a pond near home, far from town."
PLOT = "Dig the beds, sow the beans and water them at dusk"


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("Dig the beds, sow the beans and water them with dolphins.", "dolphin"),
        ("You dig the beds, sow the beans and water them, plus herring.", "herring"),
        ("Dig the beds, sow the beans and water them under a dolphin moon.", "dolphin, moon"),
        ("Dig the beds, sow the beans and water them at dusk.", None),
        ("Herring aside, dig the beds, sow the beans and water them at dusk.", None),
        ("Dig the beds, sow the beans and water them under a moon.", None),
        ("Sow the beans with dolphins.", None),
        (f"Dig the beds, sow the beans, and whoever likes it {LATER}", None),
        ("Dig the beds, herring, sow the beans and water them at dusk.", "herring"),
    ],
)
def test_what_a_near_quotation_adds_is_refused(text: str, added: str | None, lexicons: Lexicons) -> None:
    """Five words of a fact in a row, three tenths of the line; one odd word in a segment of found ones adds nothing."""
    assert _added("en", text, lexicons, course_title="Soil", course_description=PLOT) == added


@pytest.mark.parametrize(
    ("language", "lessons", "text", "added"),
    [
        ("en", "14 lessons", "14 lessons and a wrench", "wrench"),
        ("de", "14 Lektionen", "14 Lektionen plus Hammer", "hamm"),
        ("fr", "13 leçons", "13 leçons et la trousse", "trouss"),
        ("ja", "10レッスン", "10レッスン、帯板つき", "帯板"),
        ("en", "14 lessons", "14 lessons, begin today", None),
        ("en", "fourteen lessons", "fourteen lessons and a wrench", None),
    ],
)
def test_a_number_that_is_quoted_whole_is_a_quotation(
    language: str, lessons: str, text: str, added: str | None, lexicons: Lexicons
) -> None:
    """`14 lessons` is the fact; what comes with them is not."""
    assert _added(language, text, lexicons, course_title="Soil", course_lessons=lessons) == added


def test_titles_and_languages_without_words_are_left_out(lexicons: Lexicons) -> None:
    """A title is named, not quoted; where no words are known nothing can be told."""
    assert _added("en", f"{PLOT} with dolphins", lexicons, course_title=PLOT) is None
    assert _added("da", f"{PLOT} with dolphins", lexicons, course_description=PLOT) is None


def test_a_language_without_connectors_is_cut_at_marks_alone(lexicons: Lexicons) -> None:
    """As one that a business adds, before it names any."""
    japanese = lexicons.of("ja")
    bare = type(lexicons)(lexicons.safety, {"ja": type(japanese)("ja", has_spaces=False)})
    fact = "土を掘り、豆をまき、夕方に水をやります"
    assert _added("ja", f"{fact}、海豚", bare, course_description=fact) == "海豚"


def test_a_rule_that_is_switched_off_lets_its_line_through(lexicons: Lexicons, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other rule sees that the herring is new."""
    text = "Dig the beds, sow the beans and water them with a wrench."
    facts = (fact_of("course.title", "Soil"), fact_of("course.description", PLOT))
    assert [each.rule for each in judge_line(Field.SENTENCE, "en", text, facts, lexicons)] == ["addition"]
    monkeypatch.delitem(GROUNDING, "addition")
    assert judge_line(Field.SENTENCE, "en", text, facts, lexicons) == ()
