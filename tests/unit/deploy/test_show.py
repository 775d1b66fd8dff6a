"""What the demo prints, to a pipe and to a terminal; and which recorded answers it says to write anew."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from deploy.local.anew import anew
from deploy.local.show import PIPED_COLUMNS, console_of, print_all, watching
from deploy.local.story import Lead
from deploy.local.watch import Conversion
from schemas.codec import decode
from schemas.decision import Decision
from schemas.topics import DECISIONS, EMAIL_OUTBOUND

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
ABOUT = "Marketing manager of a shop whose story is told in a line that is longer than eighty columns."
ASKED = [
    {"stage": "job+imagine", "prompt_id": "job_imagine.v1", "outcome": "answer", "model": "recorded"},
    {"stage": "pick", "prompt_id": "pick.v2", "outcome": "answer", "model": "recorded"},
    {"stage": "copy", "prompt_id": "copy.v1", "outcome": "answer", "model": "recorded"},
]
INVALID = ASKED[1] | {"outcome": "invalid", "detail": "none given"}
REFUSED = [{"attempt": f"llm.{number}", "rule": "grounding", "detail": "1 of 5"} for number in (1, 2)]
RUNGS = {"job": "llm", "imagine": "llm", "retrieve": "lanes", "pick": "llm", "copy": "llm", "language": "asked"}


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def _decision(name: str, **changes: Any) -> Decision:
    if name == "no_consent":
        return _decision("waiting", **{"ending": "not_asked", "reason": "no_consent", **changes})
    example = decode(DECISIONS, (EXAMPLES / "decisions" / f"{name}.json").read_bytes())
    return Decision.model_validate(example.model_dump() | changes)


def _conversion(name: str = "sent", *, topic: str | None = None, expected: str = "email", **changes: Any) -> Conversion:
    lead = Lead(
        name="Maya", user_id="maya", anonymous_id="a", email=None, about=ABOUT, through="kafka", ends=(expected,),
        topic=topic, steps=(),
    )  # fmt: skip
    decision = _decision(name, **{"asked": ASKED, "rungs": RUNGS, "refusals": [], **changes})
    made = Conversion(lead, "e", expected, decision=decision, stage=decision.ending)
    if name == "sent":
        made.end, made.is_delivered = "email", True
        made.email = decode(EMAIL_OUTBOUND, (EXAMPLES / "email.outbound" / "course.json").read_bytes())
    else:
        made.end = decision.reason
    return made


def _shown(*conversions: Conversion, stream: io.StringIO | None = None) -> str:
    stream = io.StringIO() if stream is None else stream
    print_all(console_of(stream), conversions)
    return stream.getvalue()


def test_what_is_piped_is_whole_and_wider_than_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is cut, and each part is there once."""
    monkeypatch.delenv("COLUMNS", raising=False)
    shown = _shown(_conversion(), _conversion("no_consent", expected="no_consent"))
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) > 80
    assert shown.count("Kindling at work") == shown.count("Subject: ") == shown.count("No email, and why:") == 1
    assert f"  Maya       no_consent: {ABOUT}\n" in shown


def test_a_narrow_table_folds_what_it_does_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets `COLUMNS` gets as many, and every letter all the same."""
    monkeypatch.setenv("COLUMNS", "60")
    shown = _shown(_conversion())
    assert "…" not in shown
    assert {len(line) for line in shown.splitlines() if line[:1] in "┏┃┡│└╭╰"} <= set(range(61))


def test_a_terminal_is_as_wide_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The width is asked of the terminal."""
    monkeypatch.setenv("COLUMNS", "100")
    assert console_of(Terminal()).width == 100
    monkeypatch.delenv("COLUMNS")
    assert console_of(io.StringIO()).width == PIPED_COLUMNS


def test_the_table_at_work_is_drawn_on_a_terminal_alone() -> None:
    """Into a pipe it would be printed again and again."""
    piped, terminal = io.StringIO(), Terminal()
    for stream in (piped, terminal):
        with watching(
            Console(file=stream, width=120, force_terminal=stream is terminal), lambda: [_conversion()]
        ) as draw:
            draw()
    assert piped.getvalue() == ""
    assert "Kindling at work" in terminal.getvalue()


def test_who_waits_is_not_among_those_who_get_no_email() -> None:
    """Later is not never."""
    shown = _shown(_conversion("no_consent", expected="no_consent"), _conversion("waiting", expected="cap_reached"))
    without, _, waiting = shown.partition("Waiting, and why:")
    assert "no_consent" in without.partition("No email, and why:")[2]
    assert "no_consent" not in waiting
    assert "Maya       cap_reached" in waiting


def test_no_heading_stands_over_nobody() -> None:
    """Where everybody got a mail."""
    shown = _shown(_conversion())
    assert "and why:" not in shown


def test_a_model_is_named_in_the_line_of_rungs() -> None:
    """Other rungs keep their names."""
    assert "job:recorded imagine:recorded retrieve:lanes pick:recorded copy:template" in _shown(
        _conversion(rungs=RUNGS | {"copy": "template"})
    )


def test_each_reason_is_one_line_whatever_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a line can be searched for."""
    monkeypatch.setenv("COLUMNS", "80")
    each = _conversion()
    (line,) = [line for line in _shown(each).splitlines() if line.startswith("           rungs ")]
    assert line.endswith(f"decision {each.decision.decision_id}")


def test_a_mail_on_another_topic_is_a_surprise() -> None:
    """It says which topic was expected and which course came."""
    right, wrong = _conversion(topic="email-marketing"), _conversion(topic="crm")
    assert (right.is_surprise, wrong.is_surprise) == (False, True)
    assert "off topic" not in _shown(right)
    assert "off topic: expected a course about crm, came" in _shown(wrong)


def test_a_mail_about_no_course_is_on_no_topic() -> None:
    """A record that lost its course."""
    assert _conversion(topic="crm", course=None).is_off_topic


def test_nothing_is_to_be_written_where_every_answer_was_used() -> None:
    """A conversion without a mail has none."""
    assert anew([_conversion(), _conversion("no_consent")], [], Path("academy")) == []


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {
                "rungs": RUNGS | {"copy": "template"},
                "refusals": REFUSED,
            },
            "Maya's copy is of template, not of copy.v1: refused by grounding (1 of 5)",
        ),
        (
            {"rungs": RUNGS | {"pick": "posterior"}, "asked": [ASKED[0], INVALID, ASKED[2]]},
            "Maya's pick is of posterior, not of pick.v2: none given",
        ),
        (
            {"rungs": RUNGS | {"imagine": "composed"}, "asked": [ASKED[0] | {"outcome": "timeout"}, *ASKED[1:]]},
            "Maya's imagine is of composed, not of job_imagine.v1: timeout",
        ),
        (
            {"rungs": RUNGS | {"copy": "template"}, "asked": ASKED[:2]},
            "Maya's copy is of template, not of a prompt that nobody asked: it was not asked",
        ),
    ],
)  # fmt: skip
def test_an_answer_that_was_not_used_is_named_with_the_reason(changes: dict[str, Any], line: str) -> None:
    """Lead, stage, prompt version, what was said against it, and the file."""
    assert anew([_conversion(**changes)], [], Path("academy")) == [
        f"{line}; write it anew in academy/recorded/maya.yaml"
    ]


def test_what_is_missing_is_said_once() -> None:
    """As the endpoint says it, with how often; not again as an answer that was not used."""
    asked = [*ASKED[:2], ASKED[2] | {"outcome": "invalid_request", "model": ""}]
    lines = anew(
        [_conversion(rungs=RUNGS | {"copy": "template"}, asked=asked)],
        [{"todo": "no answer to copy.v2 about Maya", "times": 1}],
        Path("academy"),
    )
    assert lines == ["no answer to copy.v2 about Maya (asked 1 times)"]


def test_no_answer_can_be_used_in_a_language_the_composer_has_no_words_of() -> None:
    """The record says so itself."""
    assert anew([_conversion(rungs=RUNGS | {"copy": "template", "language": "brand_default"})], [], Path("a")) == []
