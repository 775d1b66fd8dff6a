"""`decision explain` over the topics of a real broker."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.decision import Decision
from schemas.email import OutboundEmail
from schemas.ledger import KeptReply
from schemas.topics import DECISIONS, EMAIL_OUTBOUND, LLM_REPLIES
from services.console.commands import told
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_records import partition_of
from services.runtime.outcome import Send

pytestmark = pytest.mark.kafka
OTHER = "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e01"
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "schemas" / "examples"


async def test_explain_finds_the_decision_in_its_topic(
    topics: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its id, its person or their address, with the mail that came of it and what the model said in full."""
    monkeypatch.setenv("KINDLING_KAFKA_BOOTSTRAP_SERVERS", topics)
    monkeypatch.setenv("KINDLING_SECRET", "a secret of a test")
    decision = Decision.model_validate_json((EXAMPLES / "decisions" / "pinned.json").read_bytes())
    mail = OutboundEmail.model_validate_json((EXAMPLES / "email.outbound" / "course.json").read_bytes())
    publisher = Publisher(Kafka(topics), "test")
    await publisher.start()
    earlier = decision.model_copy(
        update={"decision_id": OTHER, "ended_at": decision.ended_at - timedelta(days=1), "asked": ()}
    )
    another = decision.model_copy(update={"decision_id": OTHER[:-1] + "2", "person": decision.person + "0"})
    await publisher.send((Send(DECISIONS, earlier), Send(DECISIONS, decision), Send(DECISIONS, another)))
    await publisher.send((Send(EMAIL_OUTBOUND, mail),))
    asked = decision.asked[0]
    raw = KeptReply(
        key="a" * 64, service="recommender", person=decision.person, stage=asked.stage, prompt_id=asked.prompt_id,
        model="small", outcome="answer", text=f"{asked.text}\nsaid in full", asked_at=decision.ended_at,
    )  # fmt: skip
    here = partition_of(decision.person.encode(), 3)
    await publisher.send(
        (Send(LLM_REPLIES, raw, here), Send(LLM_REPLIES, raw.model_copy(update={"person": "u:2"}), here))
    )
    await publisher.stop()

    async def explain(*words: str) -> tuple[int, str, str]:
        status = await asyncio.to_thread(told, ["decision", "explain", *words])
        return (status, *capsys.readouterr())

    status, shown, wrong = await explain(decision.decision_id)
    assert status == 0, wrong
    assert f"decision  {decision.decision_id}" in shown
    assert "pick      by score: email-automation-foundations" in shown
    assert f"mail      {mail.message_id}: {mail.subject}" in shown
    assert shown.count("          said in full") == 1
    assert (await explain(decision.decision_id[:-1] + "0"))[0] == 1
    assert await explain(mail.to.address) == (0, shown, wrong)
    _, every, _ = await explain(decision.person, "--all")
    assert [line.split("  ")[1] for line in every.splitlines()] == [decision.decision_id, OTHER]
    status, _, wrong = await explain("nobody@example.com")
    assert (status, "kindling person show ADDRESS" in wrong) == (1, True)
