"""What a program's values refuse, and how they say so."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.program import Content, Experiment, Playbook, SignalRule, Signals

RULE = {"name": "read", "event": "page", "kind": "read", "weight": 1, "topics": ["mail"]}
TOPICS = {"mail": {"title": {"en": "Mail"}, "neighbours": []}}


def _signals(**over: Any) -> dict[str, Any]:
    return {"version": 1, "topics": TOPICS, "rules": [RULE], **over}


def test_a_whole_signals_file_is_taken() -> None:
    """With its defaults."""
    assert Signals.model_validate(_signals()).half_life_days == 30


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"rules": [{**RULE, "topics": ["post"]}]}, "topic 'post' is not in topics"),
        ({"topics": {"mail": {"title": {"en": "Mail"}, "neighbours": ["post"]}}}, "neighbour 'post' is not in topics"),
    ],
)
def test_a_topic_that_is_not_there_is_named(over: dict[str, Any], said: str) -> None:
    """With the rule or topic that names it."""
    with pytest.raises(ValidationError, match=said):
        Signals.model_validate(_signals(**over))


def test_a_topic_may_have_neighbours() -> None:
    """Those that exist."""
    pair = {"mail": {"title": {"en": "M"}, "neighbours": ["seo"]}, "seo": {"title": {"en": "S"}}}
    assert Signals.model_validate(_signals(topics=pair)).topics["mail"].neighbours == ("seo",)


def test_a_rule_that_would_match_everything_is_refused() -> None:
    """It needs an event or a path."""
    with pytest.raises(ValidationError, match="match everything"):
        SignalRule(name="all", kind="x", weight=1)


def test_shares_over_one_are_refused() -> None:
    """Holdout and usual are shares of the same persons."""
    with pytest.raises(ValidationError, match="over 1"):
        Experiment(name="x", holdout=0.6, usual=0.6)


def test_playbook_may_have_no_experiment() -> None:
    """Then nobody is held out or has the usual course, and no mail tries anything out."""
    said = {"version": 1, "name": "trial", "purpose": "trial", "entry": ["Trial Started"]}
    assert Playbook.model_validate(said).experiment == Experiment(name="none", holdout=0, usual=0, explore=0)
    own = Playbook.model_validate({**said, "experiment": {"name": "first", "holdout": 0.1}})
    assert (own.experiment.holdout, own.experiment.explore) == (0.1, 0.05)


def test_no_more_than_a_tenth_of_mails_tries_something_out() -> None:
    """One in twenty where nothing is said."""
    assert Experiment(name="x").explore == 0.05
    assert Experiment(name="x", explore=0.1).explore == 0.1
    with pytest.raises(ValidationError, match="explore"):
        Experiment(name="x", explore=0.11)


def test_a_playbook_may_name_a_course_for_whom_none_fits() -> None:
    """By its id; without one such a person gets no mail."""
    fields = {"version": 1, "name": "x", "purpose": "x", "entry": ("y",), "experiment": Experiment(name="x")}
    assert Playbook.model_validate(fields).otherwise is None
    assert Playbook.model_validate(fields | {"otherwise": "first-steps"}).otherwise == "first-steps"
    with pytest.raises(ValidationError, match="otherwise"):
        Playbook.model_validate(fields | {"otherwise": "Not an id"})


PIECE = {"id": "guide-1", "title": "A guide", "language": "en"}


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({**PIECE, "title": "Another"}, "id 'guide-1' stands there twice"),
        ({**PIECE, "id": "guide-2", "title": "A GUIDE"}, "title 'a guide' stands there twice"),
        ({**PIECE, "id": "guide-2", "title": " "}, "title"),
        ({**PIECE, "id": "guide-2", "title": "B", "url": "guides/b"}, "url"),
    ],
)
def test_pieces_of_content_are_told_apart(second: dict[str, Any], said: str) -> None:
    """By id and by title; each has a title, and a path begins at the root."""
    assert len(Content.model_validate({"version": 1, "content": [PIECE]}).content) == 1
    with pytest.raises(ValidationError, match=said):
        Content.model_validate({"version": 1, "content": [PIECE, second]})


def test_a_playbook_is_read_a_second_time_unless_it_says_otherwise() -> None:
    """Yes or no, and no word for it; a program that says nothing of it has the hash of before there was a reader."""
    row = {"version": 1, "name": "a", "purpose": "b", "entry": ["Signed Up"], "experiment": {"name": "c"}}
    playbook = Playbook.model_validate(row)
    assert playbook.reader is True
    assert "reader" not in playbook.model_dump(mode="json")
    unread = Playbook.model_validate({**row, "reader": False})
    assert unread.model_dump(mode="json")["reader"] is False
    with pytest.raises(ValidationError, match="reader"):
        Playbook.model_validate({**row, "reader": "no"})
