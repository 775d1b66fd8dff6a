"""The pipeline with a second reader: who is named in the mail, who may do without, and what is counted."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from schemas.codec import decode, encode
from schemas.llm import Answer, Fault, NoAnswer, Usage
from schemas.program import Program
from schemas.recommendation import Recommendation
from services.composer.adapters.counting import counted
from services.composer.adapters.prompt_file import read_prompt
from services.composer.pipeline import World, compose
from services.runtime.outcome import Emit, Message

Rec = Callable[..., Recommendation]
Run = Callable[..., Awaitable[dict[str, Any]]]
VERDICTS: dict[str, Any] = {"verdicts": [{"line": number, "verdict": "supported", "why": ""} for number in range(1, 7)]}
READ = Answer(VERDICTS, str(VERDICTS), "a-reader", Usage(400, 90), 1.0)  # every line of the good words is supported


@pytest.fixture
def composed(recommendation: Rec, world: Callable[..., World], message: Callable[[Recommendation], Message]) -> Run:
    """What the pipeline emits, by topic, after a trip through the codec."""

    async def run(changes: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
        outcome = await compose(message(recommendation(changes)), world(**parts))
        assert isinstance(outcome, Emit)
        return {send.topic.short: decode(send.topic, encode(send.topic, send.event)) for send in outcome.records}

    return run


async def test_a_mail_that_was_read_names_its_writer(
    composed: Run, model: Callable[..., Any], answer: Callable[..., Answer]
) -> None:
    """Not the reader, who is in the record; what reading took is out of the same patience."""
    scripted = model(answer(), READ)
    sent = await composed(model=scripted, reader=read_prompt("reader.v1"))
    mail, decision = sent["email.outbound"], sent["decisions"]
    assert (mail.model, mail.prompt, decision.rungs["copy"]) == ("a-model", "copy.v2", "llm")
    assert [each.stage for each in decision.asked] == ["job", "copy", "reader"]
    assert scripted.within == pytest.approx([29.1, 27.1])
    assert decision.timings_s["composer"] == 3.0


async def test_a_playbook_may_want_no_reader(
    composed: Run, model: Callable[..., Any], answer: Callable[..., Answer], program: Program
) -> None:
    """Nobody is asked to read then; a playbook that is gone has not said so."""
    unread = program.model_copy(
        update={"playbooks": tuple(each.model_copy(update={"reader": False}) for each in program.playbooks)}
    )
    reader = read_prompt("reader.v1")
    sent = await composed(model=model(answer()), reader=reader, program=unread)
    assert [each.stage for each in sent["decisions"].asked] == ["job", "copy"]
    gone = await composed(
        {"request.trigger.playbook": "gone"}, model=model(answer(), READ), reader=reader, program=unread
    )
    assert [each.stage for each in gone["decisions"].asked] == ["job", "copy", "reader"]


async def test_readings_are_counted_by_what_came_of_them(
    recommendation: Rec,
    world: Callable[..., World],
    message: Callable[[Recommendation], Message],
    model: Callable[..., Any],
    answer: Callable[..., Answer],
) -> None:
    """A reader that is away is seen, and so is what one refused."""

    def value(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    name, refused = "kindling_composer_readings_total", {"attempt": "llm.1", "rule": "reader"}
    replies = [READ, NoAnswer(Fault.TIMEOUT, "")]
    before = [value(name, outcome=each) for each in ("answer", "timeout")]
    refusals = value("kindling_gate_refusals_total", **refused)
    for reply in replies:
        given = world(model=model(answer(), reply), reader=read_prompt("reader.v1"))
        await counted(lambda event, given=given: compose(event, given))(message(recommendation()))  # type: ignore[misc]
    assert [value(name, outcome=each) for each in ("answer", "timeout")] == [each + 1 for each in before]
    assert value("kindling_gate_refusals_total", **refused) == refusals + 1
