"""Whatever a mail server or an address says, the connector shows the same series."""

from collections.abc import Callable
from functools import partial

from services.connector.adapters.counting import counted
from services.connector.core.pacing import domain_of
from services.connector.core.values import Declined
from services.connector.metrics import ANSWERS
from services.connector.pipeline import deliver
from services.rules.providers import provider_of
from services.runtime.outcome import Message
from tests.series import Series, series, strange
from tests.unit.connector.conftest import Fakes


async def test_answers_of_strangers_make_no_series(record: Callable[..., Message], fakes: Fakes) -> None:
    """Codes, texts and domains of their making: feedback carries the code, a label the class of it."""
    shown: list[Series] = []
    handle = counted(partial(deliver, world=fakes.world))
    for number in (1, 2):
        for at, word in enumerate(strange(number)):
            address = f"a@stranger{number}{at}.example"
            fakes.mailer.answers[address] = Declined("recipient", 500 + 10 * number + at, f"5.{number}.{at} {word}")
            message_id = f"{number:08}-0000-5000-8000-{at:012}"
            to = {"address": address, "name": ""}
            await handle(record(message_id=message_id, to=to))
            ANSWERS.labels("declined", provider_of(domain_of(f"a@{word}"))).inc()
        shown.append(series())
    assert shown[1] - shown[0] == frozenset()
    bounced = ("ending", "bounced"), ("reason", "soft"), ("stage", "connector")
    assert ("kindling_endings_total", bounced) in shown[0]
