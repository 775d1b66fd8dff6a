"""The shape of a line, and of a whole copy."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from services.composer.core.asking import copy_from
from services.composer.core.gate import form, whole
from services.composer.core.gate.judge import judge
from services.composer.core.gate.known import Known, known_of
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.gate.passage import passage_of
from services.composer.core.gate.statement import Statement
from services.composer.core.values import Brief, Copy, Field, Line, Prompt, Sentence


@pytest.fixture
def copy(answer: Callable[..., object]) -> Copy:
    """A good copy."""
    read = copy_from(answer())  # type: ignore[arg-type] # the fixture's own type
    assert isinstance(read, Copy)
    return read


def _with(copy: Copy, text: str, *cites: str) -> Copy:
    return replace(copy, sentences=(*copy.sentences, Sentence(text, cites)))


def test_a_good_copy_passes(copy: Copy, brief: Callable[..., Brief], prompt: Prompt) -> None:
    """No rule refuses it."""
    assert judge(copy, known_of(brief(), prompt)) == ()


@pytest.fixture
def known(brief: Callable[..., Brief], prompt: Prompt) -> Known:
    """What a line of the usual brief stands on."""
    return known_of(brief(), prompt)


def _sentence(text: str, *cites: str) -> Line:
    return Line(Field.SENTENCE, text, cites)


@pytest.mark.parametrize(
    ("field", "text", "detail"),
    [
        (Field.SUBJECT, "x" * 80, None),
        (Field.SUBJECT, "x" * 81, "subject of 81, expected 12 to 80"),
        (Field.SUBJECT, "Short", "subject of 5, expected 12 to 80"),
        (Field.PREHEADER, "x" * 141, "preheader of 141, expected 12 to 140"),
        (Field.SENTENCE, "Yes", "sentence of 3, expected 4 to 400"),
        (Field.BUTTON, "", "call to action of 0, expected 3 to 40"),
    ],
)
def test_lengths_are_bounded(known: Known, field: Field, text: str, detail: str | None) -> None:
    """The finding says what was expected and what came."""
    assert form.length(Statement(Line(field, text), known)) == detail


def test_sentences_are_counted(copy: Copy, known: Known) -> None:
    """A mail has a few, not none."""
    assert whole.length(replace(copy, sentences=()), known) == "sentences of 0, expected 2 to 9"
    assert whole.length(copy, known) is None


def test_each_line_that_breaks_a_rule_is_named(copy: Copy, brief: Callable[..., Brief], prompt: Prompt) -> None:
    """A model that is asked again is told all of them, not the first alone."""
    found = judge(_with(_with(copy, "A claim."), "Another claim."), known_of(brief(), prompt))
    cited = [each.detail for each in found if each.rule == "citation"]
    assert cited == ["no citation: A claim.", "no citation: Another claim."]


def test_every_sentence_cites_a_fact_of_the_brief(known: Known) -> None:
    """None, and one that is not there, are refused; the other fields need not cite."""
    assert form.citation(Statement(_sentence("A claim."), known)) == "no citation: A claim."
    assert form.citation(Statement(_sentence("A claim.", "s9"), known)) == "s9 is not in the brief"
    assert form.citation(Statement(_sentence("A claim.", "course:title"), known)) is None
    assert form.citation(Statement(Line(Field.SUBJECT, "A claim."), known)) is None


def test_a_copy_is_about_the_course(copy: Copy, known: Known) -> None:
    """One sentence at least cites it."""
    assert whole.course_named(replace(copy, sentences=copy.sentences[:2]), known) == "no sentence cites the course"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thank you for downloading the checklist!", None),
        ("Thank you for downloading the checklist.", "a sentence twice"),
        ("go on and on and go on and on and go on and on and go on", "go on and on and"),
    ],
)
def test_loops_are_refused(copy: Copy, known: Known, text: str, found: str | None) -> None:
    """A sentence twice, a run of words three times."""
    assert whole.repetition(_with(copy, text, "fact:job"), known) == found


def test_a_letter_in_a_row_is_refused(known: Known) -> None:
    """Five times is no spelling."""
    assert form.repetition(Statement(_sentence("This is sooooo good."), known)) == "ooooo"
    assert form.repetition(Statement(_sentence("This is soooo good."), known)) is None


@pytest.mark.parametrize(
    ("text", "expected", "found"),
    [
        ("El curso te enseña a escribir los correos que la gente lee", "en", "es instead of en"),
        ("The course shows you what to write for the people who read it", "es", "en instead of es"),
        ("Le cours vous montre ce que vous pouvez faire avec les clients", "en", "fr instead of en"),
        ("\u041a\u0443\u0440\u0441 \u0448\u0430\u0433", "en", "another script"),
        ("Un curso", "en", None),
        ("12345", "en", None),
        ("12345", "ja", None),
        ("最初のメールを書く前に、目的を一文で書きます", "ja", None),
        ("The course shows you what to write", "ja", "another script"),
        ("The course shows you what to write for the people who read it", "nl", "en instead of nl"),
        ("The course shows you what to write for the people who read it", "da", None),
        ("The course shows you what to write for the people who read it", "en", None),
    ],
)
def test_the_language_is_voted(text: str, expected: str, found: str | None, lexicons: Lexicons) -> None:
    """Another language must win clearly; short texts and unknown languages have no vote."""
    assert passage_of(text, expected, lexicons).foreign == found


def test_one_foreign_sentence_is_enough(copy: Copy, brief: Callable[..., Brief], prompt: Prompt) -> None:
    """Code-switching does not hide in a long text."""
    switched = _with(copy, "El curso te enseña a escribir los correos que la gente lee", "fact:job")
    assert ("language", "es instead of en") in [
        (each.rule, each.detail) for each in judge(switched, known_of(brief(), prompt))
    ]


def test_short_lines_vote_together(copy: Copy, brief: Callable[..., Brief], known: Known) -> None:
    """What is too short to be told alone is told with the rest."""
    short = ("Para los que escriben", "Este es el curso", "Con lo que haces", "Cada una de las listas")
    spanish = replace(copy, subject="", preheader="", sentences=tuple(Sentence(each, ("fact:job",)) for each in short))
    made = brief()
    assert [passage_of(each, "en", made.lexicons).foreign for each in short] == [None] * len(short)
    assert whole.language(spanish, known) == "es instead of en"
    assert whole.language(copy, known) is None


def test_a_preheader_is_no_second_subject(copy: Copy, known: Known) -> None:
    """Two lines, two pieces of news."""
    assert whole.repetition(replace(copy, preheader=copy.subject.upper()), known) == "the subject as preheader"


def test_a_title_in_another_language_is_no_foreign_sentence(
    copy: Copy, brief: Callable[..., Brief], prompt: Prompt
) -> None:
    """What a line names is taken out before it is judged, whole or cut by an ellipsis, and so it is for all of them."""
    title = "Cómo escribir los correos que la gente lee y por qué se los lee"
    made = brief({"course.title": title})
    whole_title = f"The course we would suggest is “{title}”."
    cut = "Notes from “Cómo escribir los correos que la gente lee y por…"
    for text in (whole_title, cut):
        assert form.language(Statement(_sentence(text), known_of(made, prompt))) is None
        assert form.language(Statement(_sentence(text), known_of(brief(), prompt))) == "es instead of en"
    six = replace(copy, sentences=(Sentence(whole_title, ("course:title",)),) * 6)
    assert whole.language(six, known_of(made, prompt)) is None
    assert whole.language(six, known_of(brief(), prompt)) == "es instead of en"
