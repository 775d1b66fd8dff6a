"""Who said what goes from the event to the request: facts, titles of signals, the trigger."""

from itertools import permutations
from typing import Any

import orjson
import pytest
from msgspec import Raw

from services.profile.core.facet import Arrival
from services.profile.core.facets.signals import Signal, Signals
from services.profile.core.facets.traits import speaker_of_rank
from services.profile.core.snapshot import snapshot
from tests.profile_values import person_of

TITLE = Raw(b'[null,["seo"]]')
PAGE = {"path": "/courses/c1"}


def _request(world: Any) -> Any:
    world.take(world.guide())
    [request] = world.tick(2_000_000)
    return request


def test_a_request_says_who_said_each_of_its_parts(world: Any) -> None:
    """A browser's role, a server's company, a browser's page, the server's conversion."""
    world.take(
        world.event("identify", traits={"role": "Owner"}, speaker="known_browser"),
        world.event("identify", traits={"company": "Maru"}, trusted=True, speaker="server"),
        world.event(**PAGE, title="A page", speaker="known_browser"),
    )
    request = _request(world)
    assert {each.name: each.speaker for each in request.snapshot.facts} == {
        "company": "server",
        "role": "known_browser",
    }
    assert {each.kind: each.speaker for each in request.snapshot.signals} == {
        "course": "known_browser",
        "guide": "server",
    }
    assert request.trigger.speaker == "server"


def test_what_an_anonymous_browser_said_stays_its_word_after_a_link(world: Any) -> None:
    """The state goes to the known person, the speaker with it."""
    world.take(
        world.event(person="a:b", **PAGE, title="A page", traits={"role": "Owner"}, speaker="anonymous_browser"),
        world.event("linked", person="a:b", link="u:ana"),
    )
    world.loop()
    snapshot = _request(world).snapshot
    assert [each.speaker for each in snapshot.facts] == ["anonymous_browser"]
    assert {each.kind: each.speaker for each in snapshot.signals}["course"] == "anonymous_browser"


def test_events_and_states_of_before_are_read_by_their_trust(world: Any) -> None:
    """No speaker in the event, no row in the state, no speaker in what waits."""
    world.take(world.event(**PAGE, title="A page"), world.guide())
    state = world.values["u:ana"]
    assert state["who"]["course|c1"] == [world.now, "known_browser"]
    del state["who"], state["pend"]["next-step"]["speaker"]
    [request] = world.tick(2_000_000)
    assert {each.speaker for each in request.snapshot.signals} == {"known_browser"}
    assert request.trigger.speaker == "server"


def test_a_title_is_of_who_said_it_last(world: Any) -> None:
    """A server's row is of the server's time; an older version that folded on left a row that says nothing."""
    server = {**PAGE, "title": "Ours", "trusted": True, "speaker": "server"}
    world.take(world.event(**server))
    assert _signal(world) == ("Ours", "server")
    world.take(world.event(**PAGE, title="Theirs", time_ms=world.now - 9))
    assert _signal(world) == ("Ours", "server")
    world.values["u:ana"]["sig"]["course|c1"][4] += 1
    assert _signal(world) == ("Ours", "known_browser")
    world.now += 10
    world.take(world.event(**PAGE, title="Theirs"))
    assert _signal(world) == ("Theirs", "known_browser")


def test_a_browser_never_borrows_the_word_of_a_server_at_the_same_instant(world: Any) -> None:
    """Of all who spoke at that millisecond the least trusted counts."""
    world.take(
        world.event(**PAGE, title="Z", speaker="known_browser"),
        world.event(**PAGE, title="A", trusted=True, speaker="server"),
    )
    assert _signal(world) == ("Z", "known_browser")


def test_rows_go_with_their_signals(world: Any) -> None:
    """What is forgotten at the cap leaves no row behind, nor does what comes with another state."""
    for number in range(40):
        world.take(world.event(path=f"/courses/c{number}", title="T", time_ms=world.now - number))
    value = world.values["u:ana"]
    assert value["who"].keys() == value["sig"].keys()
    state = {
        "sig": {f"k|{n}": ["k", f"{n}", None, [], n, 1, 1.0] for n in range(25)},
        "who": {f"k|{n}": [n, "server"] for n in range(25)},
    }
    record = {"kind": "absorb", "id": "1", "person": "u:ana", "from_person": "a:b", "state": state}
    world.raw("profile.self", orjson.dumps(record))
    value = world.values["u:ana"]
    assert (len(value["sig"]), value["who"].keys()) == (20, value["sig"].keys())


def test_rows_merge_in_any_order() -> None:
    """The latest, of one time the least trusted; a later version's word is trusted least, and nobody's word yields."""
    words = ("", "server", "known_browser", "of a later version")
    said = [_told(1, "server"), *(_told(2, word) for word in words)]
    for order in permutations(said):
        signals = Signals()
        for row in order:
            signals.merge(Signals({"k|x": row}), Arrival("a:b", 2, 1.0))
        assert signals.rows == {"k|x": Signal(2, 5, 1.0, "of a later version", TITLE)}


def _told(last_ms: int, who: str) -> Signal:
    return Signal(last_ms, 1, 1.0, who, TITLE)


@pytest.mark.parametrize(
    ("rank", "person", "who"),
    [(2, "u:7", "server"), (1, "u:7", "known_browser"), (1, "e:k", "address_browser"), (0, "u:7", "anonymous_browser")],
)
def test_a_facts_rank_says_who_declared_it(rank: int, person: str, who: str) -> None:
    """Rank 0 is of a time when the person was anonymous."""
    assert speaker_of_rank(rank, person).value == who


def _signal(world: Any) -> tuple[str, str | None]:

    [signal] = snapshot(person_of(world.values["u:ana"]), world.now, world.rules, "u:ana").signals
    return signal.title, signal.speaker
