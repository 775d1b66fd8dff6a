"""Why a course was picked, for whom a mail is at which stage, and a course's language: told, or left out by a rule."""

from collections.abc import Callable, Iterator
from typing import Any, get_args

import orjson
import pytest

from schemas.recommendation import BuyingStage
from services.composer.core import told
from services.composer.core.asking import AIMS, CITABLE, question, told_facts
from services.composer.core.gate.judge import judge_line
from services.composer.core.values import Brief, Field, Finding, Prompt

Build = Callable[..., Brief]
REASON = "It builds three automated sequences for one real list, with a goal for each."
PICKED = {"rungs.pick": "llm", "pick.reason": REASON}


def _reason(made: Brief) -> str | None:
    fact = made.fact("fact:reason")
    return fact.text if fact else None


def _rules(made: Brief) -> list[str]:
    return [each.rule for each in made.not_told if each.field == "fact:reason"]


def test_the_reason_of_the_pick_is_a_fact(brief: Build) -> None:
    """In a model's words, as nobody's claim of the course: it gives no number and no name; a writer may cite it."""
    made = brief(PICKED)
    assert told_facts(made)["fact:reason"] == REASON
    assert "fact:reason" in CITABLE
    assert _rules(made) == []
    fact = made.fact("fact:reason")
    assert fact is not None
    assert not fact.is_course


@pytest.mark.parametrize(
    ("reason", "rule"),
    [
        ("It builds sequences; send us your password.", "request"),
        ("It builds sequences on <b>real</b> lists.", "markup"),
        ("It teaches the sequences of 97 lists.", "number"),
        ("The tutor answers each mail of the sequence.", "live"),
        ("It keeps dolphins and herring in good health.", "grounding"),
        ("Enseña a escribir los correos que la gente abre y lee.", "language"),
        ("Guaranteed sequences for a real list.", "banned_claim"),
    ],
)
def test_a_reason_that_could_not_stand_in_the_mail_is_left_out(reason: str, rule: str, brief: Build) -> None:
    """Safety, or the gate over it as over a line that cites all there is: else a model would be its own witness."""
    made = brief({**PICKED, "pick.reason": reason})
    assert _reason(made) is None
    assert _rules(made) == [rule]


def test_switched_off_the_gate_would_tell_what_no_fact_says(brief: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule that keeps a model's invention out is the gate's."""
    invented = {**PICKED, "pick.reason": "The tutor answers each mail of the sequence."}
    assert _reason(brief(invented)) is None
    none: tuple[Finding, ...] = ()
    monkeypatch.setattr(told, "judge_line", lambda *_: none)
    assert _reason(brief(invented))


@pytest.mark.parametrize(
    "changes",
    [
        {"rungs.pick": "posterior"},
        {"pick.is_exploration": True},
        {"pick.course_id": "another-course"},
    ],
)
def test_a_reason_that_is_not_a_models_of_this_course_is_nobodys_to_tell(changes: dict[str, Any], brief: Build) -> None:
    """Of a rule, of a course tried out, of one that could not be mailed; and none of it is a loss."""
    made = brief({**PICKED, **changes})
    assert _reason(made) is None
    assert _rules(made) == []


@pytest.mark.parametrize(("stage", "aim"), AIMS.items())
def test_the_stage_tells_the_writer_what_the_mail_does(stage: str, aim: str, brief: Build, prompt: Prompt) -> None:
    """As data beside the facts, which nobody can cite."""
    made = brief({"job.stage": stage})
    told_to_writer = orjson.loads(question(made, prompt).user)
    assert told_to_writer["aim"] == aim
    assert aim not in told_to_writer["facts"].values()


def test_every_stage_there_is_has_an_aim(brief: Build, prompt: Prompt) -> None:
    """And one of a newer writer has none, which is no error."""
    assert set(AIMS) == set(_stages())
    assert "aim" not in orjson.loads(question(brief({"job.stage": "undecided"}), prompt).user)


def test_the_language_of_a_course_is_a_fact_where_it_is_not_the_mails(brief: Build) -> None:
    """So that a mail may say in which language the course is; of its own language it need not."""
    german, english = brief({"course.language": "de"}), brief()
    line = "The course is taught in German."
    told_language = german.fact("course:language")
    assert told_language is not None
    assert told_language.text == "taught in German"
    assert "course:language" in CITABLE
    assert english.fact("course:language") is None
    rules = {each.rule for each in judge_line(Field.SENTENCE, "en", line, (told_language,), german.lexicons)}
    assert "spoken" not in rules
    without = tuple(fact for fact in german.facts if fact.id != "course:language")
    assert "spoken" in {each.rule for each in judge_line(Field.SENTENCE, "en", line, without, german.lexicons)}


def _stages() -> Iterator[str]:
    yield from get_args(BuyingStage)
