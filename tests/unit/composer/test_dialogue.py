"""The dialogue ends with the highest rung that passes the gate."""

from collections.abc import Callable, Generator

import pytest

from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply
from services.composer.core.dialogue import dialogue
from services.composer.core.values import Brief, Composed, Prompt

Talk = Callable[..., Composed]


def _through(talk: Generator[Ask, Reply, Composed], replies: list[Reply]) -> tuple[Composed, list[Ask]]:
    asks = [next(talk)]
    while True:
        try:
            asks.append(talk.send(replies.pop(0)))
        except StopIteration as end:
            return end.value, asks


@pytest.fixture
def good(answer: Callable[..., Answer]) -> Answer:
    """Words that pass."""
    return answer()


@pytest.fixture
def bad(answer: Callable[..., Answer]) -> Answer:
    """Words with a number that no fact holds."""
    return answer({"subject": "Get 90% off your first sequence"})


def test_good_words_are_taken(brief: Callable[..., Brief], prompt: Prompt, good: Answer) -> None:
    """One question, no refusal."""
    ended, asks = _through(dialogue(brief(), prompt), [good])
    assert isinstance(ended, Composed)
    assert (ended.rung, len(ended.asked), ended.refusals, len(asks)) == ("llm", 1, (), 1)


def test_a_refusal_goes_back_once(brief: Callable[..., Brief], prompt: Prompt, good: Answer, bad: Answer) -> None:
    """The second question says why; its answer counts."""
    ended, asks = _through(dialogue(brief(), prompt), [bad, good])
    assert isinstance(ended, Composed)
    assert ended.rung == "llm"
    assert [(each.attempt, each.rule) for each in ended.refusals] == [("llm.1", "number"), ("llm.1", "claim")]
    assert "number: 90" in asks[1].user


def test_two_refusals_mean_the_template(brief: Callable[..., Brief], prompt: Prompt, bad: Answer) -> None:
    """And both are on record."""
    ended, asks = _through(dialogue(brief(), prompt), [bad, bad])
    assert isinstance(ended, Composed)
    assert (ended.rung, len(asks), {each.attempt for each in ended.refusals}) == ("template", 2, {"llm.1", "llm.2"})


@pytest.mark.parametrize(("fault", "kept"), [(Fault.OFF, 0), (Fault.TIMEOUT, 1), (Fault.REFUSED, 1)])
def test_a_model_that_is_away_means_the_template(
    brief: Callable[..., Brief], prompt: Prompt, fault: Fault, kept: int
) -> None:
    """Without a second question; a model that is off was not asked at all."""
    ended, asks = _through(dialogue(brief(), prompt), [NoAnswer(fault, "")])
    assert isinstance(ended, Composed)
    assert (ended.rung, len(asks), len(ended.asked)) == ("template", 1, kept)


def test_what_the_gate_refuses_of_the_template_gives_way(brief: Callable[..., Brief], prompt: Prompt) -> None:
    """The rest stays, and the rule is on record."""
    months = [f"Write the first mail of {month}." for month in ("May", "June", "July")]
    stammered = brief({"course.description": " ".join(months)})
    ended, _ = _through(dialogue(stammered, prompt), [NoAnswer(Fault.OFF, "")])
    assert [(each.attempt, each.rule) for each in ended.refusals] == [("template", "repetition")]
    said = [each.text for each in ended.copy.sentences]
    assert [each for each in said if each in months] == months[:2]
    assert any("Email automation foundations" in each for each in said)
