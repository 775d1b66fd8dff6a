"""The question is constant but for the brief; the answer is read whatever it holds."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.llm import Answer, Fault, NoAnswer
from services.composer.adapters.prompt_file import read_prompt
from services.composer.core.advice import ADVICE
from services.composer.core.asking import CITABLE, KEPT_CHARACTERS, MOST_SHOWN, Refused, asked, copy_from, question
from services.composer.core.gate.judge import CLAIMS, FORM, GROUNDING, SAFETY, UNSAID, WHOLE
from services.composer.core.reader import RULE
from services.composer.core.values import Brief, Copy, Finding, Prompt

GOLDEN = Path(__file__).parent / "golden"


def test_the_question_is_as_committed(brief: Callable[..., Brief], prompt: Prompt) -> None:
    """A changed prompt is a changed version, and is seen in a diff."""
    ask = question(brief(), prompt)
    assert (GOLDEN / "question.en.txt").read_text() == f"{ask.system}\n=====\n{ask.user}\n"
    assert (ask.stage, ask.prompt_id) == ("copy", "copy.v2")
    assert (GOLDEN / "question.schema.json").read_text() == f"{json.dumps(ask.schema, indent=1)}\n"


def test_questions_that_records_hold_are_kept() -> None:
    """A record of the first version's copy stays true, word for word."""
    asked_then = (GOLDEN / "copy.v1.txt").read_text(encoding="utf-8")
    assert read_prompt("copy.v1").text.strip() in asked_then


def test_each_text_may_cite(answer: Callable[..., Answer]) -> None:
    """An answer of before, whose subject cites nothing, is read as it was; one that cites no texts has no shape."""
    before = copy_from(answer())
    now = copy_from(answer({"subject_cites": ["fact:topic"], "call_to_action_cites": ["course:title"]}))
    assert isinstance(before, Copy)
    assert isinstance(now, Copy)
    assert (before.subject_cites, before.preheader_cites, before.call_to_action_cites) == ((), (), ())
    assert [each.cites for each in now.lines if each.field != "sentence"] == [("fact:topic",), (), ("course:title",)]
    assert isinstance(copy_from(answer({"subject_cites": [7]})), Finding)
    assert isinstance(copy_from(answer({"preheader_cites": "fact:topic"})), Finding)


def test_the_question_holds_no_address_name_or_page(brief: Callable[..., Brief], prompt: Prompt) -> None:
    """Slots are filled after generation."""
    ask = question(brief(), prompt)
    for secret in ("ana@example.com", "Ana", "u:1001", "9f86d081"):
        assert secret not in ask.system + ask.user


def test_a_second_question_says_what_was_refused(
    brief: Callable[..., Brief], prompt: Prompt, answer: Callable[..., Answer]
) -> None:
    """The last answer, and by line the rule, what it found and what to do, as data."""
    found = (Finding("number", "90 (%)", "Nine in ten."), Finding("length", "sentences of 1, expected 2 to 9"))
    told = orjson.loads(question(brief(), prompt, Refused(answer(), found)).user)["refused"]
    assert told["your_answer"] == answer().value
    assert told["because"] == [
        {"in": "Nine in ten.", "rule": "number", "found": "90 (%)", "do": ADVICE["number"]},
        {"rule": "length", "found": "sentences of 1, expected 2 to 9", "do": ADVICE["length"]},
    ]


def test_an_answer_beyond_any_measure_is_shown_in_part(
    brief: Callable[..., Brief], prompt: Prompt, answer: Callable[..., Answer]
) -> None:
    """As text, so that a second question costs little more than the first."""
    long = replace(answer(), text="x" * 9_000)
    told = orjson.loads(question(brief(), prompt, Refused(long, (Finding("shape", "too long"),))).user)["refused"]
    assert told["your_answer"] == "x" * MOST_SHOWN


def test_every_rule_that_refuses_a_models_copy_has_advice() -> None:
    """And no other word has."""
    of_gate = {*SAFETY, *CLAIMS, *UNSAID, *FORM, *GROUNDING, *WHOLE}
    assert set(ADVICE) == of_gate | {RULE, "shape"}


def test_everything_in_a_brief_is_citable_by_the_schema(brief: Callable[..., Brief]) -> None:
    """The schema is the same for every mail, so it lists all ids there can be."""
    assert {fact.id for fact in brief().facts} <= set(CITABLE)


def test_a_good_answer_is_a_copy(answer: Callable[..., Answer]) -> None:
    """In composed Unicode form."""
    copy = copy_from(answer({"subject": "Cafe\u0301 "}))
    assert isinstance(copy, Copy)
    assert copy.subject == "Caf\u00e9"


def test_an_answer_longer_than_the_record_is_a_finding(answer: Callable[..., Answer]) -> None:
    """Else what was recorded could not be replayed."""
    good = answer()
    long = replace(good, text=good.text[:-1] + " " * KEPT_CHARACTERS + "}")
    found = copy_from(long)
    assert isinstance(found, Finding)
    assert found.detail == f"expected at most {KEPT_CHARACTERS} characters"
    assert isinstance(copy_from(replace(good, text=good.text + " " * KEPT_CHARACTERS)), Copy)


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": None}, {"subject": 7}, {"subject": "x" * 601}, {"preheader": ["x"]}, {"call_to_action": {}},
        {"sentences": None}, {"sentences": "text"}, {"sentences": ["text"]}, {"sentences": [{"text": "x"}]},
        {"sentences": [{"text": 1, "cites": []}]}, {"sentences": [{"text": "x", "cites": [1]}]},
        {"sentences": [{"text": "x", "cites": ["a"] * 9}]}, {"sentences": [{"text": "x", "cites": []}] * 13},
    ],
)  # fmt: skip
def test_another_shape_is_a_finding(answer: Callable[..., Answer], changes: dict[str, Any]) -> None:
    """Never an exception."""
    found = copy_from(answer(changes))
    assert isinstance(found, Finding)
    assert found.rule == "shape"


def test_the_record_keeps_question_and_answer(
    brief: Callable[..., Brief], prompt: Prompt, answer: Callable[..., Answer]
) -> None:
    """With model, tokens and time; a fault by its name."""
    ask = question(brief(), prompt)
    kept = asked(ask, answer())
    assert (kept.outcome, kept.model, kept.prompt_tokens, kept.completion_tokens, kept.duration_s) == (
        "answer", "a-model", 300, 90, 2.0,
    )  # fmt: skip
    assert asked(ask, NoAnswer(Fault.TIMEOUT, "20 s", 20.0)).outcome == "timeout"
