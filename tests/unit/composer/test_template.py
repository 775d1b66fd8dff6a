"""The grounded template is a good letter, and the gate says so."""

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas.recommendation import Recommendation
from services.composer.core.gate.judge import judge
from services.composer.core.template import shortened, template_copy
from services.composer.core.values import Brief, Prompt

Build = Callable[..., Brief]
EVENTS = ["Guide Downloaded", "Demo Asked"]


def _decisions(count: int) -> list[str]:
    return [str(uuid.uuid5(uuid.NAMESPACE_URL, str(number))) for number in range(count)]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("title", ["Email automation checklist", None])
@pytest.mark.parametrize("job", ["llm", "rules"])
def test_every_variant_passes_the_gate(brief: Build, prompt: Prompt, event: str, title: str | None, job: str) -> None:
    """For each act, with and without a title and a job."""
    for decision in _decisions(12):
        made = brief(
            {
                "request.decision_id": decision, "request.trigger.event_name": event, "request.trigger.title": title,
                "rungs.job": job,
            }
        )  # fmt: skip
        copy = template_copy(made)
        assert judge(copy, made, prompt) == ()
        assert 30 <= len(copy.subject) <= 60
        assert 30 <= len(copy.preheader) <= 90


@pytest.mark.parametrize("event", EVENTS)
def test_every_spanish_variant_passes_the_gate(
    spanish: Recommendation, brief_about: Callable[[Recommendation], Brief], prompt: Prompt, event: str
) -> None:
    """Spanish words about a Spanish course."""
    for decision in _decisions(12):
        trigger = spanish.request.trigger.model_copy(update={"event_name": event})
        request = spanish.request.model_copy(update={"decision_id": decision, "trigger": trigger})
        made = brief_about(spanish.model_copy(update={"request": request}))
        assert judge(template_copy(made), made, prompt) == ()


def test_one_decision_has_one_letter_and_two_seldom_share_one(brief: Build) -> None:
    """Variants follow the decision's id."""
    copies = [template_copy(brief({"request.decision_id": each})) for each in _decisions(12)]
    assert copies == [template_copy(brief({"request.decision_id": each})) for each in _decisions(12)]
    assert len(set(copies)) == 12
    assert len({copy.subject for copy in copies}) > 2


def test_a_bare_course_still_makes_a_letter(brief: Build, prompt: Prompt) -> None:
    """Without takeaways, skills or a title that fits there is still a course to introduce."""
    bare = {
        "course.takeaways": [], "course.skills": [], "course.topics": ["unknown"], "request.trigger.title": None,
        "course.title": " ".join(f"planning{chr(97 + n)}" for n in range(18)),
        "course.description": "x" * 400, "rungs.job": "rules",
    }  # fmt: skip
    for decision in _decisions(6):
        made = brief({**bare, "request.decision_id": decision})
        copy = template_copy(made)
        assert judge(copy, made, prompt) == ()
        assert len(copy.subject) <= 60
        assert copy.subject.endswith("…") or copy.subject == made.locale.words.plain.subject


def test_one_takeaway_is_not_counted(brief: Build) -> None:
    """No subject says `one notes`."""
    copies = [
        template_copy(brief({"request.decision_id": each, "course.takeaways": ["Answer every reply by hand."]}))
        for each in _decisions(12)
    ]
    assert not any("notes on" in copy.subject for copy in copies)


def test_subject_and_preheader_show_the_title_once(brief: Build) -> None:
    """Two lines, two pieces of news."""
    for each in _decisions(30):
        copy = template_copy(brief({"request.decision_id": each}))
        assert not ("Email automation foundations" in copy.subject and "Email automation foundations" in copy.preheader)


def test_shortening_keeps_whole_words() -> None:
    """And ends with an ellipsis."""
    assert shortened("short", 10) == "short"
    assert shortened("a longer, text", 10) == "a longer…"


def test_the_course_is_quoted_in_whole_sentences_up_to_a_measure(brief: Build) -> None:
    """A sentence that would pass it is left out, and all after it."""
    long = "This sentence has exactly eight words in it. " * 2 + "It takes " + "many " * 30 + "words. And more."
    quoted = [each.text for each in template_copy(brief({"course.description": long})).sentences]
    assert quoted.count("This sentence has exactly eight words in it.") == 1
    assert "And more." not in quoted


AFTER = [
    ({"facts": ["fewer cold leads"]}, ("fact:goal",), "“fewer cold leads”"),
    ({"signals": ["social-media"]}, ("s1", "fact:topic"), "social media"),
    ({}, ("fact:topic",), ""),
]


@pytest.mark.parametrize(("given", "cited", "said"), AFTER, ids=["goal", "interest", "topic"])
def test_the_second_line_is_what_the_lead_is_after(
    brief: Build, prompt: Prompt, given: dict[str, list[str]], cited: tuple[str, ...], said: str
) -> None:
    """Their goal, where no job is known; else what else they are interested in; else the topic."""
    fact = {"name": "goal", "source": "crm", "is_verified": True, "said_at": "2026-11-03T09:00:00Z"}
    signal = {"id": "s1", "kind": "read", "title": "", "weight": 1, "count": 1, "last_at": "2026-11-03T09:00:00Z"}
    made = brief(
        {
            "rungs.job": "rules",
            "request.snapshot.facts": [{**fact, "value": each} for each in given.get("facts", [])],
            "request.snapshot.signals": [{**signal, "topics": [each]} for each in given.get("signals", [])],
        }
    )
    copy = template_copy(made)
    assert copy.sentences[1].cites == cited
    assert said in copy.sentences[1].text.casefold()
    assert judge(copy, made, prompt) == ()


def test_an_act_that_has_no_fitting_last_line_leaves_it_out(brief: Build, prompt: Prompt) -> None:
    """Each of its lines counts notes, and the course has none: the mail ends before it."""
    made = brief({"course.takeaways": []})
    counting = made.act.model_copy(update={"fit": ("Keep the {count} notes beside it.",)})
    full, bare = template_copy(replace(made, company=None)), template_copy(replace(made, company=None, act=counting))
    assert [each.text for each in bare.sentences] == [each.text for each in full.sentences[:-1]]
    assert full.sentences[-1].cites == ("fact:act",)
    assert judge(bare, made, prompt) == ()
