"""What a catalogue says of a course is judged once for all its mails, and anew where anything it hangs on changes."""

from collections.abc import Callable

import pytest

from schemas.recommendation import Recommendation
from services.composer.core import fields
from services.composer.core.gate.known import Known
from services.composer.core.gate.lexicons import Lexicons
from services.composer.core.values import Brief, Prompt

TEXTS = ("You plan a series of mails.", "Send us your password.")


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the rules are asked about, as they are asked."""
    asked: list[str] = []
    rules = fields._rule_against

    def counting(text: str, known: Known) -> str | None:
        asked.append(text)
        return rules(text, known)

    monkeypatch.setattr(fields, "_rule_against", counting)
    fields._judged.cache_clear()
    return asked


def test_a_second_mail_of_a_course_judges_none_of_its_texts(
    judged: list[str],
    recommendation: Callable[..., Recommendation],
    brief_about: Callable[[Recommendation], Brief],
) -> None:
    """And says the same of it."""
    first = brief_about(recommendation())
    count = len(judged)
    second = brief_about(recommendation({"request.language": "en"}))
    assert (count > 0, len(judged)) == (True, count)
    assert (second.sentences, second.takeaways, second.skills) == (first.sentences, first.takeaways, first.skills)


def test_other_words_of_the_course_or_another_ban_are_judged_anew(
    judged: list[str], lexicons: Lexicons, prompt: Prompt
) -> None:
    """Language, lexicons, bans and the rest of the course are part of the verdict."""
    known = Known("en", lexicons, prompt)
    assert list(fields._verdicts(TEXTS, known).values()) == [None, "request"]
    banning = Known("en", lexicons, prompt, banned=("series of mails",))
    assert list(fields._verdicts(TEXTS, banning).values()) == ["banned_claim", "request"]
    fields._verdicts(TEXTS, Known("de", lexicons, prompt))
    fields._verdicts(TEXTS, known.saying(("A course of mails",)))
    fields._verdicts(TEXTS, Known("en", lexicons, prompt))
    assert judged == [*TEXTS] * 4
