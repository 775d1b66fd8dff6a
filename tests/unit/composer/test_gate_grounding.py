"""The share of a line's content that stands in what it cites, and the language it is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.composer.adapters.lexicon_files import read_lexicons
from services.composer.adapters.snowball_stems import snowball
from services.composer.core.gate.facts import fact_of
from services.composer.core.gate.form import untold_language
from services.composer.core.gate.grounding import content, extra_item, grounding
from services.composer.core.gate.judge import GROUNDING, NO_PROMPT, alone, judge_line
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.statement import Statement
from services.composer.core.values import Field, Line
from services.runtime.safety import read_safety
from tests.gate_known import known_from

LEXICONS = read_lexicons(snowball, None, read_safety())


def _known(language: str, lexicons: Lexicons, **facts: str) -> Known:
    cited = tuple(fact_of(name.replace("_", "."), each) for name, each in facts.items())
    return Known(language, lexicons, NO_PROMPT, cited)


def _found(language: str, text: str, lexicons: Lexicons, field: Field = Field.SENTENCE, **facts: str) -> str | None:
    known = _known(language, lexicons, **facts)
    line = Line(field, text, tuple(each.id for each in known.facts))
    return grounding(Statement(line, known.under(line)))


@pytest.mark.parametrize(
    ("language", "fact", "text"),
    [
        ("en", "Growing beans in clay soil", "Dolphins herd herring near rocky shores."),
        ("de", "Bohnen im Lehmboden ziehen", "Delfine jagen Heringe vor felsigen Küsten."),
        ("fr", "Cultiver des haricots en terre argileuse", "Les dauphins chassent le hareng près des rochers."),
        ("ja", "粘土で豆を育てる", "海豚は岩場で鰊を捕獲します。"),
    ],
)
def test_a_statement_of_something_else_is_refused(language: str, fact: str, text: str, lexicons: Lexicons) -> None:
    """It says how much was found and what was not; a question says less and passes."""
    detail = _found(language, text, lexicons, course_title=fact)
    assert detail is not None
    assert detail.startswith("0 of ")
    assert _found(language, f"{text.rstrip('.。')}?", lexicons, course_title=fact) is None
    assert _found(language, text, lexicons, Field.BUTTON, course_title=fact) == detail


def test_one_word_of_a_button_claims_nothing(lexicons: Lexicons) -> None:
    """It invites; two words that no fact holds are a statement."""
    assert _found("en", "Come aboard", lexicons, Field.BUTTON, course_title="Soil") is None
    assert _found("en", "Herring aboard", lexicons, Field.BUTTON, course_title="Soil") is not None
    assert _found("en", "Aboard", lexicons, Field.SUBJECT, course_title="Soil") is not None


@pytest.mark.parametrize(
    ("language", "text", "new"),
    [
        ("en", "It covers beans, peas and pest control.", "pest, control"),
        ("en", "It covers beans, dolphins and peas.", "dolphin"),
        ("es", "Trata de beans, peas y delfines.", "delfin"),
        ("en", "It covers beans, peas and soil.", None),
        ("en", "Dolphins, beans and peas.", None),
        ("en", "It covers beans and dolphins.", None),
        ("en", "It covers beans, peas, dolphins.", None),
        ("en", "It covers beans, herring and dolphins.", None),
        ("en", "It covers beans, peas and whatever a herring likes to see of us.", None),
        ("ja", "豆、海豚と粘土。", None),
    ],
)
def test_an_item_beside_items_of_the_facts_is_refused(
    language: str, text: str, new: str | None, lexicons: Lexicons
) -> None:
    """In a list of three or more whose other items stand in the facts whole; the first may have words before it."""
    known = _known(language, lexicons, course_skills="Beans; peas; soil")
    line = Line(Field.SENTENCE, text, ("course.skills",))
    assert extra_item(Statement(line, known.under(line))) == new


@pytest.mark.parametrize(
    ("language", "fact", "text"),
    [
        ("en", "Growing beans in clay soil", "You grow a bean."),
        ("en", "Growing beans in clay soil", "Which brings us to the course itself."),
        ("en", "15 lessons of 10 minutes", "Ten minutes a lesson: roughly one cup of coffee."),
        ("fr", "La comptabilité du restaurant", "Un cours pour le comptable."),
        ("de", "Teigführung im Alltag", "So gelingt der Teig."),
        ("nl", "Deegbereiding", "Zo lukt het deeg."),
        ("de", "Growing beans in clay soil, from the first day of the course", "Bohnen wachsen auch in Lehm."),
        ("en", "Bohnen ziehen in der Erde und auf dem Balkon mit wenig Licht", "How you grow beans."),
        ("ja", "Growing beans in clay soil", "粘土で豆を育てます。"),
        ("ja", "粘土で豆を育てる", "この講座はここから始まります。"),
        ("ja", "粘土で豆を育てる", "粘土の豆です。"),
        ("da", "Jord", "Noget helt andet."),
    ],
)
def test_what_stands_on_its_facts_passes(language: str, fact: str, text: str, lexicons: Lexicons) -> None:
    """By stem, by beginning, by part of a compound, by pair; without content; beside a fact in another language."""
    assert _found(language, text, lexicons, course_title=fact) is None


def test_a_line_is_measured_by_what_it_cites(lexicons: Lexicons) -> None:
    """A sentence that cites one fact does not stand on another, but on the title; a subject without cites on all."""
    known = _known("en", lexicons, course_title="Beans", course_skills="Pruning roses", goal="Keep bees")
    said = "Roses need pruning twice."
    for cites, refused in ((("goal",), True), (("course.skills",), False), ((), False)):
        line = Line(Field.SUBJECT, said, cites)
        assert (grounding(Statement(line, known.under(line))) is not None) == refused


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "Zaczynamy pracę nad glebą", "pl instead of en"),
        ("en", "Beans grow slowly", None),
        ("en", "Kurs gleby", None),
        ("de", "Otkroyte etu stranitsu pozhaluysta", "instead of de"),
        ("ja", "豆を育てます", None),
        ("da", "Vi begynder med jorden", None),
    ],
)
def test_what_nothing_tells_to_be_the_language_is_refused(
    language: str, text: str, found: str | None, lexicons: Lexicons
) -> None:
    """Short lines and transliterated ones too; without a detector no language is told."""
    known = known_from(language, ("Soil",), (), NO_PROMPT, lexicons)
    told = untold_language(alone(text, known))
    assert told == found if found is None else told is not None and told.endswith(found.removeprefix("pl "))


def test_without_a_detector_nothing_tells_a_language_without_its_words() -> None:
    """What is not known is not let through."""
    known = known_from("en", ("Soil",), (), NO_PROMPT, LEXICONS)
    assert untold_language(alone("Beans thrive underground", known)) == "no language instead of en"


@pytest.mark.parametrize("text", ["這是一門關於土壤和植物的課程請立即打開", "The soil and its beans"])
def test_japanese_is_told_by_its_letters(text: str, lexicons: Lexicons) -> None:
    """Kanji without kana are Chinese, Latin letters another script; a name among kana is neither."""
    facts = (fact_of("course.title", "豆"),)
    assert "language" in {each.rule for each in judge_line(Field.SENTENCE, "ja", text, facts, lexicons)}
    assert judge_line(Field.SENTENCE, "ja", "豆を育てる講座です。", facts, lexicons) == ()


@pytest.mark.parametrize("rule", GROUNDING)
def test_a_rule_that_is_switched_off_lets_its_line_through(
    rule: str, lexicons: Lexicons, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a line that it refuses."""
    text = {
        "grounding": "Dolphins herd herring.",
        "extra_item": "It covers beans, peas and dolphins.",
        "addition": "Dig the clay, sow the beans and water them with dolphins.",
        "count": "It deals with five raised beds.",
        "untold_language": "Zaczynamy pracę nad glebą",
    }[rule]
    facts = (
        fact_of("course.title", "Soil"),
        fact_of("course.skills", "Beans, peas"),
        fact_of("course.description", "Dig the clay, sow the beans and water them in three raised beds"),
    )
    assert rule in {each.rule for each in judge_line(Field.SENTENCE, "en", text, facts, lexicons)}
    monkeypatch.delitem(GROUNDING, rule)
    assert rule not in {each.rule for each in judge_line(Field.SENTENCE, "en", text, facts, lexicons)}


@given(st.text(), st.sampled_from(["en", "de", "ja", "nl"]))
def test_a_text_stands_on_itself(text: str, language: str) -> None:
    """Whatever its letters."""
    known = known_from(language, (text,), (), NO_PROMPT, LEXICONS)
    assert content(known.read(text), known)[1] == ()
