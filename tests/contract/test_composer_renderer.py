"""What every renderer promises: both parts hold every slot, escaped in HTML, and no other link."""

import html
from dataclasses import replace
from typing import Any

import pytest

from services.composer.adapters.fake_renderer import FakeRenderer
from services.composer.adapters.mail_renderer import MailRenderer
from services.composer.core.gate.mail import judge_mail
from services.composer.core.values import Further, Letter, Rendered
from services.composer.ports import Renderer

HOSTS = frozenset({"academy.example.com"})
LETTER = Letter(
    language="en",
    subject="Planning a first sequence",
    preheader="Start with the goal",
    greeting="Hello Ana,",
    opening="Thank you for the question.",
    lesson_title="Two things worth trying",
    lesson=("Write the goal first.", "Answer every reply."),
    bridge="They come from a course of ours.",
    card_label="The course",
    course_title="Email automation foundations",
    course_line="Beginner level",
    skills="You will practise: planning and writing.",
    button="See the course",
    course_url="https://academy.example.com/courses/1?a=1&b=2",
    closing="With kind regards,",
    sender="Harbour Academy",
    explanation="You asked for it.",
    postal_address="1 Example Street",
    unsubscribe_label="Unsubscribe",
    unsubscribe_url="https://academy.example.com/u/abc",
    further_title="Also worth a look",
    further=(
        Further(
            "b",
            "Letters & <notes>",
            "Beginner level",
            "You will practise: writing.",
            "https://academy.example.com/2?a=1&b=2",
        ),
        Further("c", "Plain pages", "Advanced level", "", "https://academy.example.com/3"),
    ),
)


@pytest.fixture(params=[MailRenderer, FakeRenderer], ids=["mrml", "fake"])
def renderer(request: pytest.FixtureRequest) -> Renderer:
    """The real one and its fake."""
    made: Renderer = request.param()
    return made


def _render(renderer: Renderer, letter: Letter) -> Rendered:
    rendered = renderer.render(letter)
    assert isinstance(rendered, Rendered)
    return rendered


def test_a_rendered_letter_passes_the_gate(renderer: Renderer) -> None:
    """Whole, one first heading, its language, only our links."""
    assert judge_mail(LETTER, _render(renderer, LETTER), HOSTS) == ()


def test_the_same_letter_renders_the_same(renderer: Renderer) -> None:
    """Byte for byte."""
    assert _render(renderer, LETTER) == _render(renderer, LETTER)


def test_footer_of_the_text_stands_below_a_signature_line(renderer: Renderer) -> None:
    """Dash, dash, space (RFC 3676, 4.3): a reply leaves out what is below it. Once, and before the footer."""
    lines = _render(renderer, LETTER).text.splitlines()
    assert [line for line in lines if line.startswith("--")] == ["-- "]
    assert lines[lines.index("-- ") + 1] == LETTER.explanation


def test_every_slot_is_escaped(renderer: Renderer) -> None:
    """Markup in a slot is text."""
    markup = '<b onclick="x">&"\'{{ 7 * 7 }}</b><mj-raw>'
    slots = ("subject", "greeting", "opening", "bridge", "course_title", "button", "explanation", "postal_address")
    more = replace(LETTER.further[0], title=markup, line=markup, note=markup)
    filled: Any = {**dict.fromkeys(slots, markup), "lesson": (markup,), "further": (more,)}
    rendered = _render(renderer, replace(LETTER, **filled))
    assert "<b onclick" not in rendered.html
    assert "<mj-raw>" not in rendered.html
    assert markup in html.unescape(rendered.html)
    assert markup in rendered.text


def test_optional_parts_leave_no_hole(renderer: Renderer) -> None:
    """A course without takeaways or skills still makes a mail."""
    bare = replace(LETTER, lesson=(), skills="", opening="")
    assert judge_mail(bare, _render(renderer, bare), HOSTS) == ()
