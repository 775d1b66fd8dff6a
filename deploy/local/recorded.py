"""Recorded answers behind an OpenAI-compatible endpoint on this machine: `python -m deploy.local.recorded --port N`.

No model: whoever asks gets what was written beforehand for the lead of the question, and `/report` says what was used
and what is missing. So client, prompts, validation and gate are those that a real endpoint has.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from deploy.local.answers import MODEL_NAME, Book, Found, read_book
from services.runtime.outcome import Misconfigured

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]
MOST_BYTES = 262_144  # of a question; the client's own bound of an answer
MOST_MISSING = 100  # lines kept
EX_CONFIG = 78
BAD_REQUEST, UNPROCESSABLE = 400, 422


@dataclass(slots=True)
class Recorded:
    """The endpoint's answers, and what was asked of it until now."""

    book: Book
    used: Counter[tuple[str, str]] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)

    def application(self) -> web.Application:
        """The routes of the protocol, and the report."""
        application = web.Application(client_max_size=MOST_BYTES)
        application.router.add_post("/v1/chat/completions", self.complete)
        application.router.add_get("/v1/models", _models)
        application.router.add_get("/report", self.report)
        return application

    async def complete(self, request: web.Request) -> web.Response:
        """The chat completion: the recorded answer, else a fault that says what to write."""
        question = _question(await request.read())
        if question is None:
            return _refused(BAD_REQUEST, "expected a JSON object with a system and a user message of text")
        found = self.book.answer(*question)
        if not isinstance(found, Found):
            if found.todo in self.missing or len(self.missing) < MOST_MISSING:
                self.missing[found.todo] += 1
            print(f"recorded: {found.todo}", flush=True)
            return _refused(UNPROCESSABLE, found.todo)
        self.used[found.lead, found.prompt] += 1
        print(f"recorded: {found.lead} {found.prompt}", flush=True)
        message = {"role": "assistant", "content": json.dumps(found.value, ensure_ascii=False)}
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        choices = [{"index": 0, "finish_reason": "stop", "message": message}]
        told = {"id": f"{found.lead}-{found.prompt}", "object": "chat.completion", "model": MODEL_NAME}
        return web.json_response({**told, "choices": choices, "usage": usage})

    async def report(self, _: web.Request) -> web.Response:
        """What was used, and what is missing, each with how often."""
        used = [{"lead": lead, "prompt": prompt, "times": times} for (lead, prompt), times in self.used.items()]
        missing = [{"todo": todo, "times": times} for todo, times in self.missing.items()]
        return web.json_response({"used": used, "missing": missing})


async def serve(port: int, book: Book, *, stop: asyncio.Event) -> None:
    """Answer on this machine until `stop` is set; OSError where the port is taken."""
    runner = web.AppRunner(Recorded(book).application(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        print(f"recorded: answers about {len(book.leads)} leads on {HOST}:{port}", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()


async def _models(_: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": MODEL_NAME, "object": "model"}]})


def _refused(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"type": "invalid_request_error", "message": message}}, status=status)


def _question(body: bytes) -> tuple[str, str] | None:
    """The system's and the user's text."""
    try:
        raw: Any = json.loads(body)
        texts = {each["role"]: each["content"] for each in raw["messages"]}
        system, user = texts["system"], texts["user"]
    except (ValueError, TypeError, KeyError):
        return None
    return (system, user) if isinstance(system, str) and isinstance(user, str) else None


async def _main(port: int, program: Path) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await serve(port, read_book(program, ROOT), stop=stop)
    except (Misconfigured, OSError) as error:
        print(f"recorded: {error}", file=sys.stderr)
        return EX_CONFIG
    return 0


def main() -> int:
    """Read the arguments and answer until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.recorded", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--program", type=Path, default=Path("examples/academy"))
    words = parser.parse_args()
    return asyncio.run(_main(words.port, words.program))


if __name__ == "__main__":
    sys.exit(main())
