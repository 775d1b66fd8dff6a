"""What the models really said, beside what the record has of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from schemas.decision import Decision
from schemas.ledger import KeptReply
from schemas.recommendation import Asked
from schemas.topics import DECISIONS, LLM_REPLIES
from services.console.core.said import SKEW, Said, said_of
from services.console.core.story import story
from services.console.core.telling import explained
from services.console.core.values import Dossier
from services.console.pipeline import hear
from services.runtime.outcome import Message

Reply = Callable[..., KeptReply]


@pytest.fixture
def asking(decision: Callable[..., Decision]) -> Callable[..., Decision]:
    """A decision with these questions."""
    return lambda *asked: decision("pinned", asked=[each.model_dump() for each in asked])


@pytest.fixture
def reply(decision: Callable[..., Decision]) -> Reply:
    """A reply of the ledger to that decision's person, while it was made."""
    made = decision("pinned")

    def build(**changes: Any) -> KeptReply:
        usual = {
            "key": "a" * 64, "service": "composer", "person": made.person, "stage": "copy", "prompt_id": "copy.v2",
            "model": "small", "outcome": "answer", "text": '{"n": 1}', "asked_at": made.ended_at - timedelta(seconds=5),
        }  # fmt: skip
        return KeptReply.model_validate({**usual, **changes})

    return build


def _asked(**changes: Any) -> Asked:
    return Asked.model_validate(
        {"stage": "copy", "prompt_id": "copy.v2", "outcome": "answer", "model": "small", "text": '{"n": 1}', **changes}
    )


def _lines(decision: Decision, said: Said | None) -> list[str]:
    return list(explained(story(Dossier(decision, None, ())), {}, said))


def test_each_question_has_its_own_raw_reply(asking: Callable[..., Decision], reply: Reply) -> None:
    """By stage, prompt and what the record has of the text, which is its beginning; each reply once."""
    first, second = _asked(text='{"n": 1}'), _asked(text='{"n": 2')
    ledger = [reply(stage="reader", text="other"), reply(text='{"n": 2, "more": 3}'), reply(text=' {"n": 1}\n')]
    said = said_of(asking(first, second), ledger)
    assert said.replies == (ledger[2], ledger[1])
    assert said.beside == (ledger[0],)


@pytest.mark.parametrize("asked", [_asked(outcome="invalid"), _asked(outcome="not_json", text="", detail="no object")])
def test_a_refused_answer_is_shown_as_it_came(asked: Asked, asking: Callable[..., Decision], reply: Reply) -> None:
    """An invalid one, and one that was no answer at all, of which the record has a word alone."""
    raw = '{"n": 1}' if asked.text else "Sure! Here is your mail:\nDear you,"
    made = asking(asked)
    said = said_of(made, [reply(outcome="answer" if asked.text else "not_json", text=raw)])
    lines = _lines(made, said)
    assert [line for line in lines if line.strip() in raw.splitlines()] == [f"          {x}" for x in raw.splitlines()]
    assert not any("no more in llm.replies" in line for line in lines)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (_asked(), "raw reply: no more in llm.replies; what the record has of it:"),
        (_asked(outcome="timeout", text=""), "raw reply: no more in llm.replies"),
    ],
)
def test_a_reply_that_is_gone_is_said_to_be(asked: Asked, said: str, asking: Callable[..., Decision]) -> None:
    """The topic keeps three days; the record's words stand below."""
    lines = _lines(asking(asked), said_of(asking(asked), ()))
    at = lines.index(f"          {said}")
    assert lines[at + 1] == (f"          {asked.text}" if asked.text else "tokens    0 in, 0 out; cost 0.000000")


def test_where_nobody_looked_nothing_is_said_of_the_ledger(asking: Callable[..., Decision]) -> None:
    """A case of a file, or a topic that may not be read."""
    assert not any("llm.replies" in line for line in _lines(asking(_asked()), None))


def test_a_smaller_models_answer_is_told_beside(asking: Callable[..., Decision], reply: Reply) -> None:
    """The record has the larger one's alone; a control character of either moves no terminal."""
    made = asking(_asked())
    lines = _lines(made, said_of(made, [reply(), reply(model="tiny", text="\x1b[2J{}", detail="doubted\n")]))
    assert "beside    copy by copy.v2: tiny, answer (doubted ); no question's answer" in lines
    assert "           [2J{}" in lines


@pytest.mark.parametrize(
    "changes",
    [{"person": "u:another"}, {"asked_at": "2020-01-01T00:00:00Z"}, {"asked_at": "2036-01-01T00:00:00Z"}],
)
def test_a_reply_of_another_decision_is_not_its(
    changes: dict[str, Any], asking: Callable[..., Decision], reply: Reply
) -> None:
    """Of another person, before the trigger opened, after it ended."""
    assert said_of(asking(_asked()), [reply(**changes)]) == Said((None,))


def test_clocks_may_differ_a_little(asking: Callable[..., Decision], reply: Reply) -> None:
    """The services' clocks are not one."""
    made = asking(_asked())
    late = reply(asked_at=made.ended_at + SKEW)
    early = reply(asked_at=made.trigger.opened_at - SKEW)
    assert said_of(made, [late]).replies == (late,)
    assert said_of(made, [early]).replies == (early,)


def test_of_the_ledger_only_one_persons_replies_are_kept(decision: Callable[..., Decision], reply: Reply) -> None:
    """And nothing else that a topic may hold."""
    kept: list[KeptReply] = []
    for event in (reply(), reply(person="u:another"), None):
        hear(Message(LLM_REPLIES, 0, 0, b"k", event, 0), decision("pinned").person, kept)
    hear(Message(DECISIONS, 0, 0, b"k", decision("pinned"), 0), decision("pinned").person, kept)
    assert kept == [reply()]
