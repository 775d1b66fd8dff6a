"""Whole emails as committed: a change of words or layout is seen in a diff. `GOLDEN=write` renews them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.course import Course
from schemas.recommendation import Recommendation
from schemas.topics import RECOMMENDATIONS
from services.composer.pipeline import World, compose
from services.runtime.outcome import Emit, Message, Outcome

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("language", ["en", "es"])
async def test_the_email_is_as_committed(
    recommendation: Callable[..., Recommendation],
    spanish: Recommendation,
    world: Callable[..., World],
    message: Callable[[Recommendation], Message],
    language: str,
) -> None:
    """Subject, both parts, headers."""
    outcome = await compose(message({"en": recommendation(), "es": spanish}[language]), world())
    _compare(outcome, language)


@pytest.mark.parametrize("language", ["en", "es"])
async def test_the_email_of_three_courses_is_as_committed(
    recommendation: Callable[..., Recommendation],
    spanish: Recommendation,
    also: Callable[..., tuple[Course, ...]],
    world: Callable[..., World],
    language: str,
) -> None:
    """The same mail with two more courses below its own."""
    one = {"en": recommendation(), "es": spanish}[language]
    three = one.model_copy(update={"also": also(language=language)})
    message = Message(RECOMMENDATIONS, 0, 7, three.request.person.encode(), three, 0)
    _compare(await compose(message, world()), f"three.{language}")


def _compare(outcome: Outcome, name: str) -> None:
    assert isinstance(outcome, Emit)
    mail = outcome.records[0].event
    head = [f"Subject: {mail.subject}", f"Preheader: {mail.preheader}", *(f"{k}: {v}" for k, v in mail.headers.items())]
    parts = {f"email.{name}.html": mail.html, f"email.{name}.txt": "\n".join((*head, "", mail.text))}
    for file, text in parts.items():
        if os.environ.get("GOLDEN") == "write":
            (GOLDEN / file).write_text(text)
        assert (GOLDEN / file).read_text() == text
