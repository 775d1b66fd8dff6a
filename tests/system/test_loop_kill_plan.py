"""The plain loop under the nemesis, with answers that differ at each attempt: doubles and mixtures would show."""

import itertools
import json
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.codec import decode
from schemas.email import Feedback
from schemas.topics import EMAIL_FEEDBACK, EMAIL_SUPPRESSIONS, Topic, dead_letters
from services.runtime.outcome import Send
from tests.brokers import Node
from tests.system.conftest import StartWorker
from tests.system.plan import Feeder, Plan, Poison, Records, Watch

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.timeout(900)]
ReadAll = Callable[[Topic], Awaitable[list[Any]]]
KEYS = 200
POISON_EVERY = 83


async def test_every_input_has_one_answer_of_one_attempt(node: Node, worker: StartWorker, read_all: ReadAll) -> None:
    """Both halves of each answer once, from the same attempt, in the order of their key."""
    address = node.at.address
    pair = (worker("tests.system.loop_worker", "one"), worker("tests.system.loop_worker", "two"))
    watch = Watch(address, (EMAIL_FEEDBACK, EMAIL_SUPPRESSIONS), pair)
    numbers = itertools.count(1)
    await Plan(
        node, pair, watch, Feeder(address, lambda: input_of(next(numbers))), source=EMAIL_FEEDBACK,
        output=EMAIL_SUPPRESSIONS, owned="assigned", is_answered=is_answered, burst=600, amid=100,
        blows=("kill", "suspend", "kill_broker"),
    ).play()  # fmt: skip
    await watch.stop()
    inputs = await read_all(EMAIL_FEEDBACK)
    asked = [number for record in inputs if (number := _number(record)) is not None]
    answers = [decode(EMAIL_SUPPRESSIONS, each.value) for each in await read_all(EMAIL_SUPPRESSIONS)]
    attempts: dict[str, list[str]] = defaultdict(list)
    order: dict[str, list[str]] = defaultdict(list)
    for each in answers:
        number, half, attempt = each.source.split(":")
        attempts[number].append(attempt)
        if half == "a":
            order[each.address_key].append(number)
    wanted = {number: 2 * asked.count(number) for number in asked}
    wrong = {number: len(attempts[number]) - many for number, many in wanted.items() if len(attempts[number]) != many}
    mixed = [number for number, many in wanted.items() if len(set(attempts[number])) != many // 2]
    unordered = {key: (order[key], came) for key, came in _order(inputs).items() if order[key] != came}
    letters = sorted(each.value for each in await read_all(dead_letters("composer")))
    log.info(
        "%d inputs, %d answers; too many or few for %d, of several attempts %d, keys out of order %d; %d letters",
        len(asked), len(answers), len(wrong), len(mixed), len(unordered), len(letters),
    )  # fmt: skip
    assert not wrong, f"{len(wrong)} inputs: {list(wrong.items())[:5]}"
    assert not mixed, f"{len(mixed)} inputs: {mixed[:5]}"
    assert attempts.keys() == wanted.keys()
    assert not unordered, f"{len(unordered)} keys: {list(unordered.items())[:3]}"
    assert letters == sorted(record.value for record in inputs if _number(record) is None)


def input_of(number: int) -> Send | Poison:
    """The input of this number; now and then bytes nobody can read."""
    if number % POISON_EVERY == 0:
        return Poison(EMAIL_FEEDBACK, b"p%d" % (number % KEYS), b"\xff poison %d" % number)
    words = Feedback(
        id=str(number), word="sent", message_id="m", person_tag=f"p{number % KEYS}",
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC), source="plan",
    )  # fmt: skip
    return Send(EMAIL_FEEDBACK, words)


def _number(record: Any) -> str | None:
    try:
        return str(json.loads(record.value)["id"])
    except ValueError:
        return None


def _order(inputs: Sequence[Any]) -> dict[str, list[str]]:
    """The inputs of each key as they came."""
    order: dict[str, list[str]] = defaultdict(list)
    for record in inputs:
        if (number := _number(record)) is not None:
            order[record.key.decode()].append(number)
    return order


def is_answered(records: Records, inputs: Sequence[Any]) -> bool:
    """True if each of the inputs that can be read has an answer."""
    answered = {json.loads(record.value)["source"].partition(":")[0] for record in records[EMAIL_SUPPRESSIONS.name]}
    return {number for record in inputs if (number := _number(record)) is not None} <= answered
