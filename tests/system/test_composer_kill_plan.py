"""The composer under the nemesis on the real broker: each recommendation ends in one mail or one record of none."""

import itertools
import json
import logging
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.codec import decode
from schemas.errors import DecodeError
from schemas.recommendation import Recommendation
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND, RECOMMENDATIONS, Topic, dead_letters
from services.runtime.outcome import Send
from services.runtime.program import read_catalogue
from tests.conftest import Node
from tests.system.conftest import ROOT, StartWorker
from tests.system.plan import Feeder, Plan, Poison, Records, Watch

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.timeout(900)]
ReadAll = Callable[[Topic], Awaitable[list[Any]]]
EXAMPLE = ROOT / "schemas" / "examples" / "recommendations" / "course.json"
PROGRAM = ROOT / "examples" / "academy"
COURSE = next(read_catalogue(PROGRAM / "catalogue.jsonl"))
PERSONS = 90
POISON_EVERY = 61
EXPIRED_EVERY = 7  # these end without a mail


async def test_every_recommendation_ends_once(node: Node, worker: StartWorker, read_all: ReadAll) -> None:
    """SIGKILL, SIGTERM, SIGSTOP past the session, SIGKILL of the broker: one outbound or one `not_sent`, one record."""
    address = node.at.address
    pair = (worker("services.composer", "one"), worker("services.composer", "two"))
    watch = Watch(address, (RECOMMENDATIONS, DECISIONS), pair)
    numbers = itertools.count(1)
    await Plan(
        node, pair, watch, Feeder(address, lambda: _recommendation(next(numbers))), source=RECOMMENDATIONS,
        output=DECISIONS, owned="assigned", is_answered=_is_answered, burst=300, amid=60,
    ).play()  # fmt: skip
    await watch.stop()
    wanted, poison = _wanted(await read_all(RECOMMENDATIONS))
    outbound = [decode(EMAIL_OUTBOUND, each.value) for each in await read_all(EMAIL_OUTBOUND)]
    decisions = [decode(DECISIONS, each.value) for each in await read_all(DECISIONS)]
    feedback = [decode(EMAIL_FEEDBACK, each.value) for each in await read_all(EMAIL_FEEDBACK)]
    letters = Counter(each.value for each in await read_all(dead_letters("composer")))
    decided = Counter(each.decision_id for each in decisions)
    sent = Counter(each.decision_id for each in outbound)
    unsent = Counter(each.decision_id for each in feedback)
    log.info(
        "%d triggers, %d mails, %d not sent, %d decisions, %d letters; decided wrongly %d, mailed wrongly %d",
        len(wanted), len(outbound), len(feedback), len(decisions), letters.total(),
        (decided - wanted).total() + (wanted - decided).total(), (sent + unsent - wanted).total(),
    )  # fmt: skip
    assert decided == wanted
    assert sent + unsent == wanted
    assert sent
    assert not sent.keys() & unsent.keys()
    assert {each.decision_id for each in decisions if each.ending == "sent"} == sent.keys()
    assert letters == poison


def _recommendation(number: int) -> Send | Poison:
    if number % POISON_EVERY == 0:
        return Poison(RECOMMENDATIONS, b"u:p%d" % (number % PERSONS), b"\xff poison %d" % number)
    now = datetime.now(UTC)
    body = json.loads(EXAMPLE.read_text())
    expires = now - timedelta(hours=1) if number % EXPIRED_EVERY == 0 else now + timedelta(days=2)
    body["course"] = COURSE.model_dump(mode="json")
    body["request"] |= {
        "decision_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"kill plan {number}")),
        "person": f"u:p{number % PERSONS}",
        "created_at": now.isoformat(),
        "not_before": now.isoformat(),
        "expires_at": expires.isoformat(),
    }
    return Send(RECOMMENDATIONS, Recommendation.model_validate(body))


def _is_answered(records: Records, inputs: Sequence[Any]) -> bool:
    decided = {record.key.decode().rpartition("|")[2] for record in records[DECISIONS.name]}
    asked = {decision for record in inputs if (decision := _decision_of(record.value)) is not None}
    return asked <= decided


def _decision_of(raw: bytes) -> str | None:
    try:
        return str(json.loads(raw)["request"]["decision_id"])
    except ValueError:
        return None


def _wanted(records: Sequence[Any]) -> tuple[Counter[str], Counter[bytes]]:
    """How often each decision was asked for (again after an outage, if at all), and the poison."""
    wanted: Counter[str] = Counter()
    poison: Counter[bytes] = Counter()
    for record in records:
        try:
            wanted[decode(RECOMMENDATIONS, record.value).request.decision_id] += 1
        except DecodeError:
            poison[record.value] += 1
    return wanted, poison
