"""What stays of each facet of a person who is too large: the share-th of what it may hold, the newest or heaviest."""

import pytest

from services.profile.core.facets.attribution import Attribution
from services.profile.core.facets.engagement import Engagement
from services.profile.core.facets.history import History
from services.profile.core.facets.identity import Identity
from services.profile.core.facets.interests import Interests
from services.profile.core.facets.mails import Mail
from services.profile.core.facets.signals import Signals
from services.profile.core.facets.touches import Touches
from services.profile.core.facets.traits import Trait, Traits
from services.profile.core.ring import Day
from tests.profile_values import signal, touch

HALF_LIFE_MS = 2_592_000_000.0
SHARES = pytest.mark.parametrize("share", [1, 2, 8, 16, 64, 1_024])


def _newest(most: int, of: int) -> set[str]:
    return {f"{number}" for number in range(of - most, of)}


@SHARES
def test_shrunk_attribution_and_history_keep_the_newest(share: int) -> None:
    """Of 200 courses told of, 30 taken, 100 completed, 60 recommended."""
    times = {f"{number}": number for number in range(300)}
    told, past = Attribution(dict(times)), History(dict(times), dict(times), dict(times))
    told.shrink(share, 300, HALF_LIFE_MS)
    past.shrink(share, 300, HALF_LIFE_MS)
    for kept, most in ((told.took, 200), (past.taken, 30), (past.completed, 100), (past.recommended, 60)):
        assert kept.keys() == _newest(most // share, 300)


@SHARES
def test_shrunk_engagement_keeps_the_newest_months(share: int) -> None:
    """Of 24, and of the first 16 words; the hours go beyond the eighth."""
    months = {f"{number}": 1 for number in range(100, 140)}
    engagement = Engagement({f"{number:02}": dict(months) for number in range(20)}, {"3": 1})
    engagement.shrink(share, 0, HALF_LIFE_MS)
    assert engagement.by_word.keys() == {f"{number:02}" for number in range(max(1, 16 // share))}
    assert {frozenset(each) for each in engagement.by_word.values()} == {frozenset(_newest(max(1, 24 // share), 140))}
    assert engagement.hours == ({"3": 1} if share <= 8 else {})


@SHARES
def test_shrunk_interests_are_the_heaviest(share: int) -> None:
    """Of 128, each with the newest of 24 months; a dislike weighs as much as a liking."""
    months = {f"{number}": 1 for number in range(600, 640)}
    interests = Interests({f"{number}": {**months, "639": number * (-1) ** number} for number in range(150)})
    interests.shrink(share, 1_681_000_000_000, HALF_LIFE_MS)
    assert interests.by_key.keys() == _newest(128 // share, 150)
    assert all(each.keys() == _newest(max(1, 24 // share), 640) for each in interests.by_key.values())


@SHARES
def test_shrunk_signals_and_touches_are_the_newest(share: int) -> None:
    """Of 20 and of 100; a mail goes with its touch."""
    decisions = [f"{number:036}" for number in range(150)]
    signals = Signals({f"{number}": signal(number, weight=150.0 - number) for number in range(40)})
    touches = Touches(
        {each: touch(number, 1_000) for number, each in enumerate(decisions)},
        {f"{each}{further}": Mail("a", "", "", 1) for each in decisions for further in ("", "/000000000000")},
    )
    signals.shrink(share, 150, HALF_LIFE_MS)
    touches.shrink(share, 150, HALF_LIFE_MS)
    assert signals.rows.keys() == _newest(20 // share, 40)
    assert touches.rows.keys() == set(decisions[150 - 100 // share :])
    assert {each[:36] for each in touches.mails} == touches.rows.keys()
    assert len(touches.mails) == 2 * (100 // share)


@SHARES
def test_shrunk_identity_keeps_the_latest(share: int) -> None:
    """Of ids eight of behaviour at least and 64 of all else, and one person; of 8 awaited those heard of last."""
    old = [f"|{number:012}" for number in range(128)]
    seen, done = [f"{number:06}" for number in range(2_048)], [f"{number:020}" for number in range(1_024)]
    past = [f"a:{number}" for number in range(16)]
    identity = Identity(
        "".join(seen), [Day(1, 2_000), Day(2, 48)], "".join(done), [Day(1, 1_000), Day(2, 24)], "".join(old),
        list(past), {f"{number}": number for number in range(8)},
    )  # fmt: skip
    identity.shrink(share, 0, HALF_LIFE_MS)
    assert identity.seen == "".join(seen[-max(8, 2_048 // share) :])
    assert identity.done == "".join(done[-max(64, 1_024 // share) :])
    assert sum(each.count for each in identity.seen_days) * 6 == len(identity.seen)
    assert sum(each.count for each in identity.done_days) * 20 == len(identity.done)
    assert identity.ids == "".join(old[-max(8, 128 // share) :])
    assert identity.past == past[-max(1, 16 // share) :]
    assert identity.awaited.keys() == _newest(8 // share, 8)


@SHARES
def test_shrunk_traits_go_last(share: int) -> None:
    """All of them to the eighth, then the newest of eight; what mails need stays."""
    facts = {f"{number}": Trait(0, number, "x", "") for number in range(10)}
    traits = Traits(dict(facts), None, Trait(2, 1, "Ana", ""), None)
    traits.shrink(share, 0, HALF_LIFE_MS)
    assert traits.facts.keys() == (facts.keys() if share <= 8 else _newest(8 // (share // 8), 10))
    assert traits.name is not None
