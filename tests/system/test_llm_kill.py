"""A worker that is killed between an answer and its publishing pays for that answer once: composer and recommender."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from schemas.recommendation import Asked
from schemas.topics import (
    CATALOG_COURSES,
    CATALOG_VECTORS,
    DECISIONS,
    EMAIL_OUTBOUND,
    RECOMMENDATION_REQUESTS,
    RECOMMENDATIONS,
    Topic,
)
from services.runtime.outcome import Send
from services.runtime.program import read_catalogue
from tests.conftest import ReadAll
from tests.llm_server import Serve
from tests.system.conftest import ROOT, StartWorker
from tests.system.paid_once import COST, COUNT, PERSONS, Played, Scene, play, titled

pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.timeout(150)]
EXAMPLES = ROOT / "schemas" / "examples"
CATALOGUE = list(read_catalogue(ROOT / "examples" / "academy" / "catalogue.jsonl"))[:40]
JOB = {
    "cites": ["s1"], "stage": "exploring", "confidence": 0.7, "title": "Automated emails for small shops",
    "description": "Plan and build the first three automated emails. Measure what they bring.",
    "skills": ["planning", "copy"], "level": "beginner",
}  # fmt: skip


async def test_answers_of_a_killed_composer_are_paid_once(
    topics: str, serve: Serve, worker: StartWorker, read_all: ReadAll
) -> None:
    """What is no copy is asked once more; both replies are kept, and the template's words go out once."""
    scene = Scene(
        "services.composer", [_recommendation(number) for number in range(COUNT)],
        {DECISIONS: lambda each: each.decision_id}, questions=2, say=_no_copy, settings={"COMPOSER_IN_FLIGHT": "64"},
    )  # fmt: skip
    played = await play(scene, topics, serve, worker, read_all)
    assert len(await read_all(EMAIL_OUTBOUND)) == COUNT
    _verify(played, {each.person: each.asked for each in played.ends[DECISIONS]}, {"copy"})


async def test_answers_of_a_killed_recommender_are_paid_once(
    topics: str, serve: Serve, worker: StartWorker, read_all: ReadAll, tmp_path: Path
) -> None:
    """The second question holds the answer to the first: had that come out differently, it would be asked anew."""
    requests = [_request(number) for number in range(COUNT)]
    scene = Scene(
        "services.recommender", [*(Send(CATALOG_COURSES, each) for each in CATALOGUE), *requests],
        {
            RECOMMENDATIONS: lambda each: each.request.decision_id,
            DECISIONS: lambda each: each.decision_id,
        },
        questions=2, say=_job_or_pick,
        settings={"RECOMMENDER_IN_FLIGHT": "64", "QDRANT_PATH": str(tmp_path / "index")},
    )  # fmt: skip
    played = await play(scene, topics, serve, worker, read_all)
    events = played.ends[RECOMMENDATIONS]
    assert len(events) == COUNT
    assert {(each.rungs["job"], each.rungs["pick"]) for each in events} == {("llm", "llm")}
    assert len(await read_all(CATALOG_VECTORS)) == len(CATALOGUE)
    _verify(played, {each.request.person: each.asked for each in events}, {"job+imagine", "pick"})


def _verify(played: Played, asked_for: Mapping[str, tuple[Asked, ...]], stages: set[str]) -> None:
    """Every record tells the first words said to its questions; those said before the kill came from the ledger."""
    assert sorted(asked_for) == sorted(PERSONS)
    first_words = {texts[0] for texts in played.said.values()}
    for person, asked in asked_for.items():
        mine = [each for each in asked if each.stage in stages]
        assert len(mine) == 2
        assert {each.text for each in mine} <= first_words
        assert {each.is_from_ledger for each in mine} == {person != PERSONS[0]}
        assert {each.cost_micros for each in mine} == {COST}


def _no_copy(_: Mapping[str, Any], number: int) -> str:
    return json.dumps({"note": number})


def _job_or_pick(body: Mapping[str, Any], number: int) -> str:
    properties = body["response_format"]["json_schema"]["schema"]["properties"]
    if "picks" not in properties:
        return json.dumps(JOB | {"job": f"Build automated emails for a small shop, as in plan {number}"})
    chosen = properties["picks"]["items"]["properties"]["course_id"]["enum"][-1]
    return json.dumps(
        {
            "picks": [{"course_id": chosen, "fits": "yes"}],
            "cites": ["s1"],
            "reason": f"It helps to write the emails of plan {number}",
        }
    )


def _recommendation(number: int) -> Send:
    raw = json.loads((EXAMPLES / "recommendations" / "course.json").read_text())
    raw["course"], raw["request"] = CATALOGUE[0].model_dump(mode="json"), titled(raw["request"], number)
    return _send(RECOMMENDATIONS, raw)


def _request(number: int) -> Send:
    raw = json.loads((EXAMPLES / "recommendation.requests" / "conversion.json").read_text())
    return _send(RECOMMENDATION_REQUESTS, titled(raw, number))


def _send(topic: Topic, raw: Mapping[str, Any]) -> Send:
    return Send(topic, topic.event.model_validate(raw))
