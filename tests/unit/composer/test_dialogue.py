"""The dialogue ends with the highest rung that passes the gate."""

import json
from collections.abc import Callable, Generator
from typing import Any

import pytest

from schemas.llm import Answer, Ask, Fault, NoAnswer, Reply, Usage
from services.composer.adapters.prompt_file import read_prompt
from services.composer.core.dialogue import dialogue
from services.composer.core.values import Brief, Composed, Prompt

READER = read_prompt("reader.v1")
LINES = 6  # of the good words


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
    told = json.loads(asks[1].user)["refused"]
    assert told["your_answer"] == bad.value
    assert [each["rule"] for each in told["because"]] == ["number", "claim"]


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


def _reads(**verdicts: str) -> Answer:
    """A reader's answer: every line is supported but those that are named, as `line_2="unsure"`."""
    rows: list[dict[str, Any]] = [
        {"line": number, "verdict": verdicts.get(f"line_{number}", "supported"), "why": ""}
        for number in range(1, LINES + 1)
    ]
    value = {"verdicts": rows}
    return Answer(value, json.dumps(value), "a-reader", Usage(400, 90), 1.0)


def test_words_that_the_reader_supports_are_taken(brief: Callable[..., Brief], prompt: Prompt, good: Answer) -> None:
    """Both questions are on record; the reader is asked about what the gate let through."""
    ended, asks = _through(dialogue(brief(), prompt, READER), [good, _reads()])
    assert (ended.rung, ended.refusals) == ("llm", ())
    assert [(each.stage, each.outcome) for each in ended.asked] == [("copy", "answer"), ("reader", "answer")]
    assert [each["text"] for each in json.loads(asks[1].user)["lines"]] == [*ended.copy.pieces]


def test_words_that_the_gate_refused_are_not_read(brief: Callable[..., Brief], prompt: Prompt, bad: Answer) -> None:
    """Nor is the template: its phrases are the business's own."""
    _, asks = _through(dialogue(brief(), prompt, READER), [bad, bad])
    assert [each.stage for each in asks] == ["copy", "copy"]


def test_what_the_reader_refused_goes_back_to_the_writer(
    brief: Callable[..., Brief], prompt: Prompt, good: Answer
) -> None:
    """With line, verdict and words, as any finding; the second copy is read as well."""
    replies: list[Reply] = [good, _reads(line_4="not_supported"), good, _reads()]
    ended, asks = _through(dialogue(brief(), prompt, READER), replies)
    assert (ended.rung, [each.stage for each in asks]) == ("llm", ["copy", "reader", "copy", "reader"])
    (refusal,) = ended.refusals
    assert (refusal.attempt, refusal.rule) == ("llm.1", "reader")
    assert refusal.about.startswith("You may want to set up your first sequence")
    told = json.loads(asks[2].user)["refused"]
    assert told["your_answer"] == good.value
    assert [(each["in"], each["found"]) for each in told["because"]] == [(refusal.about, refusal.detail)]


def test_two_copies_that_the_reader_refused_mean_the_template(
    brief: Callable[..., Brief], prompt: Prompt, good: Answer
) -> None:
    """There is no third; both refusals are on record."""
    replies: list[Reply] = [good, _reads(line_1="unsure"), good, _reads(line_2="talks_of_watching")]
    ended, asks = _through(dialogue(brief(), prompt, READER), replies)
    assert (ended.rung, len(asks)) == ("template", 4)
    assert [(each.attempt, each.rule) for each in ended.refusals] == [("llm.1", "reader"), ("llm.2", "reader")]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (NoAnswer(Fault.TIMEOUT, "20.0 s passed"), ("timeout", "not read: timeout: 20.0 s passed")),
        (NoAnswer(Fault.NO_TIME, "0.4 s were left"), ("no_time", "not read: no_time: 0.4 s were left")),
        (Answer({"a": 1}, '{"a": 1}', "m", Usage(), 1.0), ("invalid", "not read: verdicts: Field required")),
    ],
)
def test_a_reader_that_gives_no_answer_means_the_template(
    brief: Callable[..., Brief], prompt: Prompt, good: Answer, reply: Reply, said: tuple[str, str]
) -> None:
    """What nobody read does not go, and the writer, whose words are not at fault, is not asked again."""
    ended, asks = _through(dialogue(brief(), prompt, READER), [good, reply])
    assert (ended.rung, len(asks)) == ("template", 2)
    (refusal,) = ended.refusals
    assert (refusal.attempt, refusal.rule, ended.asked[-1].outcome, refusal.detail) == ("llm.1", "reader", *said)


def test_where_nobody_is_to_read_the_words_go(brief: Callable[..., Brief], prompt: Prompt, good: Answer) -> None:
    """No prompt is given, or the stage is off: nothing is on record of a reader, as before there was one."""
    alone, _ = _through(dialogue(brief(), prompt), [good])
    off, asks = _through(dialogue(brief(), prompt, READER), [good, NoAnswer(Fault.OFF, "")])
    assert (off.rung, len(asks), [each.stage for each in off.asked]) == ("llm", 2, ["copy"])
    assert off == alone
