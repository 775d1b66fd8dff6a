"""`decision explain` over the topics of a real broker."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.decision import Decision
from schemas.email import OutboundEmail
from schemas.ledger import KeptReply
from schemas.topics import DECISIONS, EMAIL_OUTBOUND, LLM_REPLIES
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.outcome import Send

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "schemas" / "examples"


async def test_explain_finds_the_decision_in_its_topic(topics: str) -> None:
    """With the mail that came of it, and what the model said in full; an id that is not there ends with 1."""
    decision = Decision.model_validate_json((EXAMPLES / "decisions" / "pinned.json").read_bytes())
    mail = OutboundEmail.model_validate_json((EXAMPLES / "email.outbound" / "course.json").read_bytes())
    publisher = Publisher(Kafka(topics), "test")
    await publisher.start()
    await publisher.send((Send(DECISIONS, decision), Send(EMAIL_OUTBOUND, mail)))
    asked = decision.asked[0]
    raw = KeptReply(
        key="a" * 64, service="recommender", person=decision.person, stage=asked.stage, prompt_id=asked.prompt_id,
        model="small", outcome="answer", text=f"{asked.text}\nsaid in full", asked_at=decision.ended_at,
    )  # fmt: skip
    await publisher.send((Send(LLM_REPLIES, raw, 0), Send(LLM_REPLIES, raw.model_copy(update={"person": "u:2"}), 1)))
    await publisher.stop()

    def explain(decision_id: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "services.console", "decision", "explain", decision_id],
            cwd=ROOT, env={"KINDLING_KAFKA_BOOTSTRAP_SERVERS": topics}, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip

    found = await asyncio.to_thread(explain, decision.decision_id)
    assert found.returncode == 0, found.stderr
    assert f"decision  {decision.decision_id}" in found.stdout
    assert "pick      by score: email-automation-foundations" in found.stdout
    assert f"mail      {mail.message_id}: {mail.subject}" in found.stdout
    assert found.stdout.count("          said in full") == 1
    assert (await asyncio.to_thread(explain, decision.decision_id[:-1] + "0")).returncode == 1
