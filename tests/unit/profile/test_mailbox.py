"""One mailbox, one voice: whoever uses an address, caps, purposes, refusals and pauses are the mailbox's."""

from typing import Any

import orjson
import pytest

from schemas.decision import Decision
from schemas.mailbox import Answer, Heard, Reserve, Tell
from schemas.recommendation import RecommendationRequest
from services.profile.core.mailbox import PERSONS_BYTES, Mailbox, decode, encode, shown
from services.profile.core.trigger import ANSWER_MS, Asked
from services.profile.pipeline import Input, fire
from tests.unit.profile.conftest import CONSENT, KEY, NOW, PLAYBOOKS, World, WorldOf

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
HOME = f"m:{KEY}"
OTHER = "a" * 32
ELSE_ADDRESS = {"value": "else@example.com", "key": OTHER}
DECISION = "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f"


def _home(world: World, key: str = HOME) -> Mailbox:
    home = world.persons.home(key)
    assert home is not None
    return home


def _guide(world: World, person: str = "u:ana", **over: Any) -> dict[str, Any]:
    return world.guide(person=person, **over)


def _asked(sent: list[Any]) -> list[RecommendationRequest]:
    return [each for each in sent if isinstance(each, RecommendationRequest)]


def _reasons(sent: list[Any]) -> list[str]:
    return [each.reason for each in sent if isinstance(each, Decision)]


def _reserve(**over: Any) -> Reserve:
    about = {
        "id": DECISION, "mailbox": HOME, "person": "u:ana", "purpose": "next-step", "playbook": "guide",
        "consent": "marketing", "asked_ms": NOW, "until_ms": NOW + DAY,
    }  # fmt: skip
    return Reserve.model_validate(about | over)


def _tell(word: str, **over: Any) -> Tell:
    about = {"id": "e", "mailbox": HOME, "person": "u:ana", "word": word, "time_ms": NOW}
    return Tell.model_validate(about | over)


def test_two_ids_with_one_address_get_one_mail_in_the_same_second(world: World) -> None:
    """Row 113: both are due at once; the second is told that the purpose is taken, whoever it was."""
    world.take(_guide(world), _guide(world, "u:bo"))
    world.now += 30 * MINUTE
    sent = [*world.tick(), *world.tick(person="u:bo")]
    assert [each.person for each in _asked(sent)] == ["u:ana"]
    assert _reasons(sent) == ["purpose_taken"]
    assert sorted(_home(world).persons) == ["u:ana", "u:bo"]


def test_both_ask_before_either_is_answered(world: World) -> None:
    """In one step of the home; and the one who was refused wrote its decision."""
    world.take(_guide(world), _guide(world, "u:bo"))
    world.now += 30 * MINUTE
    for person in ("u:ana", "u:bo"):
        step = fire(person, world.person(person), world.checkpoint, world.rules, world.now)
        assert step is not None
        assert [send.event.kind for send in step.sends] == ["reserve"]
        world.keep(step)
    assert len(world.post) == 2
    sent = [*world.tick(), *world.tick(person="u:bo"), *world.sent]
    assert len(_asked(sent)) >= 1
    assert {each.person for each in _asked(sent)} == {"u:ana"}
    assert "purpose_taken" in _reasons(sent)


def test_a_cap_counts_the_mails_of_all_who_use_the_address(world: World) -> None:
    """Another purpose waits until a day has passed since the other's mail."""
    world.take(_guide(world))
    [request] = _asked(world.tick(30 * MINUTE))
    world.take(world.feedback("sent", request.decision_id))
    world.take(_guide(world, "u:bo", name="Trial Started"))
    [waiting] = world.tick(30 * MINUTE, person="u:bo")
    assert (waiting.ending, waiting.reason) == ("waiting", "cap_reached")
    assert _asked(world.tick(DAY, person="u:bo"))


def test_a_cap_of_one_purpose_looks_at_its_mails_alone(world_of: WorldOf) -> None:
    """The trial's mail goes; a second of the same purpose would wait, though its purpose is free again."""
    playbook = {**PLAYBOOKS[0], "purpose_days": 0}
    world = world_of(playbook, PLAYBOOKS[1], caps=[{"window_hours": 48, "most": 1, "purpose": "next-step"}])
    world.take(_guide(world))
    [request] = _asked(world.tick(30 * MINUTE))
    world.take(world.feedback("delivered", request.decision_id))
    world.take(_guide(world, "u:bo"), _guide(world, "u:bo", name="Trial Started"))
    sent = world.tick(HOUR, person="u:bo")
    assert [each.trigger.purpose for each in _asked(sent)] == ["trial"]
    assert _reasons(sent) == ["cap_reached"]


def test_a_cap_of_a_purpose_that_no_playbook_has_is_refused(world_of: WorldOf) -> None:
    """It would hold nothing back, and nobody would see it."""
    with pytest.raises(ValueError, match=r"caps\[0\].purpose.*'nxt'.*next-step, trial"):
        world_of(caps=[{"window_hours": 48, "most": 1, "purpose": "nxt"}])


def test_what_was_not_sent_is_given_back(world: World) -> None:
    """The other's mail goes then; a mail of which a word came that it may have gone stays."""
    world.take(_guide(world), _guide(world, "u:bo"))
    [request] = _asked(world.tick(30 * MINUTE))
    world.take(world.feedback("not_sent", request.decision_id))
    assert _home(world).touches == {}
    [other] = _asked(world.tick(person="u:bo"))
    world.take(world.feedback("unknown", other.decision_id, person="u:bo"))
    world.take(world.feedback("not_sent", other.decision_id, person="u:bo"))
    assert list(_home(world).touches) == [other.decision_id]


def test_unknown_counts_as_a_touch(world: World) -> None:
    """Nobody knows whether it went: its purpose stays taken beyond the time that is reserved."""
    world.take(_guide(world))
    [request] = _asked(world.tick(30 * MINUTE))
    world.take(world.feedback("unknown", request.decision_id))
    world.now += 5 * DAY
    world.take(_guide(world, "u:bo"))
    assert _reasons(world.tick(30 * MINUTE, person="u:bo")) == ["purpose_taken"]


def test_a_mail_that_nobody_hears_of_frees_the_purpose_at_its_end(world: World) -> None:
    """What is reserved lasts as long as the mail."""
    world.take(_guide(world))
    [request] = _asked(world.tick(30 * MINUTE))
    [touch] = _home(world).touches.values()
    assert touch.until_ms >= request.expires_at.timestamp() * 1000
    world.now += 3 * DAY
    world.take(_guide(world, "u:bo"))
    assert _asked(world.tick(30 * MINUTE, person="u:bo"))


def test_a_ghost_reserves_too(world_of: WorldOf) -> None:
    """All who use an address are in one arm, drawn by its key; the second of a purpose is no ghost more."""
    playbook = {**PLAYBOOKS[0], "experiment": {"name": "e", "holdout": 1.0}}
    world = world_of(playbook)
    world.take(_guide(world), _guide(world, "u:bo"))
    [ghost] = world.tick(30 * MINUTE)
    assert (ghost.ending, ghost.arm) == ("held_out", "holdout")
    assert [touch.kind for touch in _home(world).touches.values()] == ["ghost"]
    [other] = world.tick(person="u:bo")
    assert (other.reason, other.arm) == ("purpose_taken", "holdout")


@pytest.mark.parametrize(
    ("word", "over", "why"),
    [
        ("unsubscribed", {}, "unsubscribed"),
        ("complained", {}, "complained"),
        ("bounced", {"bounce_class": "hard"}, "bounced"),
    ],
)
def test_a_refusal_reaches_all_who_use_the_mailbox(world: World, word: str, over: Any, why: str) -> None:
    """Whoever said it: the other hears of it, and gets no mail; so does who uses it later."""
    world.take(_guide(world), _guide(world, "u:bo"))
    world.take(world.feedback(word, **over))
    assert world.person("u:bo").consents.refusals == {why: world.now}
    assert [each.address_key for each in world.refused] == [KEY]
    assert _reasons(world.tick(HOUR, person="u:bo")) == ["suppressed"]
    world.take(_guide(world, "u:cy"))
    assert _reasons(world.tick(HOUR, person="u:cy")) == ["suppressed"]
    assert world.person("u:cy").consents.refusals == {}


def test_a_refusal_of_one_purpose_is_of_that_alone(world: World) -> None:
    """By the page behind a mail's link."""
    said = {"word": "unsubscribed", "message_id": "m", "reason": "news"}
    world.take(_guide(world), world.event("feedback", trusted=True, speaker="signed_link", feedback=said))
    assert _home(world).refusals == {"unsubscribed:news": world.now}
    world.take(_guide(world, "u:bo"))
    assert _asked(world.tick(HOUR, person="u:bo"))


def test_an_opt_out_and_its_lift_reach_all(world: World) -> None:
    """The lift undoes what was before it, for everybody."""
    world.take(_guide(world), _guide(world, "u:bo"))
    world.take(world.event("privacy", privacy="opt_out", trusted=True))
    assert _home(world).refusals == {"opt_out": world.now}
    world.now += MINUTE
    world.take(world.event("privacy", privacy="lift", trusted=True, speaker="operator"))
    assert world.person("u:bo").consents.refusals == {"opt_out": world.now - MINUTE, "lifted": world.now}
    assert _asked(world.tick(HOUR, person="u:bo"))


def test_an_erasure_by_address_erases_all_who_use_it(world: World) -> None:
    """Also the one known by the address alone; of the mailbox nothing stays but the refusal."""
    world.take(_guide(world), _guide(world, "u:bo"))
    world.take(world.event("privacy", person=f"e:{KEY}", privacy="erase", trusted=True, speaker="operator"))
    for person in ("u:ana", "u:bo", f"e:{KEY}"):
        assert world.person(person).identity.erased is not None
    assert [*map(str, sorted(_reasons(world.sent)))] == ["erased", "erased"]
    assert _home(world) == Mailbox(refusals={"erased": world.now})
    assert [each.address_key for each in world.refused] == [KEY]


def test_an_erasure_by_id_reaches_the_one_known_by_the_address(world: World) -> None:
    """Before anything of them came: nothing revives them later. Who heard of it twice is erased once."""
    world.take(_guide(world))
    world.take(world.event("privacy", privacy="erase", trusted=True, speaker="operator"))
    assert world.person(f"e:{KEY}").identity.erased is not None
    erased = world.person(f"e:{KEY}").identity.erased
    world.keep(world.own(Heard(id="x", person=f"e:{KEY}", mailbox=HOME, word="erased", time_ms=world.now + 5)))
    assert world.person(f"e:{KEY}").identity.erased == erased
    world.take(_guide(world, f"e:{KEY}"))
    assert "erased" in _reasons(world.sent)


def test_a_pause_is_the_mailboxes(world: World) -> None:
    """Whoever asked for it behind a mail's link; of two the one asked for last stands."""
    world.take(_guide(world), _guide(world, "u:bo"))
    for later, days in ((0, 9), (1, 1)):
        world.take(world.event("choice", speaker="signed_link", trusted=True,
                               time_ms=world.now + later, until_ms=world.now + days * DAY))  # fmt: skip
    assert _reasons(world.tick(HOUR, person="u:bo")) == ["paused"]
    assert _asked(world.tick(DAY, person="u:bo"))


def test_another_address_is_another_mailbox(world: World) -> None:
    """The former is left, and what was reserved there is its own; caps of the person hold all the same."""
    world.take(_guide(world))
    [request] = _asked(world.tick(30 * MINUTE))
    world.now += MINUTE
    world.take(world.event("identify", address=ELSE_ADDRESS, trusted=True))
    assert (_home(world).persons, list(_home(world, f"m:{OTHER}").persons)) == ({}, ["u:ana"])
    world.take(world.feedback("delivered", request.decision_id))
    assert [touch.word for touch in _home(world).touches.values()] == ["delivered"]
    assert _home(world, f"m:{OTHER}").touches == {}
    world.take(_guide(world, consent=[{**CONSENT[0], "address_key": OTHER}], address=ELSE_ADDRESS))
    assert _reasons(world.tick(30 * MINUTE)) == ["purpose_taken"]


def test_what_is_heard_of_a_mailbox_that_was_left_says_nothing(world: World) -> None:
    """It was on its way meanwhile."""
    world.take(_guide(world))
    world.take(world.event("identify", address=ELSE_ADDRESS, trusted=True))
    world.keep(world.own(Heard(id="x", person="u:ana", mailbox=HOME, word="complained", time_ms=world.now)))
    assert world.person().consents.refusals == {}


def _asking(world: World) -> Reserve:
    """Ana is due, and asks."""
    world.take(_guide(world))
    world.now += 30 * MINUTE
    return _question(world)


def _question(world: World) -> Reserve:
    step = fire("u:ana", world.person(), world.checkpoint, world.rules, world.now)
    assert step is not None
    world.keep(step)
    question = world.post.pop()
    assert isinstance(question, Reserve)
    return question


def _answer(question: Reserve, verdict: str = "reserved", **over: Any) -> Answer:
    about = {"id": question.id, "person": question.person, "mailbox": question.mailbox, "purpose": question.purpose}
    return Answer.model_validate({**about, "verdict": verdict, **over})


def test_who_gets_no_answer_asks_again_the_same(world: World) -> None:
    """After a minute, by the same id; the home has it once."""
    question = _asking(world)
    assert world.tick(ANSWER_MS - 1) == []
    world.now += 1
    again = _question(world)
    assert again.id == question.id
    for each in (question, again):
        world.keep(world.own(each))
    assert len(_home(world).touches) == 1
    [request] = _asked(world.tick())
    assert request.decision_id == question.id
    assert list(_home(world).touches) == [question.id]


def test_who_asked_twice_may_be_refused_what_was_reserved(world: World) -> None:
    """The last answer stands: meanwhile somebody complained."""
    question = _asking(world)
    world.keep(world.own(_answer(question)))
    step = world.keep(world.own(_answer(question, "refused", reason="suppressed")))
    assert [send.event.reason for send in step.sends] == ["suppressed"]
    assert world.tick() == []


def test_an_event_does_not_move_what_was_asked_for(world: World) -> None:
    """Else what is reserved would end before the mail."""
    _asking(world)
    due_ms = world.person().triggers.by_purpose["next-step"].due_ms
    world.take(world.event())
    assert world.person().triggers.by_purpose["next-step"].due_ms == due_ms


def test_a_stale_leave_is_asked_for_again(world: World) -> None:
    """The partition stood still after the answer."""
    question = _asking(world)
    world.keep(world.own(_answer(question)))
    world.now += ANSWER_MS
    assert _question(world).id == question.id


def test_what_is_refused_after_the_leave_is_given_back(world: World) -> None:
    """The person decides on their profile of that moment."""
    question = _asking(world)
    world.keep(world.own(question))
    [answer] = world.post
    world.post.clear()
    world.keep(world.own(answer))
    withdrawn = [{"purpose": "marketing", "given": False, "source": "form"}]
    world.take(world.event("conversion", name="Else", consent=withdrawn))
    assert _reasons(world.tick()) == ["no_consent"]
    assert _home(world).touches == {}


def test_another_address_after_the_leave_asks_its_own_home(world: World) -> None:
    """What was reserved at the former is given back."""
    question = _asking(world)
    world.keep(world.own(question))
    world.deliver()
    grant = [{**CONSENT[0], "address_key": OTHER}]
    world.take(world.event("conversion", name="Else", address=ELSE_ADDRESS, consent=grant))
    [request] = _asked(world.tick())
    assert request.recipient.address == "else@example.com"
    assert (_home(world).touches, list(_home(world, f"m:{OTHER}").touches)) == ({}, [question.id])


def test_an_answer_that_nobody_waits_for_gives_back(world: World) -> None:
    """The trigger ended meanwhile. What was asked for by it stays."""
    question = _asking(world)
    world.take(world.event("privacy", privacy="erase", trusted=True, speaker="operator"))
    world.keep(world.own(_answer(question)))
    [told] = [each for each in world.post if isinstance(each, Tell)]
    assert (told.word, told.decision_id, told.mailbox) == ("given_back", question.id, HOME)


def test_a_link_gives_back_what_was_reserved(world: World) -> None:
    """The state goes to the known person, and asks anew there by an id of its own."""
    known = f"e:{KEY}"
    world.take(_guide(world, known))
    world.now += 30 * MINUTE
    step = fire(known, world.person(known), world.checkpoint, world.rules, world.now)
    assert step is not None
    world.keep(step)
    world.deliver()
    assert len(_home(world).touches) == 1
    world.take(world.event("linked", person=known, link="u:ana", trusted=True, speaker="server"))
    world.deliver()
    assert _home(world).touches == {}
    world.loop()
    world.deliver()
    assert len(_asked(world.tick())) == 1
    assert sorted(_home(world).persons) == ["u:ana"]


@pytest.mark.parametrize(
    ("verdict", "over", "ending", "reason"),
    [
        ("refused", {"reason": "bouncing"}, "not_asked", "bouncing"),
        ("refused", {"reason": "of a later version"}, "not_asked", "suppressed"),
        ("of a later version", {}, "not_asked", "suppressed"),
        ("not_before", {"reason": "paused", "not_before_ms": NOW + 5 * DAY}, "waiting", "paused"),
        ("not_before", {"not_before_ms": NOW + 5 * DAY}, "waiting", "cap_reached"),
    ],
)
def test_what_the_home_says_is_why(world: World, verdict: str, over: Any, ending: str, reason: str) -> None:
    """A verdict that nobody here knows is no leave; nothing waits beyond its own end."""
    question = _asking(world)
    step = world.keep(world.own(_answer(question, verdict, **over)))
    [decision] = [send.event for send in step.sends]
    assert (decision.ending, decision.reason, decision.decision_id) == (ending, reason, question.id)
    if ending == "waiting":
        trigger = world.person().triggers.by_purpose["next-step"]
        assert (trigger.tries, trigger.asked) == (1, None)
        assert trigger.due_ms <= world.now + DAY


def test_a_mailbox_that_too_many_use_gets_no_mail(world: World) -> None:
    """An address that a program gives to everybody; whoever was there before is not pushed out."""
    home = Mailbox()
    for number in range(PERSONS_BYTES // 300 + 1):
        home.use(f"u:{number}".ljust(300, "x"), NOW)
    assert home.reserve(_reserve(), world.rules, NOW).reason == "shared_mailbox"
    assert len(home.persons) == PERSONS_BYTES // 300
    assert home.use(next(iter(home.persons)), NOW)


def test_a_playbook_that_is_gone_at_the_home_refuses(world: World) -> None:
    """While two versions of a program run beside each other."""
    assert Mailbox().reserve(_reserve(playbook="gone"), world.rules, NOW).reason == "playbook_gone"


def test_who_asks_again_after_a_refusal_loses_what_was_reserved(world: World) -> None:
    """Unless the mail went."""
    home = Mailbox()
    assert home.reserve(_reserve(), world.rules, NOW).reason is None
    assert home.note(_tell("complained"))
    assert home.reserve(_reserve(), world.rules, NOW).reason == "suppressed"
    assert home.touches == {}
    home = Mailbox()
    home.reserve(_reserve(), world.rules, NOW)
    home.note(_tell("confirmed", decision_id=DECISION, said="delivered"))
    home.note(_tell("confirmed", decision_id=DECISION, said="sent"))
    home.note(_tell("complained"))
    home.reserve(_reserve(), world.rules, NOW)
    assert [touch.word for touch in home.touches.values()] == ["delivered"]


def test_what_no_rule_looks_at_any_more_is_forgotten(world: World) -> None:
    """As of a person's touches."""
    home = Mailbox()
    home.reserve(_reserve(), world.rules, NOW)
    later = NOW + world.rules.memory_ms + DAY
    other = _reserve(id=DECISION.replace("5f", "6f"), asked_ms=later, until_ms=later + DAY)
    assert home.reserve(other, world.rules, later).reason is None
    assert list(home.touches) == [other.id]


@pytest.mark.parametrize(("word", "over"), [("given_back", {}), ("confirmed", {"said": "sent"}), ("of later", {})])
def test_what_is_told_of_an_unknown_mail_says_nothing(word: str, over: Any) -> None:
    """Nor a word of a later version."""
    home = Mailbox()
    assert home.note(_tell(word, decision_id=DECISION, **over)) is (word != "of later")
    assert home == Mailbox()


def test_parts_of_a_later_version_are_kept() -> None:
    """And written again; equal mailboxes have equal bytes."""
    raw = orjson.dumps({"persons": {"u:ana": NOW}, "weather": {"is": "fine"}})
    home = decode(raw)
    assert orjson.loads(encode(home)) == orjson.loads(raw)
    assert encode(decode(encode(home))) == encode(home)
    assert encode(Mailbox()) == b"{}"


def test_a_mailbox_is_shown_to_a_reader(world: World) -> None:
    """Times as instants; nothing that is empty."""
    world.take(_guide(world))
    world.tick(30 * MINUTE)
    world.take(world.event("choice", speaker="signed_link", trusted=True, until_ms=world.now + DAY))
    said = shown(_home(world), HOME)
    assert (said["mailbox"], said["used by"]) == (HOME, {"u:ana": "2026-11-24 06:00:00 UTC"})
    assert said["paused until"] == "2026-11-25 06:30:00 UTC"
    [touch] = said["touches"].values()
    assert (touch["purpose"], touch["time"]) == ("next-step", "2026-11-24 06:30:00 UTC")
    assert "refusals" not in said


@pytest.mark.parametrize("person", ["m:" + KEY, "x:1"])
def test_no_event_is_a_mailboxes(world: World, person: str) -> None:
    """What comes from outside is a person's, or refused."""
    step = world.take(world.event(person=person))
    assert len(step.rejects) == 1
    assert (step.values, step.homes) == ({}, {})


def test_a_person_with_an_odd_key_has_no_mailbox(world: World) -> None:
    """Their key is longer than an address's: nobody gave one."""
    world.take(world.event("privacy", person="e:" + "x" * 80, privacy="opt_out", trusted=True, speaker="operator"))
    assert (world.refused, world.persons.homes) == ([], {})


def test_a_stored_trigger_keeps_what_it_asked(world: World) -> None:
    """Through a restart."""
    _asking(world)
    [trigger] = world.person().triggers.by_purpose.values()
    assert trigger.asked == Asked(world.now, KEY, is_reserved=False)


def test_what_bounced_at_the_former_address_is_its_homes(world: World) -> None:
    """The mail knows where it went; the new address is refused nothing at its home."""
    world.take(_guide(world))
    [request] = _asked(world.tick(30 * MINUTE))
    world.now += MINUTE
    world.take(world.event("identify", address=ELSE_ADDRESS, trusted=True))
    world.take(world.feedback("bounced", request.decision_id, bounce_class="hard"))
    assert _home(world).refusals == {"bounced": world.now}
    assert _home(world, f"m:{OTHER}").refusals == {}
    assert [each.address_key for each in world.refused] == [KEY]


def test_one_batch_of_a_home_is_as_one_by_one(world: World) -> None:
    """In answers and value."""
    told = [_tell("uses"), _reserve(), _tell("complained", person="u:bo"), _reserve(id=DECISION.replace("5f", "6f"))]
    whole = World(world.rules)
    records = [each.model_dump_json().encode() for each in told]
    step = whole.step(*(Input("profile.self", 0, number, NOW, None, raw) for number, raw in enumerate(records)))
    sends = []
    for each in told:
        one = world.keep(world.own(each))
        sends += one.sends
    assert step.homes == world.persons.homes
    assert step.sends == tuple(sends)


def test_a_refusal_that_nobody_waits_for_says_nothing(world: World) -> None:
    """The trigger ended meanwhile: nothing was reserved."""
    question = _asking(world)
    world.take(world.event("privacy", privacy="erase", trusted=True, speaker="operator"))
    step = world.own(_answer(question, "refused", reason="bouncing"))
    assert (step.sends, step.counts) == ((), {"answer_late": 1})
