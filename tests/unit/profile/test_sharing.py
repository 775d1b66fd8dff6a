"""An id that meets too many addresses or visitors is nobody's: it gets no mail and takes no more visitors."""

from itertools import permutations
from typing import Any

import pytest

from services.profile.core.facet import Arrival
from services.profile.core.facets.sharing import MAX_ADDRESSES, MAX_VISITORS, Sharing
from services.profile.core.person import Person
from tests.profile_values import waiting
from tests.unit.profile.conftest import NOW, World

QUIET_MS = 31 * 60_000


def address(number: int) -> dict[str, str]:
    """One of many."""
    return {"value": f"lead-{number}@example.com", "key": f"{number:032}"}


def claim(world: World, number: int, **over: Any) -> dict[str, Any]:
    """An identify of Ana's id with an address."""
    return world.event("identify", name="identify", address=address(number), **over)


def test_an_id_of_many_addresses_gets_no_mail(world: World) -> None:
    """From the fifth that browsers gave; the same again is no other, and a server's are not counted."""
    world.take(*[claim(world, number % 4) for number in range(9)], claim(world, 7, trusted=True))
    assert not world.person().sharing.is_shared
    world.take(world.guide(), claim(world, 4))
    assert world.person().sharing.is_shared
    assert [(each.ending, each.reason) for each in world.tick(QUIET_MS)] == [("not_asked", "shared_id")]


def test_an_id_of_many_visitors_takes_no_more(world: World) -> None:
    """What of them waits ends; each link counts once."""
    for number in range(MAX_VISITORS):
        world.absorb(Person(events=1), f"a:{number}", f"l{number}")
    person = world.person()
    assert (person.sharing.visitors, person.sharing.is_shared, person.events) == (MAX_VISITORS, True, MAX_VISITORS)
    step = world.absorb(waiting(NOW), "a:late", "late")
    assert (step.counts["link_shared"], world.person().events) == (1, MAX_VISITORS)
    assert [(each.ending, each.reason) for each in world.sent] == [("not_asked", "shared_id")]
    assert world.absorb(waiting(NOW), "a:late", "late").counts == {"repeat_id": 1}


def test_who_was_linked_from_another_known_id_is_no_visitor() -> None:
    """Only browsers come and go."""
    sharing = Sharing()
    sharing.merge(Sharing(visitors=3), Arrival("u:old", NOW, 1.0))
    sharing.merge(Sharing(), Arrival("a:b", NOW, 1.0))
    assert sharing.visitors == 4


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_any_order_keeps_the_same_addresses(world: World, order: tuple[int, ...]) -> None:
    """Of more than there is room for too."""
    lots = [[0, 5, 3], [1, 6], [2, 4, 7, 0]]
    for place in order:
        world.take(*[claim(world, number) for number in lots[place]])
    marks = world.person().sharing.addresses
    other = World(world.rules)
    other.take(*[claim(other, number) for number in range(8)])
    assert marks == other.person().sharing.addresses
    assert len(marks) == MAX_ADDRESSES


def test_a_reader_sees_how_many(world: World) -> None:
    """Not which."""
    world.take(claim(world, 1), claim(world, 2))
    look: Any = None
    assert world.person().sharing.readable(look) == {"addresses": 2}
