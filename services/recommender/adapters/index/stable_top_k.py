"""Hits asked for until the cut falls between two different scores, so that every engine keeps the same ones."""

from collections.abc import Awaitable, Callable, Sequence

from services.recommender.core.ranking.fusion import Pair, in_order, is_whole
from services.recommender.core.values import Hit, Search

SPARE = 16  # asked for beyond the limit, so that a tie at the cut seldom needs a second call
MOST_WITHOUT = 64  # of the courses left out, so many are asked for at once instead of them
MORE = 4  # times as many at each further call

Ask = Callable[[Sequence[tuple[Search, int]]], Awaitable[Sequence[Sequence[Pair]]]]


async def whole_hits(searches: Sequence[Search], ask: Ask) -> tuple[tuple[Hit, ...], ...]:
    """The hits of each search in our order, without those it leaves out.

    `ask` takes searches with how many hits each is to give at most; whom a filter leaves out is none of its business.
    """
    asked = [each.limit + SPARE + min(len(each.where.without), MOST_WITHOUT) for each in searches]
    kept: list[tuple[Hit, ...]] = [() for _ in searches]
    due = list(range(len(searches)))
    while due:
        again = []
        for place, found in zip(due, await ask([(searches[each], asked[each]) for each in due]), strict=True):
            search, without = searches[place], searches[place].where.without
            admitted = [each for each in found if each[0] not in without]
            kept[place] = in_order(admitted, search.limit)
            if not is_whole(found, kept[place], search.limit, asked[place]):
                asked[place] *= MORE
                again.append(place)
        due = again
    return tuple(kept)
