"""A service whose model is away says so by itself, once, before anybody is to be written to."""

import asyncio

import pytest

from tests.system.conftest import StartWorker

pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.timeout(120)]
NOBODY = "http://127.0.0.1:9/v1"
WITHIN_S = 60.0


@pytest.mark.parametrize("module", ["services.composer", "services.recommender"])
async def test_the_log_says_in_one_line_that_the_model_does_not_answer(module: str, worker: StartWorker) -> None:
    """At the start, with what to do; and the service runs on."""
    service = worker(module, "one", {"OPENAI_BASE_URL": NOBODY}, LLM="auto", LLM_MODELS="small,large")
    async with asyncio.timeout(WITHIN_S):
        while not service.said("llm_does_not_answer"):
            await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.2)
    (line,) = service.said("llm_does_not_answer")
    assert (line["model"], line["reason"]) == ("small", "unreachable")
    assert line["do"] == "see that OPENAI_BASE_URL is right and that the endpoint runs"
    assert await service.end() == 0
