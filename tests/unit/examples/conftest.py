"""The academy's folder, read once: program, courses and story."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.course import Course
from schemas.program import Brand, Content, Playbook, Program, Signals

ACADEMY = Path(__file__).parents[3] / "examples" / "academy"


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def program() -> Program:
    """Brand, signals, content and playbooks, validated."""
    playbooks = tuple(Playbook.model_validate(_yaml(path)) for path in sorted((ACADEMY / "playbooks").glob("*.yaml")))
    brand = Brand.model_validate(_yaml(ACADEMY / "brand.yaml"))
    signals = Signals.model_validate(_yaml(ACADEMY / "signals.yaml"))
    content = Content.model_validate(_yaml(ACADEMY / "content.yaml")).content
    return Program(brand=brand, signals=signals, playbooks=playbooks, content=content)


@pytest.fixture(scope="session")
def courses() -> tuple[Course, ...]:
    """Every line of the catalogue, validated."""
    lines = (ACADEMY / "catalogue.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(Course.model_validate_json(line) for line in lines)


@pytest.fixture(scope="session")
def leads() -> list[dict[str, Any]]:
    """The leads of the story, with their steps."""
    story = _yaml(ACADEMY / "story.yaml")
    assert story["version"] == 1
    assert json.loads(json.dumps(story)) == story, "a bare date or the like: every value must survive JSON"
    found: list[dict[str, Any]] = story["leads"]
    return found
