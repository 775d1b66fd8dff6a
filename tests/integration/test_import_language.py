"""An import on the real broker: a course is published in the language of its text, once."""

import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from schemas import topics as table
from schemas.codec import decode
from schemas.course import Course
from services.recommender.commands import publish
from services.runtime.py3langid_language import Py3langidLanguage

pytestmark = pytest.mark.kafka
ReadAll = Callable[[table.Topic], Awaitable[list[Any]]]
LIE = {
    "id": "tiempo",
    "title": "Gestión del tiempo",
    "description": "Para quien nunca llega a la hora.",
    "url": "https://www.example.com/tiempo",
    "topics": ["time"],
    "level": "beginner",
    "language": "en",
    "updated_at": "2026-11-27T00:00:00Z",
}


async def test_a_lie_is_published_in_the_language_of_its_text(
    topics: str,
    read_all: ReadAll,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The second time it is there as it would be taken; with the row's word trusted, the word is taken again."""
    caplog.set_level(logging.WARNING, logger="aiokafka")  # the command's own level ends with the test
    monkeypatch.setenv("KINDLING_KAFKA_BOOTSTRAP_SERVERS", topics)
    path = tmp_path / "catalogue.jsonl"
    path.write_text(json.dumps(LIE), encoding="utf-8")
    detect = Py3langidLanguage()
    first = await publish(path, lambda _: None, detect=detect, is_dry_run=False)
    again = await publish(path, lambda _: None, detect=detect, is_dry_run=False)
    trusted = await publish(path, lambda _: None, is_dry_run=False)
    assert [(each.courses, each.unchanged, len(each.differences)) for each in (first, again, trusted)] == [
        (1, 0, 1),
        (0, 1, 1),
        (1, 0, 0),
    ]
    sent = [decode(table.CATALOG_COURSES, each.value) for each in await read_all(table.CATALOG_COURSES)]
    assert [each.language for each in sent if isinstance(each, Course)] == ["es", "en"]
