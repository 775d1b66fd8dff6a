"""How an answer is held to its shape: the strongest way an endpoint takes, found once; all answers are read alike."""

import asyncio
import logging
from dataclasses import replace

import orjson
import pytest

from schemas.llm import Answer, Fault, NoAnswer
from services.composer.core.asking import SCHEMA
from services.runtime.llm_forms import PROBE_S
from services.runtime.llm_structure import WORDS
from tests.llm_scenes import composed
from tests.llm_server import (
    ASK,
    TIMEOUT_S,
    Answers,
    Serve,
    Server,
    bounded,
    by_model,
    completion,
    fenced,
    hangs,
    in_turn,
    refuses,
    says,
    sends,
    structure_of,
    takes,
)  # fmt: skip

COPY = replace(ASK, schema=SCHEMA)
GOOD = says('{"a": 1}')


def _structures(server: Server) -> list[str]:
    return [structure_of(body) for body in server.bodies]


def _is_told(server: Server) -> list[bool]:
    return [WORDS in body["messages"][0]["content"] for body in server.bodies]


@pytest.mark.parametrize(
    ("answers", "sent"),
    [
        (GOOD, ["strict"]),
        (takes("schema", "object", "none", then=GOOD), ["strict", "schema"]),
        (takes("object", "none", then=GOOD), ["strict", "schema", "object"]),
        (takes("none", then=GOOD), ["strict", "schema", "object", "none"]),
        (takes("none", then=GOOD, status=422), ["strict", "schema", "object", "none"]),
        (
            takes("none", then=GOOD, message="'response_format.type' must be 'text'"),
            ["strict", "schema", "object", "none"],
        ),
        (refuses("response_format", GOOD), ["strict", "schema", "object", "none"]),
        (bounded("minLength", GOOD), ["strict", "strict"]),
        (bounded("enum", GOOD), ["strict", "schema"]),
    ],
    ids=["all", "not strict", "no schema", "none", "none by 422", "text alone", "unknown", "no bounds", "no enum"],
)
async def test_the_strongest_that_is_taken_is_found_at_the_first_call_and_remembered(
    answers: Answers, sent: list[str], serve: Serve
) -> None:
    """The first question has its answer, and nothing refused counts against the model; the next goes out so at once."""
    server = await serve(answers)
    client = server.client()
    for user in ("first", "next"):
        assert isinstance(await client.ask(replace(COPY, user=user), within_s=5), Answer)
    assert _structures(server) == [*sent, sent[-1]]
    assert _is_told(server) == [each in {"object", "none"} for each in (*sent, sent[-1])]
    assert client.lanes[0].breaker.faults == 0


async def test_a_schema_without_bounds_is_else_the_same(serve: Serve) -> None:
    """What is constant of the answer stays: names, enums, what is required, that nothing else may come."""
    server = await serve(bounded("minLength", GOOD))
    await server.client().ask(COPY, within_s=5)
    first, second = (body["response_format"]["json_schema"]["schema"] for body in server.bodies)
    assert first == SCHEMA
    assert second["required"] == SCHEMA["required"]
    assert second["properties"].keys() == SCHEMA["properties"].keys()
    assert second["properties"]["sentences"]["items"]["properties"]["cites"] == {"$ref": "#/$defs/cites"}
    assert second["$defs"]["cites"] == {"type": "array", "items": SCHEMA["$defs"]["cites"]["items"]}


async def test_it_is_of_one_model(serve: Serve) -> None:
    """What the small one refuses the large one is asked."""
    server = await serve(by_model(small=takes("object", then=says('{"confidence": 0.1}')), large=GOOD))
    assert isinstance(await server.client(llm_models="small,large").ask(COPY, within_s=5), Answer)
    assert _structures(server) == ["strict", "schema", "object", "strict"]


async def test_an_operator_may_begin_lower(serve: Serve) -> None:
    """Where strict is taken and too slow, or taken and not to be had."""
    server = await serve(GOOD)
    await server.client(llm_structure="object").ask(COPY, within_s=5)
    assert _structures(server) == ["object"]


async def test_first_calls_together_find_it_once(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """One finds it out, the others wait for it and are asked as it was."""
    server = await serve(takes("object", then=GOOD))
    client = server.client()
    asks = [client.ask(replace(COPY, user=str(number)), within_s=5) for number in range(6)]
    with caplog.at_level(logging.WARNING):
        assert all(isinstance(each, Answer) for each in await asyncio.gather(*asks))
    assert _structures(server) == ["strict", "schema", *["object"] * 6]
    assert [each.message for each in caplog.records] == ["llm_form_changed"] * 2


async def test_a_first_call_that_fails_leaves_finding_it_to_the_next(serve: Serve) -> None:
    """One after the other, and nobody waits for ever."""
    server = await serve(in_turn(sends(b"{}", 404), takes("object", then=GOOD)))
    client = server.client()
    asks = [client.ask(replace(COPY, user=str(number)), within_s=5) for number in range(4)]
    replies = await asyncio.gather(*asks)
    assert [isinstance(each, Answer) for each in replies] == [False, True, True, True]
    assert _structures(server) == ["strict", "strict", "schema", *["object"] * 3]


async def test_a_first_call_that_hangs_holds_the_others_back_for_a_moment_only(serve: Serve) -> None:
    """A refusal would have come by then: what they wait for is within their own deadline."""
    server = await serve(in_turn(hangs, GOOD))
    client = server.client(llm_timeout_s=PROBE_S + TIMEOUT_S)
    first, second = await asyncio.gather(
        client.ask(COPY, within_s=60), client.ask(replace(COPY, user="2"), within_s=60)
    )
    assert isinstance(first, NoAnswer)
    assert first.fault is Fault.TIMEOUT
    assert isinstance(second, Answer)
    assert PROBE_S <= second.duration_s < PROBE_S + TIMEOUT_S


async def test_finding_it_is_within_the_deadline_of_the_call(serve: Serve) -> None:
    """However slowly it refuses."""
    server = await serve(in_turn(takes("object", then=GOOD), hangs))
    reply = await server.client().ask(COPY, within_s=5)
    assert isinstance(reply, NoAnswer)
    assert reply.fault is Fault.TIMEOUT
    assert reply.duration_s < TIMEOUT_S + 1.0


async def test_an_endpoint_that_takes_a_schema_and_leaves_it_aside_is_told_it_in_words(serve: Serve) -> None:
    """Its answer in a fence is read all the same; the next question says the schema as well as sending it."""
    server = await serve(says(fenced('{"a": 1}')))
    client = server.client()
    replies = [await client.ask(replace(COPY, user=str(number)), within_s=5) for number in range(3)]
    assert [each.value for each in replies if isinstance(each, Answer)] == [{"a": 1}] * 3
    assert _structures(server) == ["strict"] * 3
    assert _is_told(server) == [False, True, True]


async def test_prose_where_an_object_was_to_come_is_no_answer_and_tells_the_same(serve: Serve) -> None:
    """A fault of its own, as ever; from then on the schema stands in the prompt."""
    server = await serve(in_turn(says("It depends on what you mean."), GOOD))
    client = server.client()
    first, second = [await client.ask(replace(COPY, user=each), within_s=5) for each in ("1", "2")]
    assert isinstance(first, NoAnswer)
    assert first.fault is Fault.NOT_JSON
    assert isinstance(second, Answer)
    assert _is_told(server) == [False, True]


@pytest.mark.parametrize("text", ["a body of no completion", ""])
async def test_a_page_in_place_of_a_completion_tells_nothing_of_the_form(text: str, serve: Serve) -> None:
    """No model spoke."""
    server = await serve(in_turn(sends(text.encode()), GOOD))
    client = server.client()
    for user in ("1", "2"):
        await client.ask(replace(COPY, user=user), within_s=5)
    assert _is_told(server) == [False, False]


@pytest.mark.parametrize(
    ("text", "is_answer"),
    [
        ('```json\n{"a": 1}\n```', True),
        ('Here you are: {"a": 1} I hope it helps.', True),
        ('<think>{"b": 2} or so?</think>\n{"a": 1}', True),
        ('{"b": 2} or rather {"a": 1}', False),
        ('```json\n{"b": 2}\n```\n```json\n{"a": 1}\n```', False),
        ('[{"a": 1}]', False),
        ('{"a": 1', False),
    ],
)
async def test_without_a_structure_the_one_object_of_a_text_is_read_and_of_two_none(
    text: str,
    is_answer: bool,  # noqa: FBT001
    serve: Serve,
) -> None:
    """In a fence, with words around it, behind thoughts; where two could be meant nothing is guessed."""
    server = await serve(takes("none", then=says(text)))
    reply = await server.client().ask(COPY, within_s=5)
    assert isinstance(reply, Answer) == is_answer
    assert reply.value == {"a": 1} if isinstance(reply, Answer) else reply.fault is Fault.NOT_JSON


async def test_thinking_aloud_until_the_tokens_end_is_reasoning_without_an_answer(serve: Serve) -> None:
    """Of an endpoint that does not part the two: asked once more with more room."""
    server = await serve(in_turn(sends(completion("<think>Let me see", "length")), says('<think>So.</think>{"a": 1}')))
    reply = await server.client().ask(COPY, within_s=5)
    assert isinstance(reply, Answer)
    assert reply.value == {"a": 1}
    assert len(server.bodies) == 2


@pytest.mark.parametrize("structures", [("strict", "schema", "object", "none"), ("object",), ("none",)])
async def test_whatever_is_taken_an_answer_of_another_shape_is_refused(
    structures: tuple[str, ...], serve: Serve
) -> None:
    """The composer validates it as it does every answer: the template's words go out."""
    wrong = orjson.dumps({"subject": 7, "sentences": "all of them"}).decode()
    server = await serve(takes(*structures, then=says(wrong)))
    _, decision = await composed(server.client())
    assert decision.rungs["copy"] == "template"
    assert {each.rule for each in decision.refusals} == {"shape"}
