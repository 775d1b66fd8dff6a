"""One decision told for a terminal."""

from typing import Any

import pytest

from services.console.core.pricing import BadPrice, Price, cost, money, price_of
from services.console.core.story import story
from services.console.core.telling import explained
from services.console.core.values import Dossier

TITLE = "Email automation checklist"


def _lines(*parts: Any, prices: Any = None) -> list[str]:
    return list(explained(story(Dossier(*parts)), prices or {}))


def test_all_that_led_to_a_mail_is_told(decision: Any, mail: Any, feedback: Any) -> None:
    """Who, trigger, arm, profile, signals, job, imagined course, candidates, pick, shadow, gate, questions, cost."""
    lines = _lines(decision("pinned"), mail(), (feedback(),), prices={"small": Price(1.0, 2.0)})
    for expected in (
        "decision  5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f",
        "ended     sent (composed) at 2026-11-03 09:30:00Z by composer",
        "who       dToxMDAx (tag), language en",
        "arm       treatment of first",
        f"trigger   Guide Downloaded: {TITLE}",
        "          conversion-follow-up, event m-1, 2026-11-03 09:00:00Z, try 0",
        "profile   version 4, hash 000000000000, evidence 3.20",
        f"  s1     3.00  1x guide_downloaded: {TITLE}  [email-marketing]",
        "  interest    3.20  topic:email-marketing",
        "  fact:role: marketing manager (form:guide)",
        "job       by llm: Set up the first automated email sequences without a big team.",
        f"          exploring, confidence 0.70; cites s1 “{TITLE}”",
        "imagined  by llm: Automated email sequences for small teams (beginner)",
        "          skills: sequence planning",
        "found     by lanes: 1 candidates",
        "          index e5-small-1, catalogue 0f0f0f0f0f0f",
        "    #   score  imagined     words  course",
        "    1*  1.900         1         2  email-automation-foundations: Email automation foundations",
        "pick      by score: email-automation-foundations, probability 0.950",
        f"          Starts where the checklist ends.; cites s1 “{TITLE}”",
        "shadow    without a model: newsletter-basics: Newsletter basics; 7 candidates shared",
        "rungs     job llm, imagine llm, retrieve lanes, pick score",
        "gate      refused:",
        "  llm placeholder: {{name}}",
        "asked     job by job.v1: small, answer, 300+60 tokens, 0.90 s",
        "tokens    300 in, 60 out; cost 0.000420",
        "times     copy 1.200 s",
    ):
        assert expected in lines
    assert any(each.startswith("mail      ") for each in lines)
    assert any(each.startswith("feedback  delivered at ") for each in lines)


def test_nothing_told_names_anybody(decision: Any, mail: Any, feedback: Any) -> None:
    """The mail's address and name stay in the mail."""
    told = "\n".join(_lines(decision("pinned"), mail(), (feedback(),)))
    assert "@" not in told
    assert mail().to.name not in told


def test_what_a_stage_left_out_is_left_out(decision: Any) -> None:
    """A trigger that ended early still has its story."""
    example = decision("waiting").model_dump(mode="json")
    example["trigger"]["title"] = None
    example["snapshot"] |= {"signals": [], "interests": [], "facts": []}
    lines = _lines(decision("waiting", **example | {"timings_s": {}}), None, ())
    assert "trigger   Guide Downloaded" in lines
    assert "signals   none" in lines
    assert "          decided again at 2026-11-05 09:30:00Z" in lines
    assert "gate      refused nothing" in lines
    assert "tokens    0 in, 0 out; cost 0.000000" in lines
    assert lines[-1] == "times     none kept"
    assert not any(each.startswith(("job", "imagined", "found", "pick", "shadow", "rungs")) for each in lines)


def test_trigger_that_ended_at_once_tells_that_nothing_was_recorded(decision: Any) -> None:
    """Its record has no lists: it would be wrong to say that the person had no signals."""
    example = decision("waiting").model_dump(mode="json")
    example["snapshot"] |= {"signals": [], "interests": [], "facts": []}
    lines = _lines(decision("waiting", **example | {"ending": "not_asked", "retry_at": None}), None, ())
    assert "signals   not recorded: the trigger ended where its conversion came" in lines


def test_the_rarer_facts_are_told(decision: Any) -> None:
    """History, a verified fact, a course tried out, an agreeing shadow, words left out, a fault with its detail."""
    example = decision("pinned").model_dump(mode="json")
    example["snapshot"] |= {
        "history": [{"course_id": "a", "taken_at": "2026-10-01T00:00:00Z"}], "completed": ["b"], "recommended": ["c"],
    }  # fmt: skip
    example["snapshot"]["facts"][0]["is_verified"] = True
    example["snapshot"]["signals"][0]["topics"] = []
    example["job"]["cites"] = ["s9"]
    example["imagined"]["skills"] = []
    example["candidates"][0]["course_id"] = "another"
    example["pick"] |= {"is_exploration": True, "cites": []}
    example["shadow"]["agrees"] = True
    example |= {"rungs": {}, "generation": None, "catalogue": None, "refusals": [], "left_out": ["fact:goal", "s2"]}
    example["asked"][0] |= {"outcome": "timeout", "detail": "20 s", "model": ""}
    lines = _lines(decision("pinned", **example), None, ())
    for expected in (
        "  taken: a",
        "  completed: b",
        "  recommended: c",
        "  fact:role: marketing manager (form:guide, verified)",
        f"  s1     3.00  1x guide_downloaded: {TITLE}",
        "job       by an unnamed rung: Set up the first automated email sequences without a big team.",
        "          exploring, confidence 0.70; cites s9",
        "          index -, catalogue -",
        "pick      by an unnamed rung: email-automation-foundations, probability 0.950, to learn about it",
        "          Starts where the checklist ends.",
        "shadow    without a model: the same course; 7 candidates shared",
        "left out  fact:goal, s2: meant for a machine, and moved no ranking",
        "asked     job by job.v1: nobody, timeout (20 s), 300+60 tokens, 0.90 s",
        "tokens    300 in, 60 out; cost unknown (no --price)",
    ):
        assert expected in lines


@pytest.mark.parametrize(
    ("text", "read"),
    [("small=0.25/2", ("small", Price(0.25, 2.0))), ("a=b=1/2", ("a=b", Price(1.0, 2.0))), ("1/2", ("*", Price(1, 2)))],
)
def test_a_price_is_of_a_model_or_of_all(text: str, read: tuple[str, Price]) -> None:
    """Per million tokens, in and out."""
    assert price_of(text) == read


def test_a_bad_price_says_what_was_expected(decision: Any) -> None:
    """And one that is missing is no nought."""
    bad = price_of("small")
    assert isinstance(bad, BadPrice)
    assert "expected MODEL=IN/OUT" in bad.message
    assert money(cost(decision().asked, {})) == "unknown (no --price)"
    assert cost(decision().asked, {"*": Price(1.0, 1.0)}) == pytest.approx(0.00036)


def test_further_courses_are_told(decision: Any) -> None:
    """Which candidates the mail shows too, and their titles; a mail of one course has no such line."""
    lines = _lines(decision("three"), None, ())
    assert "    1*  1.900         1         2  email-automation-foundations: Email automation foundations" in lines
    assert "    2+  1.200         -         3  crm-clean-data: Clean data for your CRM" in lines
    at = lines.index("also      crm-clean-data: Clean data for your CRM")
    assert lines[at + 1] == "          seo-first-steps: First steps in search"
    assert not any(each.startswith("also") for each in _lines(decision("pinned"), None, ()))


def test_a_course_that_was_mailed_in_place_of_the_pick_is_told(decision: Any) -> None:
    """The pick says what was chosen, the line below it what went; why is with the gate's words."""
    refusal = {"attempt": "course", "rule": "mail_links", "detail": "a-pick: https://evil.example"}
    example = decision("pinned").model_dump(mode="json")
    example["course"] = example["course"] | {"id": "the-next", "title": "The next that fits"}
    lines = _lines(decision("pinned", **example | {"refusals": [refusal]}), None, ())
    assert "instead   the-next: The next that fits" in lines
    assert "  course mail_links: a-pick: https://evil.example" in lines
    assert not [each for each in _lines(decision("pinned"), None, ()) if each.startswith("instead")]


def test_what_the_second_reader_said_of_which_line_is_told(decision: Any) -> None:
    """Its verdict and words among the refusals, its question among those asked."""
    said = "sentence “The course takes eleven lessons.”: not_supported: nine in its facts"
    asked = {"stage": "reader", "prompt_id": "reader.v1", "outcome": "answer", "model": "large", "prompt_tokens": 900,
             "completion_tokens": 120, "duration_s": 1.5, "escalated": f"small: invalid: {said}"}  # fmt: skip
    refusal = {"attempt": "llm.1", "rule": "reader", "detail": said}
    lines = _lines(decision("pinned", refusals=[refusal], asked=[asked]), None, ())
    assert f"  llm.1 reader: {said}" in lines
    assert "asked     reader by reader.v1: large, answer, 900+120 tokens, 1.50 s" in lines


def test_the_brief_what_it_left_out_and_the_raw_replies_are_told(decision: Any) -> None:
    """Each fact by its id, each thing left out by its rule, the sentence a refusal was about, each reply as it came."""
    example = decision("pinned").model_dump(mode="json")
    example |= {
        "brief": {"fact:role": "Founder & CEO", "fact:order": "first search, then ads"},
        "not_told": [{"field": "fact:company", "rule": "origin"}],
        "refusals": [
            {"attempt": "llm.1", "rule": "number", "detail": "seven", "about": "Seven ways \x1b[31m to write."},
            {"attempt": "llm.2", "rule": "shape", "detail": "no JSON"},
        ],
    }
    example["asked"][0] |= {"text": '{\n "job": "Write"\n}', "is_from_ledger": True}
    lines = _lines(decision("pinned", **example), None, ())
    start = lines.index("brief     2 facts")
    assert lines[start : start + 5] == [
        "brief     2 facts",
        "  fact:role: Founder & CEO",
        "  fact:order: first search, then ads",
        "not told  by rule",
        "  fact:company: origin",
    ]
    start = lines.index("gate      refused:")
    assert lines[start : start + 8] == [
        "gate      refused:",
        "  llm.1 number: seven",
        "    in: Seven ways  [31m to write.",
        "  llm.2 shape: no JSON",
        "asked     job by job.v1: small, answer, 300+60 tokens, 0.90 s, from the ledger",
        "          {",
        '           "job": "Write"',
        "          }",
    ]
