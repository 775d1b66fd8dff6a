"""Anonymous persons become known; attackers do not become anybody."""

from hashlib import blake2b
from typing import Any

import orjson


def _link(world: Any, person: str = "a:b", known: str = "u:ana", **over: Any) -> dict[str, Any]:
    event: dict[str, Any] = world.event("linked", name="identity.linked", person=person, link=known, **over)
    return event


def test_an_anonymous_state_goes_to_the_known_person(world: Any) -> None:
    """One record carries it; a pointer stays, and what it held is forgotten here."""
    world.take(world.event(path="/blog/seo/x"), world.event(person="a:b", path="/blog/crm/x"), _link(world))
    world.loop()
    assert sorted(world.values["u:ana"]["i"]) == ["topic:crm", "topic:seo"]
    assert world.values["u:ana"]["past"] == ["a:b"]
    assert world.values["a:b"]["fwd"] == "u:ana"
    assert "i" not in world.values["a:b"]


def test_a_late_event_follows_the_pointer(world: Any) -> None:
    """It counts for the known person, with the rank of an anonymous browser."""
    world.take(_link(world))
    world.take(world.event("identify", person="a:b", traits={"role": "clerk"}))
    world.loop()
    assert world.values["u:ana"]["fact"]["role"][:1] == [0]
    assert world.counts["rekeyed"] == 1


def test_an_absorb_record_that_comes_again_changes_nothing(world: Any) -> None:
    """A second record of the same link is a repeat."""
    world.take(world.event(person="a:b", path="/blog/crm/x"), _link(world))
    record = world.sent[0].model_dump_json().encode()
    world.raw("profile.self", record)
    once = world.values["u:ana"]
    world.raw("profile.self", record)
    assert world.values["u:ana"] == once


def test_a_link_is_made_once(world: Any) -> None:
    """The same again is a repeat, another is refused: the first stands."""
    world.take(_link(world), _link(world), _link(world, known="u:eve"))
    assert (world.counts["linked"], world.counts["link_repeated"], world.counts["link_refused"]) == (1, 1, 1)
    assert world.values["a:b"]["fwd"] == "u:ana"


def test_a_browser_never_merges_two_known_people(world: Any) -> None:
    """Only a server may; and nobody is linked to an anonymous person or to himself."""
    world.take(
        _link(world, person="u:ana", known="u:eve"),
        _link(world, person="e:x", known="u:eve"),
        _link(world, known="a:c"),
        _link(world, person="u:ana", known="u:ana", trusted=True),
    )
    assert world.counts["link_refused"] == 4
    world.take(_link(world, person="e:x", known="u:ana", trusted=True))
    assert world.counts["linked"] == 1


def test_a_circle_of_links_ends(world: Any) -> None:
    """A and B linked to each other at once lead to states with every event, and to no endless record."""
    world.take(
        world.event(person="u:a", path="/blog/seo/x"),
        world.event(person="u:b", path="/blog/crm/x"),
        _link(world, person="u:a", known="u:b", trusted=True),
        _link(world, person="u:b", known="u:a", trusted=True),
    )
    world.loop()
    held = [key for person in ("u:a", "u:b") for key in world.values[person].get("i", {})]
    assert sorted(held) == ["topic:crm", "topic:seo"]
    assert world.counts["forwarded"] >= 1
    world.take(_link(world, person="u:a", known="u:b", trusted=True))
    world.loop()
    world.take(_link(world, person="u:b", known="u:a", trusted=True))
    assert sorted(world.values["u:b"]["i"]) == ["topic:crm", "topic:seo"]
    assert world.counts["link_refused"] == 1


def test_a_late_event_in_a_circle_ends_where_it_began(world: Any) -> None:
    """It is folded when it comes back to its owner."""
    world.take(
        _link(world, person="u:a", known="u:b", trusted=True), _link(world, person="u:b", known="u:a", trusted=True)
    )
    world.sent.clear()
    world.take(world.event(person="u:a", path="/blog/seo/x"))
    world.loop()
    assert list(world.values["u:a"]["i"]) == ["topic:seo"]


def test_what_waits_goes_along(world: Any) -> None:
    """The trigger of an anonymous person is decided for the known one; of two for one purpose the first stays."""
    world.take(
        world.guide(person="a:b"),
        world.guide(received_ms=world.now + 1),
        world.guide(person="a:c", name="Trial Started"),
    )
    world.take(_link(world), _link(world, person="a:c"))
    world.loop()
    pend = world.values["u:ana"]["pend"]
    assert (pend["next-step"]["event"], pend["trial"]["event"]) == ("m-0", "m-2")
    ended = [(each.trigger.event_id, each.reason) for each in world.sent]
    assert ended == [("m-1", "purpose_taken")]


def test_touches_refusals_and_courses_go_along(world: Any) -> None:
    """Caps hold over a link, and so does every refusal."""
    touch = {"5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f": [1, 2, "p", "b", "ask", "sent"]}
    state = {
        "n": 3, "new": 5, "touch": touch, "reco": {"c": 5}, "supp": {"opt_out": 4}, "hour": {"3": 1},
        "cons": {"marketing": {"": [1, True, "s", "", 2]}}, "addr": [2, 1, "a@b.example", "k"],
        "eng": {"clicked": {"600": 5}}, "sig": {f"k|{n}": ["k", f"{n}", None, [], n, 1, 1.0] for n in range(25)},
        "fact": {"role": [0, 1, "x", ""]}, "ids": "|00000000000a", "done": {"c": 1}, "hist": {"c": 1},
    }  # fmt: skip
    record = {"kind": "absorb", "id": "1", "person": "u:ana", "from_person": "a:b", "state": state}
    world.raw("profile.self", orjson.dumps(record))
    value = world.values["u:ana"]
    assert (value["touch"], value["reco"], value["supp"], value["hour"]) == (touch, {"c": 5}, {"opt_out": 4}, {"3": 1})
    assert len(value["sig"]) == 20


def _old_marks(*ids: str) -> str:
    """A ring as it was stored before ids had name spaces."""
    return "".join("|" + blake2b(each.encode(), digest_size=6).hexdigest() for each in ids)


def test_a_call_that_its_own_link_overtook_is_folded(world: Any) -> None:
    """What was sent away had seen the link, not the call; a link that ingest once gave its call's id included."""
    call = world.guide(id="m", at=["conversions.raw", 0, 0, 0])
    world.take(world.event(person="a:b", path="/blog/crm/x"), _link(world, id="m", trusted=True))
    world.loop()
    world.take(call)
    assert world.values["u:ana"]["pend"]["next-step"]["event"] == "m"
    assert world.counts.get("repeat_id", 0) == 0


def test_what_a_client_sends_again_after_a_link_is_a_repeat(world: Any) -> None:
    """The same call goes by the pointer, to the person who has taken over what it was folded into."""
    said = {"id": "m", "person": "a:b", "path": "/blog/crm/x"}
    world.take(world.event(**said), _link(world), world.event(**said))
    world.loop()
    assert (world.values["u:ana"]["n"], world.counts["rekeyed"], world.counts["repeat_id"]) == (1, 1, 1)


def test_a_link_that_comes_again_after_a_circle_is_a_repeat(world: Any) -> None:
    """The pointer is gone then; the link's own id still says that it was made."""
    one = _link(world, id="one", person="u:a", known="u:b", trusted=True)
    world.take(one, _link(world, person="u:b", known="u:a", trusted=True))
    world.loop()
    assert "fwd" not in world.values["u:a"]
    world.take({**one, "at": ["events.raw", 1, 0, 0]})
    assert (world.counts["linked"], world.counts["repeat_id"]) == (2, 1)


def test_a_browser_uses_up_no_id_of_a_server(world: Any) -> None:
    """Nor the other way round: whoever knows or guesses an id keeps no conversion away."""
    world.take(world.event(id="m", path="/blog/seo/x"), world.guide(id="m"), world.event(id="m"))
    assert (world.values["u:ana"]["n"], world.counts["repeat_id"]) == (2, 1)
    assert world.values["u:ana"]["pend"]["next-step"]["event"] == "m"


def test_marks_of_old_protect_what_servers_said(world: Any) -> None:
    """A state stored before name spaces holds ids of either trust; a page they swallow no more."""
    world.values["u:ana"] = {"v": 1, "n": 1, "new": 1, "size": 300, "ids": _old_marks("m")}
    world.take(world.event(id="m"), world.guide(id="m"), world.guide(id="n"))
    assert (world.values["u:ana"]["n"], world.counts["repeat_id"]) == (3, 1)
    assert len(world.values["u:ana"]["ids"]) == 39


def test_an_absorb_record_of_old_brings_no_mark_of_its_link(world: Any) -> None:
    """It was the id of the call, which may not have been folded yet; the other marks protect."""
    state = {"n": 1, "new": 5, "ids": _old_marks("earlier", "m")}
    record = {"kind": "absorb", "id": "m", "person": "u:ana", "from_person": "a:b", "state": state}
    world.raw("profile.self", orjson.dumps(record))
    world.take(world.guide(id="m"), world.guide(id="earlier"))
    assert world.values["u:ana"]["pend"]["next-step"]["event"] == "m"
    assert (world.values["u:ana"]["n"], world.counts["repeat_id"]) == (2, 1)


def test_an_absorb_record_taken_by_an_old_version_is_a_repeat(world: Any) -> None:
    """Its mark had no name space either."""
    world.values["u:ana"] = {"v": 1, "n": 1, "new": 1, "size": 300, "ids": _old_marks("absorb:a:b:m")}
    record = {"kind": "absorb", "id": "m", "person": "u:ana", "from_person": "a:b", "state": {"n": 4}}
    world.raw("profile.self", orjson.dumps(record))
    assert world.values["u:ana"]["n"] == 1


def test_an_enormous_guest_is_cut(world: Any) -> None:
    """Two large states make one within the limit."""
    state = {
        "i": {"item:" + "x" * 280 + f"{n}": {f"{month}": 1 for month in range(660, 684)} for n in range(110)},
        "hour": {f"{n}": 1 for n in range(168)},
    }
    for number in range(3):
        record = {"kind": "absorb", "id": f"{number}", "person": "u:ana", "from_person": "a:b", "state": state}
        world.raw("profile.self", orjson.dumps(record))
    assert world.counts["shrunk"] >= 1
    assert len(orjson.dumps(world.values["u:ana"])) < 64 * 1024


def test_what_is_small_and_dear_goes_last(world: Any) -> None:
    """Hours and the oldest facts go only where nothing else is left to drop."""
    state = {
        "hour": {"1": 1},
        "fact": {f"{n}" + "x" * 290: [0, n, "\u6f22" * 300, "\u6f22" * 300] for n in range(32)},
    }
    record = {"kind": "absorb", "id": "1", "person": "u:ana", "from_person": "a:b", "state": state}
    world.raw("profile.self", orjson.dumps(record))
    value = world.values["u:ana"]
    assert "hour" not in value
    assert all(int(name.rstrip("x")) >= 24 for name in value["fact"])


def test_a_decision_keeps_the_limit_too(world: Any) -> None:
    """The touch it reserves may be what is too much."""
    world.take(world.guide(path="/blog/seo/x"))
    interests = {"item:" + "x" * 250 + f"{n}": {f"{month}": 1 for month in range(660, 684)} for n in range(120)}
    world.values["u:ana"] |= {"size": 60_000, "i": {**world.values["u:ana"]["i"], **interests}}
    world.tick(3_600_000)
    assert world.counts["shrunk"] == 1
