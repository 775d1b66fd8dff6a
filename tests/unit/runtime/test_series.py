"""Whatever a topic or a model holds, the loop and the client show the same series."""

from dataclasses import replace

import orjson

from schemas.topics import RECOMMENDATION_REQUESTS
from services.runtime.kafka_ends import Ends
from services.runtime.kafka_handle import Fuse, Handler
from services.runtime.kafka_told import tell
from services.runtime.outcome import Message, Outcome
from tests.fake_kafka import record
from tests.llm_server import ASK, Serve, in_turn, says, sends
from tests.series import Series, series, strange


async def _nobody(_: Message) -> Outcome:
    raise AssertionError("nothing of this decodes")


async def test_records_of_strangers_make_no_series() -> None:
    """Bytes that decode to nothing, and headers of any kind: a dead letter's reason is ours."""
    handler = Handler(Ends("a stage"), _nobody, Fuse(None), lambda _: None)
    shown: list[Series] = []
    for number in (1, 2):
        for at, word in enumerate(strange(number)):
            raw = record(RECOMMENDATION_REQUESTS.name, at, orjson.dumps({word: word}))
            headers = (("traceparent", word.encode()), (word, b""))
            raw = replace(raw, headers=headers)
            handled = await handler(raw)
            assert handled is not None
            tell("a stage", raw, handled, 0.1)
        shown.append(series())
    assert shown[1] - shown[0] == frozenset()
    letters = ("reason", "undecodable"), ("stage", "a stage")
    assert ("kindling_dead_letters_total", letters) in shown[0]


async def test_answers_of_strangers_make_no_series(serve: Serve) -> None:
    """A model is told by its name in our settings, whatever it calls itself, and a fault by ours."""
    shown: list[Series] = []
    for number in (1, 2):
        answers = [sends(orjson.dumps({"model": word, "error": {"code": word}}), 400) for word in strange(number)]
        server = await serve(in_turn(says("{}"), *answers, says("{}")))
        client = server.client(llm_retry_share=0.0)
        for at in range(len(answers) + 2):
            await client.ask(replace(ASK, user=f"{number}/{at}"), within_s=5)
        shown.append(series())
    assert shown[1] - shown[0] == frozenset()
