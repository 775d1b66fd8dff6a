"""The letter: code adds greeting, lesson, card and footer in every rung."""

from collections.abc import Callable
from dataclasses import replace

from bench.lexicons import shipped_lexicons
from schemas.identity import message_id_of
from schemas.program import Program
from schemas.recommendation import Recommendation
from services.composer.core.brief import brief_of
from services.composer.core.letter import letter_of, split
from services.composer.core.locale import Locales
from services.composer.core.offer import offer_of
from services.composer.core.template import template_copy
from services.composer.core.values import Brief, Copy, Letter, Prompt, Sentence
from services.runtime.fake_seal import FakeSeal

SEAL = FakeSeal()
Rec = Callable[..., Recommendation]


def _letter(given: Recommendation, program: Program, prompt: Prompt, locales: Locales) -> Letter:
    brief = brief_of(offer_of(given, program, prompt, shipped_lexicons(), locales), program)
    return letter_of(template_copy(brief), brief, given, program.brand, SEAL)


def test_the_reader_is_greeted_by_a_verified_name_alone(
    recommendation: Rec, program: Program, prompt: Prompt, locales: Locales
) -> None:
    """Without one the greeting names nobody."""
    assert "Ana" in _letter(recommendation(), program, prompt, locales).greeting
    nameless = _letter(recommendation({"request.recipient.name": None}), program, prompt, locales).greeting
    assert nameless in {"Hello,", "Hello there,"}


def test_nobody_is_greeted_by_what_is_no_name(
    recommendation: Rec, program: Program, prompt: Prompt, locales: Locales
) -> None:
    """Better no name than a wrong one, whoever passed it on."""
    for name in ("www.evil.com", "null", "{{name}}", "P\u0430ul"):
        given = recommendation({"request.recipient.name": name})
        assert _letter(given, program, prompt, locales).greeting in {"Hello,", "Hello there,"}


def test_the_unsubscribe_link_is_a_token_of_ours(
    recommendation: Rec, program: Program, prompt: Prompt, locales: Locales
) -> None:
    """Message, person, address key, purpose, and the language the mail is written in."""
    given = recommendation()
    url = _letter(given, program, prompt, locales).unsubscribe_url
    assert url.startswith("https://events.academy.example.com/u/")
    assert SEAL.open(url.rsplit("/", 1)[1]) == (
        message_id_of(given.request.decision_id), "u:1001", "9f86d081884c7d659a2feaa0c55ad015", "marketing", "en",
    )  # fmt: skip


def test_the_lesson_stands_between_reader_and_course(brief: Callable[..., Brief]) -> None:
    """Sentences split at the first that cites the course."""
    copy = template_copy(brief())
    opening, bridge = split(copy)
    assert "checklist" in opening
    assert "Email automation foundations" in bridge
    about_reader = replace(copy, sentences=(Sentence("Hello.", ("s1",)),))
    assert split(about_reader) == ("Hello.", "")
    assert split(Copy("", "", (), "")) == ("", "")


def test_the_footer_says_why_in_plain_words(
    recommendation: Rec, spanish: Recommendation, program: Program, prompt: Prompt, locales: Locales
) -> None:
    """What was done and what was agreed, when."""
    assert _letter(recommendation(), program, prompt, locales).explanation == (
        "You are receiving this email because you downloaded “Email automation checklist” and, on 3 November 2026, "
        "agreed to hear from Harbour Academy by email."
    )
    assert _letter(spanish, program, prompt, locales).explanation == (
        "Recibes este correo porque descargaste «Treinta ideas de publicación» y el 3 de noviembre de 2026 aceptaste "
        "recibir correos de Harbour Academy."
    )
    untitled = recommendation({"request.trigger.title": None})
    assert "you downloaded a guide and" in _letter(untitled, program, prompt, locales).explanation


def test_the_card_says_level_length_and_a_foreign_language(
    recommendation: Rec, program: Program, prompt: Prompt, locales: Locales
) -> None:
    """Only what is known, and the course's language only where it is not the letter's."""
    assert _letter(recommendation(), program, prompt, locales).course_line == "Beginner level · 3 hours · 12 lessons"
    bare = recommendation({"course.duration_minutes": None, "course.lessons": None})
    assert _letter(bare, program, prompt, locales).course_line == "Beginner level"
    crossed = recommendation({"request.language": "es"})
    assert (
        _letter(crossed, program, prompt, locales).course_line == "Nivel inicial · 3 horas · 12 lecciones · en inglés"
    )
    dutch = recommendation({"course.language": "nl"})
    assert _letter(dutch, program, prompt, locales).course_line.endswith("taught in Dutch")
