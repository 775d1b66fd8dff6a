"""What has no end is listed, by the opening event's id; what has one is not."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from schemas import topics
from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail
from schemas.identity import person_tag
from schemas.raw import Call
from services.console.adapters.command_words import read_words
from services.console.core.reconciling import Ledger, Limits, Loose, playbooks_of, told
from services.console.pipeline import enter, loose_ends
from services.runtime.outcome import Message
from services.runtime.program import read_program

ACADEMY = Path(__file__).parents[3] / "examples" / "academy"
ENTERED = {"Guide Downloaded": frozenset({"guide"}), "Both": frozenset({"guide", "trial"})}
HOUR_MS = 3_600_000
NOW = 1_795_500_000_000
LIMITS = Limits(conversion_s=7_200, mail_s=86_400)
Decide = Callable[..., Decision]


def _message(topic: topics.Topic, event: Any, offset: int = 0, age_h: float = 3) -> Message:
    return Message(topic, 1, offset, b"k", event, NOW - int(age_h * HOUR_MS))


def _call(message: str = "m", age_h: float = 3, **over: Any) -> Message:
    said = {"type": "track", "messageId": message, "userId": "ana", "event": "Guide Downloaded", **over}
    return _message(topics.CONVERSIONS_RAW, Call.model_validate(said), 7, age_h)


def _clean(message: str = "m", age_h: float = 3, **over: Any) -> Message:
    event = {
        "id": message, "person": "u:ana", "kind": "conversion", "name": "Guide Downloaded", "trusted": True,
        "time_ms": 0, "received_ms": NOW - int(age_h * HOUR_MS), "at": ("conversions.raw", 1, 7, 0), **over,
    }  # fmt: skip
    return _message(topics.EVENTS_CLEAN, {"v": 1, "events": [event]})


@pytest.fixture
def ended(decision: Decide) -> Callable[..., Message]:
    """A decision on the trigger that an event opened."""

    def make(message: str = "m", ending: str = "not_asked", playbook: str = "guide") -> Message:
        trigger = decision().trigger.model_copy(update={"event_id": message, "playbook": playbook})
        return _message(topics.DECISIONS, decision(ending=ending, trigger=trigger.model_dump(), person="u:another"))

    return make


def _loose(*messages: Message, limits: Limits = LIMITS) -> list[Loose]:
    ledger = Ledger()
    for each in messages:
        enter(each, ledger)
    return list(loose_ends(ledger, ENTERED, limits, NOW))


def test_a_conversion_without_an_end_is_listed() -> None:
    """Where it stands, how old it is and whose, and which playbook owes the end."""
    tag = person_tag("u:ana")
    [found] = _loose(_call(), _clean())
    assert found == Loose("conversion", "open", "conversions.raw/1/7", "m", 10_800, tag, "Guide Downloaded", ("guide",))
    assert found.line() == f"conversion  open  conversions.raw/1/7  m  3h  {tag}  Guide Downloaded  guide"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_conversion_with_an_end_is_not(order: tuple[int, ...], ended: Callable[..., Message]) -> None:
    """By the event's id, whoever the person is now, and whatever is read first or again."""
    messages = [_call(), _clean(), ended()]
    assert _loose(*(messages[place] for place in (*order, *order))) == []


def test_each_playbook_owes_an_end(ended: Callable[..., Message]) -> None:
    """One of two ended: the other is named; an end of a playbook of before is an end where none is owed now."""
    both = _clean(name="Both")
    assert [each.playbooks for each in _loose(both)] == [("guide", "trial")]
    assert [each.playbooks for each in _loose(both, ended())] == [("trial",)]
    assert _loose(both, ended(), ended(playbook="trial")) == []
    all_of_them = Limits(7_200, 86_400, with_unentered=True)
    assert _loose(_clean(name="Gone"), ended(playbook="gone"), limits=all_of_them) == []


def test_an_attempt_is_no_end(ended: Callable[..., Message]) -> None:
    """The trigger waits over a cap."""
    assert [each.state for each in _loose(_clean(), ended(ending="waiting"))] == ["waiting"]
    assert _loose(_clean(), ended(ending="waiting"), ended(ending="sent")) == []


def test_what_ingest_did_not_take_is_listed_as_raw() -> None:
    """Refused, or not read yet: by the earliest record of its id; without a person where only an address names them."""
    found = _loose(_call(age_h=3), _call(age_h=5, userId=None), _call(age_h=4))
    assert [(each.state, each.age_s, each.person_tag) for each in found] == [("raw", 18_000, "")]


def test_what_is_no_conversion_is_not_listed() -> None:
    """An identify, a call without a name, a machine's, what ingest takes for feedback; a tombstone says nothing."""
    told_of_mail = _clean("f", kind="feedback")
    web = _clean("w", kind="page", at=("events.raw", 0, 0, 0))
    others = [_call("i", type="identify", event=None), _call("n", event=""), _message(topics.DECISIONS, None)]
    assert _loose(_call("f"), told_of_mail, web, *others, _call("b"), _clean("b", bot=True)) == []


def test_what_enters_no_playbook_is_listed_when_asked_for() -> None:
    """Under that word."""
    found = _clean(name="Webinar Left")
    assert _loose(found) == []
    [listed] = _loose(found, limits=Limits(7_200, 86_400, with_unentered=True))
    assert (listed.state, listed.playbooks) == ("no_playbook", ())


def test_what_is_young_is_not_listed_yet() -> None:
    """A trigger waits for its quiet period; of one sent twice the first coming counts, the oldest stands first."""
    assert _loose(_clean(age_h=1.9)) == []
    found = _loose(_clean(age_h=3), _clean(age_h=4), _clean(age_h=1), _clean("n", age_h=5))
    assert [(each.id, each.age_s) for each in found] == [("n", 18_000), ("m", 14_400)]


def test_a_mail_without_feedback_is_listed(
    mail: Callable[..., OutboundEmail], feedback: Callable[..., Feedback]
) -> None:
    """By its message id, from when on it may go; any word about it ends it."""
    sent = mail(not_before="2026-01-01T00:00:00Z")
    out = _message(topics.EMAIL_OUTBOUND, sent, 4, age_h=25)
    [found] = _loose(out)
    assert found.line() == f"mail  silent  email.outbound/1/4  {sent.message_id}  1d1h  {sent.person_tag}"
    assert sent.to.address not in found.line()
    assert _loose(_message(topics.EMAIL_OUTBOUND, sent, 4, age_h=23)) == []
    assert _loose(_message(topics.EMAIL_OUTBOUND, mail(not_before="2027-01-01T00:00:00Z"), 4, age_h=25)) == []
    heard = _message(topics.EMAIL_FEEDBACK, feedback(message_id=sent.message_id, decision_id=None))
    assert _loose(heard, out) == []


def test_playbooks_are_known_by_what_enters_them() -> None:
    """One event may enter several."""
    program = read_program(ACADEMY)
    entered = playbooks_of(program.playbooks)
    assert entered["Trial Started"] == frozenset({"trial"})
    assert entered.keys() == {name for playbook in program.playbooks for name in playbook.entry}


@pytest.mark.parametrize(
    ("age_s", "text"), [(0, "0s"), (59, "59s"), (61, "1m1s"), (3_600, "1h"), (90_000, "1d1h"), (90_061, "1d1h")]
)
def test_an_age_is_told_in_two_units(age_s: int, text: str) -> None:
    """What follows the second is left out."""
    assert told(age_s) == text


def test_the_words_of_the_command_have_units() -> None:
    """Two hours and a day unless told; a number alone is refused."""
    words = read_words(["reconcile"])
    assert (words.command, words.older_than, words.mails_older_than, words.no_playbook) == (
        "reconcile", 7_200, 86_400, False,
    )  # fmt: skip
    assert read_words(["reconcile", "--older-than", "30m"]).older_than == 1_800
    with pytest.raises(SystemExit):
        read_words(["reconcile", "--older-than", "30"])
