"""The home of a mailbox by itself: what it reserves, what it forgets, what is stored of it."""

from typing import Any

import orjson
import pytest

from services.profile.core.mailbox import PERSONS_BYTES, Mailbox, decode, encode, shown
from services.profile.pipeline import Input
from tests.unit.profile.conftest import NOW, World
from tests.unit.profile.mailboxes import (
    DAY,
    DECISION,
    HOME,
    reserve,
    tell,
)


def test_a_mailbox_that_too_many_use_gets_no_mail(world: World) -> None:
    """An address that a program gives to everybody; whoever was there before is not pushed out."""
    home = Mailbox()
    for number in range(PERSONS_BYTES // 300 + 1):
        home.use(f"u:{number}".ljust(300, "x"), NOW)
    assert home.reserve(reserve(), world.rules, NOW).reason == "shared_mailbox"
    assert len(home.persons) == PERSONS_BYTES // 300
    assert home.use(next(iter(home.persons)), NOW)


def test_a_playbook_that_is_gone_at_the_home_refuses(world: World) -> None:
    """While two versions of a program run beside each other."""
    assert Mailbox().reserve(reserve(playbook="gone"), world.rules, NOW).reason == "playbook_gone"


def test_who_asks_again_after_a_refusal_loses_what_was_reserved(world: World) -> None:
    """Unless the mail went."""
    home = Mailbox()
    assert home.reserve(reserve(), world.rules, NOW).reason is None
    assert home.note(tell("complained"))
    assert home.reserve(reserve(), world.rules, NOW).reason == "suppressed"
    assert home.touches == {}
    home = Mailbox()
    home.reserve(reserve(), world.rules, NOW)
    home.note(tell("confirmed", decision_id=DECISION, said="delivered"))
    home.note(tell("confirmed", decision_id=DECISION, said="sent"))
    home.note(tell("complained"))
    home.reserve(reserve(), world.rules, NOW)
    assert [touch.word for touch in home.touches.values()] == ["delivered"]


def test_what_no_rule_looks_at_any_more_is_forgotten(world: World) -> None:
    """As of a person's touches."""
    home = Mailbox()
    home.reserve(reserve(), world.rules, NOW)
    later = NOW + world.rules.memory_ms + DAY
    other = reserve(id=DECISION.replace("5f", "6f"), asked_ms=later, until_ms=later + DAY)
    assert home.reserve(other, world.rules, later).reason is None
    assert list(home.touches) == [other.id]


@pytest.mark.parametrize(("word", "over"), [("given_back", {}), ("confirmed", {"said": "sent"}), ("of later", {})])
def test_what_is_told_of_an_unknown_mail_says_nothing(word: str, over: Any) -> None:
    """Nor a word of a later version."""
    home = Mailbox()
    assert home.note(tell(word, decision_id=DECISION, **over)) is (word != "of later")
    assert home == Mailbox()


def test_parts_of_a_later_version_are_kept() -> None:
    """And written again; equal mailboxes have equal bytes."""
    raw = orjson.dumps({"persons": {"u:ana": NOW}, "weather": {"is": "fine"}})
    home = decode(raw)
    assert orjson.loads(encode(home)) == orjson.loads(raw)
    assert encode(decode(encode(home))) == encode(home)
    assert encode(Mailbox()) == b"{}"


def test_one_batch_of_a_home_is_as_one_by_one(world: World) -> None:
    """In answers and value."""
    told = [tell("uses"), reserve(), tell("complained", person="u:bo"), reserve(id=DECISION.replace("5f", "6f"))]
    whole = World(world.rules)
    records = [each.model_dump_json().encode() for each in told]
    step = whole.step(*(Input("profile.self", 0, number, NOW, None, raw) for number, raw in enumerate(records)))
    sends: list[Any] = []
    for each in told:
        one = world.keep(world.own(each))
        sends += one.sends
    assert step.homes == world.persons.homes
    assert step.sends == tuple(sends)


def test_what_came_back_is_shown() -> None:
    """And when the last mail arrived."""
    told = Mailbox()
    told.note(tell("soft_bounced", said="mark"))
    told.note(tell("delivered"))
    assert shown(told, HOME) == {
        "mailbox": HOME, "came back": {"mark": "2026-11-24 06:00:00 UTC"}, "last arrived": "2026-11-24 06:00:00 UTC",
    }  # fmt: skip
