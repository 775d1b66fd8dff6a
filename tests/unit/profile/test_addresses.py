"""Whose address counts: a server's word decides; of browsers the first, and it gets nothing that a server proved."""

from itertools import permutations
from typing import Any

import pytest

from services.profile.core.facets.traits import Address
from tests.unit.profile.conftest import ADDRESS, CONSENT, NOW, World

EVE = {"value": "eve@example.com", "key": "e" * 32}
BO = {"value": "bo@example.com", "key": "b" * 32}
HOUR = 3_600_000
QUIET_MS = 31 * 60_000


def said(world: World, address: dict[str, str], ago_ms: int = 0, **over: Any) -> dict[str, Any]:
    """An identify that gives an address."""
    return world.event("identify", name="identify", address=address, time_ms=NOW - ago_ms, **over)


def test_a_second_address_from_a_browser_changes_nothing_and_is_counted(world: World) -> None:
    """The first stands, and the same again is no other."""
    step = world.take(said(world, ADDRESS, 2 * HOUR), said(world, ADDRESS, HOUR), said(world, EVE))
    assert world.person().traits.address == Address(1, NOW - 2 * HOUR, ADDRESS["value"], ADDRESS["key"])
    assert step.counts["another_address"] == 1


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_any_order_gives_one_address(world: World, order: tuple[int, ...]) -> None:
    """A browser's two, and two of a server's, of which the last stands."""
    claims = [
        said(world, EVE, 3 * HOUR), said(world, BO, 0), said(world, EVE, 2 * HOUR, trusted=True),
        said(world, ADDRESS, HOUR, trusted=True),
    ]  # fmt: skip
    world.take(*[claims[place] for place in order])
    assert world.person().traits.address == Address(2, NOW - HOUR, ADDRESS["value"], ADDRESS["key"])


def test_a_strangers_address_gets_no_mail_of_a_conversion_that_a_server_proved(world: World) -> None:
    """Who knows a user id and the write key gives an address for it; the server's conversion names none."""
    world.take(said(world, EVE, consent=[{**CONSENT[0], "address_key": EVE["key"]}]), world.event(path="/blog/seo/x"))
    conversion = world.guide()
    del conversion["address"], conversion["consent"]
    world.take(conversion)
    assert [(each.ending, each.reason) for each in world.tick(QUIET_MS)] == [("not_asked", "address_unproven")]


def test_a_servers_word_about_the_address_lets_the_mail_go(world: World) -> None:
    """Whatever browsers said before and after."""
    world.take(said(world, EVE))
    world.take(world.guide())
    world.take(said(world, EVE))
    [request] = world.tick(QUIET_MS)
    assert request.recipient.address == ADDRESS["value"]


def test_what_an_anonymous_visitor_typed_is_below_what_the_known_browser_did(world: World) -> None:
    """A link carries the address along, and its rank."""
    world.take(said(world, EVE, 9 * HOUR, person="a:b"), world.event("linked", person="a:b", link="u:ana"))
    world.take(said(world, ADDRESS))
    world.loop()
    assert world.person().traits.address == Address(1, NOW, ADDRESS["value"], ADDRESS["key"])
