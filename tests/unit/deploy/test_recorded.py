"""The endpoint of recorded answers, asked by the real client."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from deploy.local.answers import Book, LeadAnswers
from deploy.local.player import report_of
from deploy.local.recorded import MOST_BYTES, MOST_MISSING, Recorded
from schemas.llm import Answer, Ask, Fault, NoAnswer
from services.runtime.llm_client import LlmClient, build
from services.runtime.llm_settings import LlmSettings

ROOT = Path(__file__).parents[3]
ANSWER = {"subject": "Straße", "sentences": [{"text": "One.", "cites": ["fact:job"]}]}
BOOK = Book(
    Path("recorded"),
    {"Maya": LeadAnswers(version=1, lead="Maya", answers={"copy.v1": ANSWER})},
    {"Maya": frozenset({"The workbook"})},
    {"copy.v1": "You write.", "copy.v2": "You write anew."},
)
SCHEMA = {"type": "object"}


def _ask(system: str = "You write.", user: str = '{"title": "The workbook"}') -> Ask:
    return Ask("copy", "copy.v1", system, user, SCHEMA, 50)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Where the endpoint is."""
    runner = web.AppRunner(Recorded(BOOK).application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def client(url: str) -> AsyncIterator[LlmClient]:
    """The client of the services."""
    made = build(LlmSettings(openai_base_url=f"{url}/v1", llm_model="recorded"))
    assert isinstance(made, LlmClient)
    yield made
    await made.stop()


async def test_an_answer_comes_as_a_models_would_and_is_named_recorded(client: LlmClient) -> None:
    """Through the same library, bounds and reading; no token is counted, as none was taken."""
    reply = await client.ask(_ask(), within_s=10)
    assert isinstance(reply, Answer)
    assert (reply.value, reply.model) == (ANSWER, "recorded")
    assert reply.usage.prompt_tokens + reply.usage.completion_tokens == 0


async def test_a_question_nobody_wrote_for_is_a_fault_that_is_counted(client: LlmClient, url: str) -> None:
    """The report names lead, prompt version and file, with how often it was asked; what was used stands beside it."""
    for _ in range(2):
        reply = await client.ask(_ask("You write anew."), within_s=10)
        assert isinstance(reply, NoAnswer)
        assert reply.fault is Fault.INVALID_REQUEST
    await client.ask(_ask(), within_s=10)
    todo = "no answer to copy.v2 about Maya: write one in recorded/maya.yaml"
    assert await report_of(f"{url}/report") == {
        "used": [{"lead": "Maya", "prompt": "copy.v1", "times": 1}],
        "missing": [{"todo": todo, "times": 2}],
    }


async def test_it_lists_its_one_model(client: LlmClient) -> None:
    """So a service that looks for its model at its start finds it."""
    assert await client.endpoint.models() == frozenset({"recorded"})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b"[]", 400), (b'{"messages": "x"}', 400), (b'{"messages": [{"role": "user"}]}', 400),
        (b'{"messages": [{"role": "system", "content": 1}, {"role": "user", "content": "x"}]}', 400),
        (b" " * (MOST_BYTES + 1), 413),
    ],
)  # fmt: skip
async def test_what_is_no_question_is_refused(url: str, body: bytes, status: int) -> None:
    """Bounded in bytes, and never an error of the server's own."""
    async with aiohttp.ClientSession() as session, session.post(f"{url}/v1/chat/completions", data=body) as response:
        assert response.status == status


async def test_the_report_is_bounded() -> None:
    """Whoever asks for more is refused all the same."""
    recorded = Recorded(BOOK)
    runner = web.AppRunner(recorded.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/chat/completions"
    async with aiohttp.ClientSession() as session:
        for number in range(MOST_MISSING + 5):
            texts = ({"role": "system", "content": f"{number}"}, {"role": "user", "content": "{}"})
            async with session.post(address, json={"messages": texts}) as response:
                assert response.status == 422
    await runner.cleanup()
    assert len(recorded.missing) == MOST_MISSING


def test_a_broken_file_is_one_clear_sentence(tmp_path: Path) -> None:
    """Which file, and what was expected; status 78, as for every process that is misconfigured."""
    (tmp_path / "story.yaml").write_text("version: 2\n")
    words = [sys.executable, "-m", "deploy.local.recorded", "--port", "0", "--program", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 78
    assert len(done.stderr.strip().splitlines()) == 1
    assert f"{tmp_path}/story.yaml" in done.stderr
