"""Whatever the published document allows or forbids, the collector answers as the document says, and never fails.

`make test ARGS="-k schemathesis --cases 10000 --seed 7 --timeout 900 -n 0"` asks more.
"""

import asyncio
import base64
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.ingest.core.openapi import FILE
from tests.contract.tracker_stand import KEYS, WRITE_KEY, Stand, standing

DOCUMENT = schemathesis.openapi.from_path(Path(__file__).parents[2] / FILE)
CHECKED = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{WRITE_KEY}:".encode()).decode()}
TOKEN = KEYS.seal.seal(("mail", "u:7", "k", "marketing", "en"))
WHOLE = {"type": "track", "event": "Guide Downloaded", "userId": "7", "messageId": "m-1"}
EVERY_HEALTH = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]  # of a slow generator


def complete(case: Case[Any]) -> None:
    """Make it one that may be taken: of a person, with a name, or with a link and a key of ours."""
    path, body, query = case.path_parameters or {}, case.body, case.query
    for name, ours in (("token", TOKEN), ("key", WRITE_KEY)):
        if name in path:
            path[name] = ours
    if isinstance(body, dict):
        batch = body.get("batch")
        for call in batch if isinstance(batch, list) else [body]:
            if isinstance(call, dict):
                call.update(WHOLE)
    if "pixel" in case.path and isinstance(query, dict):
        query |= {"userId": "7", "event": "E"}
        if "data" in query:
            query["data"] = base64.b64encode(orjson.dumps(WHOLE)).decode()


def ask(stand: Stand, mode: GenerationMode, options: pytest.Config) -> Counter[int]:
    """Half of all cases, in turn completed and as they were made; how often each status came."""
    statuses: Counter[int] = Counter()

    @seed(options.getoption("--seed"))
    @settings(max_examples=options.getoption("--cases") // 2, database=None, suppress_health_check=EVERY_HEALTH)
    @given(case=DOCUMENT.as_strategy(mode), is_ours=st.booleans())
    def law(case: Case[Any], *, is_ours: bool) -> None:
        if is_ours:
            complete(case)
        answer = case.call(stand.collector, session, headers=BASIC if is_ours else None)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKED)

    with requests.Session() as session:
        law()
    return statuses


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
async def test_the_collector_answers_as_its_document_says(pytestconfig: pytest.Config, mode: GenerationMode) -> None:
    """By status, content type, headers and shape, with never a 5xx; with and without a key, for a person or nobody."""
    async with standing(None) as stand:
        statuses = await asyncio.to_thread(ask, stand, mode, pytestconfig)
        sys.stdout.write(f"{mode.value}: {statuses.total()} cases, {dict(sorted(statuses.items()))}\n")
        assert statuses.total() >= pytestconfig.getoption("--cases") // 2
        assert set(statuses) >= {200, 400, 401, 404}
        assert stand.asked
        assert [each for each in stand.asked if each[2] >= 500] == []
