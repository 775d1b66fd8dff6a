"""A business that writes eight languages, and a lead with a course in each: what holds of every language."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml

from bench.lexicons import shipped_lexicons
from schemas.program import Program
from schemas.recommendation import Recommendation
from schemas.topics import RECOMMENDATIONS
from services.composer.adapters.mail_renderer import MailRenderer
from services.composer.adapters.prompt_file import read_prompt
from services.composer.adapters.words_file import proven, read_locales
from services.composer.pipeline import World
from services.runtime.fake_seal import FakeSeal
from services.runtime.llm_client import NoLlm
from services.runtime.outcome import Message
from services.runtime.program import read_program
from tests.fake_suppressions import FakeSuppressions

ROOT = Path(__file__).parents[1]
ROWS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "eight_languages.yaml").read_text(encoding="utf-8"))
LANGUAGES = tuple(ROWS)
EXAMPLE = orjson.loads((ROOT / "schemas" / "examples" / "recommendations" / "course.json").read_bytes())
URL = "https://www.tidewell.example/courses/a-course"
NOW = datetime(2026, 11, 3, 9, 31, tzinfo=UTC)
PROMPT = read_prompt("copy.v2")


@cache
def business() -> Program:
    """The academy, writing every language that is shipped."""
    academy = read_program(ROOT / "examples" / "academy")
    titles: dict[str, dict[str, str]] = {}
    for language, row in ROWS.items():
        for topic, title in row["topics"].items():
            titles.setdefault(topic, {})[language] = title
    topics = {
        name: each.model_copy(update={"title": {**each.title, **titles.get(name, {})}})
        for name, each in academy.signals.topics.items()
    }
    brand = academy.brand.model_copy(update={"languages": LANGUAGES})
    signals = academy.signals.model_copy(update={"topics": topics})
    return academy.model_copy(update={"brand": brand, "signals": signals})


@cache
def world() -> World:
    """A composer of that business without a model."""
    program, lexicons = business(), shipped_lexicons()
    return World(
        program=program, prompt=PROMPT, outbound_key=b"o" * 32, address_key=b"a" * 32, seal=FakeSeal(), model=NoLlm(),
        renderer=MailRenderer(), suppressions=FakeSuppressions(b"s"), now=lambda: NOW, lexicons=lexicons,
        locales=proven(read_locales(program), program.brand, PROMPT, lexicons),
    )  # fmt: skip


def recommended(language: str, **changes: Any) -> Recommendation:
    """A recommendation of this language's course to its lead.

    `course` are fields of the course, `lead` those of the lead: conversion, goal, company, job, role, name; a field of
    the lead that is None is not known. `decision_id` and `event` are the request's; `also`: further courses.
    """
    row = ROWS[language]
    lead = {**row["lead"], **changes.get("lead", {})}
    given = orjson.loads(orjson.dumps(EXAMPLE))
    request = given["request"]
    given["course"] |= {**row["course"], "language": language, "url": URL, **changes.get("course", {})}
    given["also"] = [{**given["course"], **each} for each in changes.get("also", ())]
    given["job"]["text"] = lead["job"] or "-"
    given["rungs"]["job"] = "llm" if lead["job"] else "rules"
    request["language"] = language
    request["decision_id"] = changes.get("decision_id", request["decision_id"])
    request["recipient"]["name"] = lead["name"]
    request["trigger"] |= {"title": lead["conversion"], "event_name": changes.get("event", "Guide Downloaded")}
    request["snapshot"]["signals"][0]["topics"] = ["social-media"]
    request["snapshot"]["facts"] = [
        {"name": name, "value": lead[name], "source": "crm", "is_verified": True, "said_at": request["created_at"]}
        for name in ("company", "goal", "role")
        if lead.get(name)
    ]
    return Recommendation.model_validate(given)


def message(recommendation: Recommendation) -> Message:
    """The record a recommendation comes in."""
    return Message(RECOMMENDATIONS, 0, 0, b"", recommendation, 0)
