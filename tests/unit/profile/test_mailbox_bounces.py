"""Three mails in a row that came back for the moment: no mail goes for a time, and then one is tried."""

from itertools import permutations
from typing import Any

import pytest

from schemas.decision import Decision
from schemas.recommendation import RecommendationRequest
from services.profile.core.bounces import PAUSE_MS, WITHIN_MS, Bounces
from tests.unit.profile.conftest import ADDRESS, KEY, NOW, World

MINUTE, DAY = 60_000, 86_400_000


@pytest.fixture(autouse=True)
def _known(world: World) -> None:
    """Ana's address is known."""
    world.take(world.event("identify", address=ADDRESS, trusted=True))


def _bounces(world: World, key: str = KEY) -> Bounces:
    """What the home of the mailbox holds of them."""
    home = world.persons.home(f"m:{key}")
    assert home is not None
    return home.bounces


def _back(world: World, mail: str, day: float = 0, **over: Any) -> dict[str, Any]:
    """A mail came back on this day."""
    said = {"word": "bounced", "message_id": mail, "bounce_class": "soft", **over}
    at = NOW + round(day * DAY)
    return world.event("feedback", feedback=said, trusted=True, time_ms=at, received_ms=at)


def _arrived(world: World, mail: str, day: float = 0) -> dict[str, Any]:
    return _back(world, mail, day, word="delivered")


def _answer(world: World, day: float) -> str:
    """What becomes of a trigger that is due on this day."""
    world.now = NOW + round(day * DAY)
    world.take(world.guide())
    for each in world.tick(30 * MINUTE):
        if isinstance(each, RecommendationRequest):
            return "asked"
        if isinstance(each, Decision):
            return each.reason
    return "nothing"


def test_three_mails_in_a_row_that_came_back_pause(world: World) -> None:
    """The decision says why, and it is counted; two do not."""
    world.take(_back(world, "1"), _back(world, "2", 1))
    assert _answer(world, 2) == "asked"
    world.take(_back(world, "3", 3))
    assert _answer(world, 4) == "bouncing"
    assert world.counts["bouncing"] == 1


@pytest.mark.parametrize(
    "over",
    [{"bounce_class": "block"}, {"bounce_class": "odd"}, {"word": "deferred"}, {"word": "failed"}, {"message_id": "2"}],
)
def test_what_is_no_further_mail_that_came_back_does_not_count(world: World, over: dict[str, Any]) -> None:
    """Whom everybody refuses is the sender; a mail that is tried again has not come back; one is one, however often."""
    world.take(_back(world, "1"), _back(world, "2", 1), _back(world, "3", 2, **over))
    assert _answer(world, 3) == "asked"


def test_bounce_of_which_nobody_says_how_long_counts(world: World) -> None:
    """It came back; what is known to last is suppressed elsewhere."""
    said = {"word": "bounced", "message_id": "3"}
    world.take(_back(world, "1"), _back(world, "2"), world.event("feedback", feedback=said, trusted=True))
    assert _answer(world, 1) == "bouncing"


def test_delivery_ends_the_row(world: World) -> None:
    """One between them, or after them: the next mail goes."""
    world.take(_back(world, "1"), _back(world, "2", 1), _arrived(world, "3", 2), _back(world, "4", 3))
    assert _answer(world, 4) == "asked"
    world.take(_back(world, "5", 5), _back(world, "6", 6))
    assert _answer(world, 7) == "bouncing"
    world.take(_arrived(world, "7", 8))
    assert _answer(world, 9) == "asked"


def test_mails_far_apart_are_no_row(world: World) -> None:
    """From the first of three to the last at most ninety days."""
    days = WITHIN_MS // DAY
    world.take(_back(world, "1"), _back(world, "2", 40), _back(world, "3", days))
    assert _bounces(world).is_paused(NOW + WITHIN_MS)
    world.take(_back(world, "3", days + 0.1))
    assert not _bounces(world).is_paused(NOW + WITHIN_MS + DAY)


def test_after_the_pause_mail_is_tried_again(world: World) -> None:
    """Thirty days after the last; if it comes back, as many again; if it arrives, all is well."""
    pause = PAUSE_MS // DAY
    world.take(*(_back(world, str(each), each) for each in range(3)))
    assert _answer(world, 2 + pause - 1) == "bouncing"
    assert _answer(world, 2 + pause) == "asked"
    world.take(_back(world, "4", 3 + pause))
    assert _answer(world, 4 + pause) == "bouncing"
    assert _answer(world, 3 + 2 * pause) == "asked"
    world.take(_arrived(world, "5", 4 + 2 * pause))
    assert _bounces(world).is_paused(world.now) is False


def test_any_order_gives_one_answer(world: World) -> None:
    """A delivery may be heard after what came back before it."""
    said = [
        _back(world, "1"),
        _arrived(world, "2", 1),
        _back(world, "3", 2),
        _back(world, "4", 3),
        _back(world, "5", 4),
    ]
    found = []
    for place, order in enumerate(permutations(said)):
        key = f"{place:032x}"
        world.take(world.event("identify", address={**ADDRESS, "key": key}, trusted=True, person=f"u:{place}"))
        world.take(*(each | {"person": f"u:{place}", "id": f"{place}-{each['id']}", "at": ["x", place, number, 0]}
                     for number, each in enumerate(order)))  # fmt: skip
        found.append(_bounces(world, key))
    assert found == [found[0]] * len(found)
    assert found[0].is_paused(NOW + 5 * DAY)


def test_stranger_says_nothing_of_mails(world: World) -> None:
    """Whom the table of claims does not hear."""
    world.take(*(_back(world, str(each)) | {"trusted": False, "speaker": "known_browser"} for each in range(3)))
    assert _bounces(world) == Bounces()
