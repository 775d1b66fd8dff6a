"""A loopback endpoint that answers as it is told, and remembers what it was asked; and clients that ask it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson
from aiohttp import web

from schemas.llm import Ask
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder
from services.runtime.llm_client import LlmClient, build
from services.runtime.llm_ledger import Replies
from services.runtime.llm_settings import LlmSettings

Answers: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
ASK = Ask("copy", "copy.v1", "system", "user", {"type": "object"}, 50)
USAGE = {"prompt_tokens": 300, "completion_tokens": 60}
TIMEOUT_S = 1.5
UNKNOWN = "Unsupported parameter: '{name}' is not supported with this model."  # {name} and {value} of what was sent
NO_FORMAT = "Invalid parameter: 'response_format' of type '{held}' is not supported with this model."
CAPS = ("max_completion_tokens", "max_tokens")
BYTES_PER_TOKEN = 4


@dataclass
class Server:
    """One endpoint. `asked` counts the questions by model and data; `bodies` are all requests in order.

    It makes vectors too, as the fake embedder does; `embedded` are their texts. `lists` answers who asks which models
    it has; None: it does not say.
    """

    answers: Answers
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)
    lists: Answers | None = None
    url: str = ""
    clients: list[LlmClient] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Count, then answer."""
        body = orjson.loads(await request.read())
        self.bodies.append(body)
        self.asked[body["model"], body["messages"][1]["content"]] += 1
        return await self.answers(request)

    async def list(self, request: web.Request) -> web.StreamResponse:
        """The models, if it says so."""
        return web.Response(status=404) if self.lists is None else await self.lists(request)

    async def embed(self, request: web.Request) -> web.Response:
        """Vectors of the texts."""
        texts = orjson.loads(await request.read())["input"]
        self.embedded += texts
        rows = enumerate(await FakeEmbedder().passages(texts))
        data = [{"object": "embedding", "index": number, "embedding": list(row)} for number, row in rows]
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        return web.json_response({"object": "list", "model": "hashing", "data": data, "usage": usage})

    @property
    def embedding(self) -> dict[str, str]:
        """What a recommender is set to, for its vectors to come from here."""
        fake = FakeEmbedder()
        return {
            "KINDLING_RECOMMENDER_EMBEDDER": "openai",
            "KINDLING_RECOMMENDER_EMBEDDING_URL": self.url,
            "KINDLING_RECOMMENDER_EMBEDDING_API_KEY": "none",
            "KINDLING_RECOMMENDER_EMBEDDING_MODEL": fake.name,
            "KINDLING_RECOMMENDER_EMBEDDING_DIMENSION": str(fake.dimension),
        }

    def client(self, replies: Replies | None = None, **settings: Any) -> LlmClient:
        """A client of this endpoint."""
        made = build(LlmSettings(**{"llm_timeout_s": TIMEOUT_S, "openai_base_url": self.url, **settings}), replies)
        assert isinstance(made, LlmClient)
        self.clients.append(made)
        return made


Serve: TypeAlias = Callable[[Answers], Awaitable[Server]]


async def running(answers: Answers, made: list[web.AppRunner]) -> Server:
    """A server that answers so."""
    server = Server(answers)
    application = web.Application(client_max_size=2**22)
    application.router.add_post("/v1/chat/completions", server.answer)
    application.router.add_get("/v1/models", server.list)
    application.router.add_post("/v1/embeddings", server.embed)
    runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    made.append(runner)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    return server


def completion(content: Any, finish: str = "stop", **message: Any) -> bytes:
    """A chat completion with this content."""
    choice = {"finish_reason": finish, "message": {"role": "assistant", "content": content, **message}}
    return orjson.dumps({"model": "answering", "choices": [choice], "usage": USAGE})


def says(*texts: str) -> Answers:
    """Answers with each text in turn, the last for ever."""
    left = list(texts)

    async def answer(_: web.Request) -> web.Response:
        text = left.pop(0) if len(left) > 1 else left[0]
        return web.Response(body=completion(text), content_type="application/json")

    return answer


def sends(body: bytes, status: int = 200, content_type: str = "application/json", **headers: str) -> Answers:
    """Answers with these bytes."""

    async def answer(_: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, status=status, content_type=content_type, headers=named)

    return answer


def in_turn(*answers: Answers) -> Answers:
    """One after the other, the last for ever."""
    left = list(answers)

    async def answer(request: web.Request) -> web.StreamResponse:
        return await (left.pop(0) if len(left) > 1 else left[0])(request)

    return answer


def refuses(name: str, then: Answers, *, values: tuple[Any, ...] = (), message: str = UNKNOWN) -> Answers:
    """Refuses a question that has this parameter, or another value of it than these, as real endpoints do."""

    async def answer(request: web.Request) -> web.StreamResponse:
        value = orjson.loads(await request.read()).get(name)
        if value is None or value in values:
            return await then(request)
        told = {"message": message.format(name=name, value=value), "type": "invalid_request_error", "param": name}
        return web.json_response({"error": told | {"code": "unsupported_parameter"}}, status=400)

    return answer


def structure_of(body: Mapping[str, Any]) -> str:
    """How strongly a question holds its answer to a shape: strict, schema, object or none."""
    held = body.get("response_format")
    if held is None or held["type"] != "json_schema":
        return "none" if held is None else "object"
    return "strict" if held["json_schema"]["strict"] else "schema"


def takes(*structures: str, then: Answers, message: str = NO_FORMAT, status: int = 400) -> Answers:
    """Refuses every question that is held to a shape in another way than these."""

    async def answer(request: web.Request) -> web.StreamResponse:
        held = structure_of(orjson.loads(await request.read()))
        if held in structures:
            return await then(request)
        told = {"message": message.format(held=held), "type": "invalid_request_error", "param": None}
        return web.json_response({"error": told}, status=status)

    return answer


def bounded(word: str, then: Answers) -> Answers:
    """Refuses a strict schema with this keyword in it, as an endpoint does that compiles a grammar of it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        body = orjson.loads(await request.read())
        if structure_of(body) != "strict" or word not in orjson.dumps(body["response_format"]).decode():
            return await then(request)
        told = (
            f"Invalid schema for response_format 'answer': In context=('properties', 'a'), '{word}' is not permitted."
        )
        error = {"message": told, "type": "invalid_request_error", "param": "response_format", "code": None}
        return web.json_response({"error": error}, status=400)

    return answer


def fenced(text: str) -> str:
    """The text as a model writes it that nothing holds to a shape."""
    return f"Here it is:\n```json\n{text}\n```\nAnything else?"


def reasons(
    text: str, tokens: Mapping[str | None, int], *, name: str = "reasoning_content", is_counted: bool = True
) -> Answers:
    """Thinks first, for so many tokens by the effort it is told (None: none told); what the cap leaves is the answer's.

    Where it leaves nothing the content is empty, and what was thought is billed. `name` is of the message's field that
    holds what was thought; where it `is_counted` the usage tells it apart.
    """

    async def answer(request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        cap = next(body[each] for each in CAPS if each in body)
        thought = min(cap, tokens[body.get("reasoning_effort")])
        left = text.encode()[: (cap - thought) * BYTES_PER_TOKEN]
        finish = "stop" if len(left) == len(text.encode()) else "length"
        used = thought + -(-len(left) // BYTES_PER_TOKEN)
        usage: dict[str, Any] = {"completion_tokens": used, "total_tokens": USAGE["prompt_tokens"] + used}
        if is_counted:
            usage["completion_tokens_details"] = {"reasoning_tokens": thought}
        told = orjson.loads(completion(left.decode() or None, finish, **{name: "Let me see. " * (thought > 0)}))
        return web.json_response(told | {"usage": USAGE | usage})

    return answer


def by_model(**answers: Answers) -> Answers:
    """As each model is told."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return await answers[orjson.loads(await request.read())["model"]](request)

    return answer


async def hangs(_: web.Request) -> web.Response:
    """Never answers."""
    await asyncio.Event().wait()
    raise AssertionError


async def drips(request: web.Request) -> web.StreamResponse:
    """A byte now and then, for ever: each read is well within any timeout of its own."""
    response = web.StreamResponse()
    await response.prepare(request)
    async for _ in _ticks():
        await response.write(b" ")
    return response


async def floods(request: web.Request) -> web.StreamResponse:
    """Ten megabytes of an answer."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(160):
        await response.write(b"x" * 65_536)
    return response


async def resets(request: web.Request) -> web.StreamResponse:
    """Half a body, then nothing: the connection is gone."""
    response = web.StreamResponse(headers={"Content-Length": "5000"})
    await response.prepare(request)
    await response.write(b'{"choices": [{"mess')
    assert request.transport is not None
    request.transport.abort()
    return response


async def _ticks() -> AsyncIterator[None]:
    while True:
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.05)
        yield
