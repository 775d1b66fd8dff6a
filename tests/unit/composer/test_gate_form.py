"""The shape of a whole copy."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from services.composer.core.asking import copy_from
from services.composer.core.gate import form
from services.composer.core.gate.judge import judge
from services.composer.core.values import Brief, Copy, Prompt, Sentence


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
    assert judge(copy, brief(), prompt) == ()


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"subject": "x" * 81}, "subject of 81, expected 12 to 80"),
        ({"subject": "Short"}, "subject of 5, expected 12 to 80"),
        ({"preheader": "x" * 141}, "preheader of 141, expected 12 to 140"),
        ({"call_to_action": ""}, "call to action of 0, expected 3 to 40"),
        ({"sentences": ()}, "sentences of 0, expected 2 to 9"),
    ],
)
def test_lengths_are_bounded(copy: Copy, brief: Callable[..., Brief], changes: dict[str, object], detail: str) -> None:
    """The finding says what was expected and what came."""
    assert form.length(replace(copy, **changes), brief()) == detail  # type: ignore[arg-type] # parametrized


def test_every_sentence_cites_a_fact_of_the_brief(copy: Copy, brief: Callable[..., Brief]) -> None:
    """None, and one that is not there, are refused."""
    assert form.citation(_with(copy, "A claim."), brief()) == "no citation: A claim."
    assert form.citation(_with(copy, "A claim.", "s9"), brief()) == "s9 is not in the brief"
    assert form.citation(copy, brief()) is None


def test_a_sentence_on_the_course_shares_a_word_with_what_it_cites(copy: Copy, brief: Callable[..., Brief]) -> None:
    """A citation is no decoration; what cites the person too is not compared, nor a quotation."""
    assert (
        form.grounding(_with(copy, "Dolphins like herring.", "course:takeaway.0"), brief()) == "Dolphins like herring."
    )
    assert form.grounding(_with(copy, "Dolphins like herring.", "course:title", "fact:job"), brief()) is None
    assert form.grounding(_with(copy, "beginner", "course:level"), brief()) is None
    assert form.grounding(_with(copy, "Dolphins like herring.", "course:nothing"), brief()) is None


def test_a_copy_is_about_the_course(copy: Copy, brief: Callable[..., Brief]) -> None:
    """One sentence at least cites it."""
    assert form.course_named(replace(copy, sentences=copy.sentences[:2]), brief()) == "no sentence cites the course"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thank you for downloading the checklist!", None),
        ("Thank you for downloading the checklist.", "a sentence twice"),
        ("go on and on and go on and on and go on and on and go on", "go on and on and"),
        ("This is sooooo good.", "ooooo"),
    ],
)
def test_loops_are_refused(copy: Copy, brief: Callable[..., Brief], text: str, found: str | None) -> None:
    """A sentence twice, a run of words three times, a letter five times."""
    assert form.repetition(_with(copy, text, "fact:job"), brief()) == found


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
        ("The course shows you what to write for the people who read it", "sv", None),
        ("The course shows you what to write for the people who read it", "en", None),
    ],
)
def test_the_language_is_voted(text: str, expected: str, found: str | None) -> None:
    """Another language must win clearly; short texts and unknown languages have no vote."""
    assert form.foreign(text, expected) == found


def test_one_foreign_sentence_is_enough(copy: Copy, brief: Callable[..., Brief]) -> None:
    """Code-switching does not hide in a long text."""
    switched = _with(copy, "El curso te enseña a escribir los correos que la gente lee", "course:title")
    assert form.language(switched, brief()) == "es instead of en"
    assert form.language(copy, brief()) is None


def test_a_preheader_is_no_second_subject(copy: Copy, brief: Callable[..., Brief]) -> None:
    """Two lines, two pieces of news."""
    assert form.repetition(replace(copy, preheader=copy.subject.upper()), brief()) == "the subject as preheader"


def test_a_title_in_another_language_is_no_foreign_sentence(copy: Copy, brief: Callable[..., Brief]) -> None:
    """What a sentence names is taken out before it is judged, whole or cut by an ellipsis."""
    title = "Cómo escribir los correos que la gente lee y por qué se los lee"
    made = brief({"course.title": title})
    named = _with(copy, f"The course we would suggest is “{title}”.", "course:title")
    assert form.language(named, made) is None
    assert form.language(named, brief()) == "es instead of en"
    cut = replace(copy, preheader="Notes from “Cómo escribir los correos que la gente lee y por…")
    assert form.language(cut, made) is None
    assert form.language(cut, brief()) == "es instead of en"
