"""The pages as HTML: jinja2 with autoescape, so that whatever a page title or a model says is shown as text."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.console.core import words
from services.console.core.flow import Snapshot
from services.console.core.listing import Listing
from services.console.core.picture import tall, wide
from services.console.core.present import Present
from services.console.core.reconciling import told
from services.console.core.story import Story
from services.console.core.values import ENDINGS, Row

CENT = 10_000  # millionths
PICTURES = wide(), tall()
TEMPLATES = Path(__file__).parents[1] / "templates"


class Pages:
    """Compiles each template once."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "ending": words.ending_words,
            "tone": words.tone,
            "reason": words.reason_words,
            "rung": words.rung_words,
            "in_order": words.in_order,
            "answered_by": words.answered_by,
            "stage": words.stage_words,
            "buying": words.buying_words,
            "feedback": words.feedback_words,
            "instant": _instant,
            "number": _number,
            "money": _money,
            "rung_choice": words.rung_choice,
            "rate": words.rate_words,
            "state": words.state_words,
            "state_tone": words.state_tone,
            "known": words.known,
            "since": _since,
            "clock": _clock,
        }

    def listing(self, listing: Listing) -> str:
        """The list of decisions."""
        return self._environment.get_template("listing.html").render(listing=listing, endings=ENDINGS)

    def story(self, story: Story) -> str:
        """One decision."""
        return self._environment.get_template("story.html").render(story=story, decision=story.dossier.decision)

    def person(self, person: str, present: Present | None, rows: Sequence[Row]) -> str:
        """One person: what is stored of them, and what was decided."""
        return self._environment.get_template("person.html").render(person=person, present=present, rows=rows)

    def pipeline(self, snapshot: Snapshot) -> str:
        """The pipeline, with what keeps it up to date."""
        return self._environment.get_template("pipeline.html").render(now=snapshot, pictures=PICTURES)

    def now(self, snapshot: Snapshot) -> str:
        """The part of that page which changes."""
        return self._environment.get_template("now.html").render(now=snapshot, pictures=PICTURES)

    def message(self, title: str, text: str) -> str:
        """A page that says one thing."""
        return self._environment.get_template("message.html").render(title=title, text=text)


def _number(value: int) -> str:
    return f"{value:,}"


def _money(micros: int) -> str:
    return f"{micros / 1_000_000:,.2f}" if micros >= CENT else f"{micros / 1_000_000:.6f}".rstrip("0").rstrip(".")


def _since(at: datetime, now: datetime) -> str:
    return told(max(0, int((now - at).total_seconds())))


def _clock(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%H:%M:%S UTC")


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%-d %b %Y, %H:%M UTC")
