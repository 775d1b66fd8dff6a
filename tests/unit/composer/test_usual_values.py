"""150 usual values of forms, drawn before anything read them: at least 95 % of them reach brief and prompt."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.recommendation import DeclaredFact, Recommendation
from services.composer.core.values import Brief
from services.recommender.core.hearing import Hearing
from services.rules.sizes import size_of
from services.runtime.safety import read_safety

VALUES = [json.loads(line) for line in Path("tests/data/usual_values.jsonl").read_text(encoding="utf-8").splitlines()]
LEAST = 0.95
BY_SERVERS = {"company"}  # a browser names no company
AT = "2026-11-03T09:00:00Z"


def _fact(value: str, field: str) -> dict[str, Any]:
    return {"name": field, "value": value, "source": "form", "is_verified": field in BY_SERVERS, "said_at": AT}


def _wanted(value: str, field: str) -> str:
    return " ".join(value.split()) if field != "company_size" else size_of(value) or value


def _share(lost: list[str], count: int, what: str) -> float:
    share = 1 - len(lost) / count
    sys.stdout.write(f"{what}: {share:.3f} of {count}; lost: {'; '.join(lost) or 'none'}\n")
    return share


def test_the_values_are_as_they_were_drawn() -> None:
    """150 of six fields, each once."""
    assert len({(each["value"], each["field"]) for each in VALUES}) == 150
    assert {each["field"] for each in VALUES} == {"role", "company", "industry", "company_size", "product", "goal"}


def test_usual_values_survive_into_the_brief(brief: Callable[..., Brief]) -> None:
    """Each whole, in the fact of its name; a size as its number or range."""
    lost = [f"{field} {value}" for value, field, told in _briefs(brief) if told != _wanted(value, field)]
    assert _share(lost, len(VALUES), "told to the writer") >= LEAST


def test_usual_values_survive_into_the_prompt() -> None:
    """As data for the job; what a site says of products is judged by the same rules."""
    hearing, lost = Hearing(safety=read_safety()), []
    declared = [each for each in VALUES if each["field"] != "product"]
    for each in declared:
        fact = DeclaredFact.model_validate(_fact(**_named(each)))
        if hearing.told(fact, "en") != _wanted(**_named(each)):
            lost.append(f"{each['field']} {each['value']}")
    assert _share(lost, len(declared), "told to the model that infers the job") >= LEAST


def test_a_job_may_name_the_company(brief: Callable[..., Brief]) -> None:
    """Where a server verified it, whatever it is called."""
    lost = []
    companies = [each["value"] for each in VALUES if each["field"] == "company"]
    for name in companies:
        job = f"Set up the first automated email sequences of {name} without a big team"
        told = brief({"request.snapshot.facts": [_fact(name, "company")], "job.text": job, "rungs.job": "llm"})
        if told.job != f"{job}.":
            lost.append(name)
    assert _share(lost, len(companies), "jobs that name the company") >= LEAST


@pytest.mark.parametrize("verified", [False, True])
def test_a_job_names_a_company_only_where_a_server_verified_it(
    brief: Callable[..., Brief], recommendation: Callable[..., Recommendation], *, verified: bool
) -> None:
    """A browser's word widens nothing; the record says which rule left the job out."""
    facts = [_fact("Verano Health", "company") | {"is_verified": verified}]
    job = "Set up the first automated email sequences of Verano Health"
    told = brief({"request.snapshot.facts": facts, "job.text": job, "rungs.job": "llm"})
    assert (told.job is not None) == verified
    assert recommendation().rungs["job"] == "llm"
    left_out = {(each.field, each.rule) for each in told.not_told}
    assert left_out == (set() if verified else {("fact:company", "origin"), ("fact:job", "name")})


def _briefs(brief: Callable[..., Brief]) -> Iterator[tuple[str, str, str | None]]:
    for each in VALUES:
        value, field = each["value"], each["field"]
        if field == "product":
            company = {
                "rung": "llm",
                "reason": "read",
                "facts": [{"name": field, "value": value, "quote": value}],
            }
            made = brief({"company": company, "request.snapshot.facts": []})
        else:
            made = brief({"request.snapshot.facts": [_fact(value, field)]})
        fact = made.fact(f"fact:{field}")
        yield value, field, fact.text if fact else None


def _named(each: dict[str, str]) -> dict[str, str]:
    return {"value": each["value"], "field": each["field"]}
