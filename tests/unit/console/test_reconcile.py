"""What has no end is listed, by the opening event's id; what has one is not."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from schemas import topics
from schemas.aside import Aside
from schemas.decision import Decision
from schemas.email import Feedback, OutboundEmail
from schemas.identity import person_tag
from schemas.raw import Call
from services.console.adapters.command_words import read_words
from services.console.core.reconciling import Ledger, Limits, Loose, Playbooks, playbooks_of, told
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

    def make(message: str = "m", ending: str = "not_asked", playbook: str = "guide", age_h: float = 3) -> Message:
        opened = datetime.fromtimestamp((NOW - age_h * HOUR_MS) / 1000, UTC)
        changes = {"event_id": message, "playbook": playbook, "opened_at": opened}
        trigger = decision().trigger.model_copy(update=changes)
        return _message(topics.DECISIONS, decision(ending=ending, trigger=trigger.model_dump(), person="u:another"))

    return make


def _loose(*messages: Message, limits: Limits = LIMITS, entered: Playbooks = ENTERED) -> list[Loose]:
    ledger = Ledger()
    for each in messages:
        enter(each, ledger)
    return list(loose_ends(ledger, entered, limits, NOW))


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


def test_what_came_before_a_playbook_is_a_state_of_its_own(ended: Callable[..., Message]) -> None:
    """It ended under another one, and no trigger of the new one is as old: it is listed, and is no failing."""
    old, new = _clean("old", age_h=30, name="Both"), _clean("new", age_h=10, name="Both")
    ends = [ended("old", age_h=30), ended("new", age_h=10)]
    first = ended("new", playbook="trial", age_h=10)
    before = _loose(old, new, *ends)
    assert [(each.id, each.state, each.playbooks) for each in before] == [
        ("old", "before_playbook", ("trial",)),
        ("new", "before_playbook", ("trial",)),
    ]
    assert not any(each.is_failing for each in before)
    [found] = _loose(first, old, new, *ends)
    assert (found.id, found.state, found.is_failing) == ("old", "before_playbook", False)


def test_what_came_after_a_playbook_owes_its_end(ended: Callable[..., Message]) -> None:
    """Also under another name than the first, and whatever ended elsewhere; an attempt shows that it is there."""
    later = _clean("later", age_h=3, name="Both")
    first = ended("first", playbook="trial", ending="waiting", age_h=9)
    [found] = _loose(first, later, ended("later", age_h=3))
    assert (found.state, found.playbooks, found.is_failing) == ("open", ("trial",), True)
    [whole] = _loose(later)
    assert (whole.state, whole.playbooks) == ("open", ("guide", "trial"))
    two = {"Both": frozenset({"guide", "trial", "newest"})}
    [mixed] = _loose(first, later, ended("later", age_h=3), entered=two)
    assert (mixed.state, mixed.playbooks) == ("open", ("trial",))


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


def test_a_mail_that_is_set_aside_waits_lawfully(mail: Callable[..., OutboundEmail]) -> None:
    """Until its time has passed for as long as a mail may be silent; its tombstone ends that too."""
    out = _message(topics.EMAIL_OUTBOUND, mail(not_before="2026-01-01T00:00:00Z"), 4, age_h=50)
    [found] = _loose(out, _aside(due_h=1))
    assert (found.state, found.is_failing) == ("aside", False)
    assert [each.state for each in _loose(_aside(due_h=-23), out)] == ["aside"]
    [late] = _loose(out, _aside(due_h=-25))
    assert (late.state, late.is_failing) == ("silent", True)
    assert [each.state for each in _loose(out, _aside(due_h=-25), _aside(due_h=1))] == ["aside"]
    gone = Message(topics.ASIDE_CONNECTOR, 1, 1, _aside(due_h=1).key, None, NOW)
    assert [each.state for each in _loose(out, _aside(due_h=1), gone)] == ["silent"]
    assert [each.state for each in _loose(out, gone, _aside(due_h=1, offset=5))] == ["silent"]
    nameless = Message(topics.ASIDE_CONNECTOR, 1, 1, None, None, NOW)
    assert [each.state for each in _loose(out, _aside(due_h=1), nameless)] == ["aside"]


def _aside(due_h: float, offset: int = 4) -> Message:
    due = datetime.fromtimestamp((NOW + due_h * HOUR_MS) / 1000, UTC)
    pointer = Aside(
        topic=topics.EMAIL_OUTBOUND.name, partition=1, offset=offset, due=due, tries=1, reason="greylisted", since=due
    )
    return Message(topics.ASIDE_CONNECTOR, 1, 0, pointer.key.encode(), pointer, NOW)


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
