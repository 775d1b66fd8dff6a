"""Two whole emails as committed: a change of words or layout is seen in a diff. `GOLDEN=write` renews them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.recommendation import Recommendation
from services.composer.pipeline import World, compose
from services.runtime.outcome import Emit, Message

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
    assert isinstance(outcome, Emit)
    mail = outcome.records[0].event
    head = [f"Subject: {mail.subject}", f"Preheader: {mail.preheader}", *(f"{k}: {v}" for k, v in mail.headers.items())]
    parts = {f"email.{language}.html": mail.html, f"email.{language}.txt": "\n".join((*head, "", mail.text))}
    for name, text in parts.items():
        if os.environ.get("GOLDEN") == "write":
            (GOLDEN / name).write_text(text)
        assert (GOLDEN / name).read_text() == text
