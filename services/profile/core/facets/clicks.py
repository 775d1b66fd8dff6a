"""The clicks of each mail, held until all of them that belong together have come; then each is judged, and told once.

A scanner follows every link of a mail at once, and what it did comes in several records: the first of them alone looks
like a person's. Nothing is told twice, or taken back: a click waits until it is judged. One whose likes come later than
that is judged by what was there; of those that come later each is judged by all.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from services.rules.clicks import INSTANT_MS, SOON_MS, Verdict, verdict
from services.rules.clicks import Click as Evidence

SETTLE_MS = 300_000  # after a click came: ESPs send what happened within a minute or two, in batches of some seconds
KEPT_MS = 86_400_000  # how long a judged click speaks against others: an ESP that was away sends again within hours
MOST = 8  # clicks of a mail: it shows five courses, and each scanner has its turn; beyond, the oldest is forgotten
CLICK_BYTES = 250  # bound of a click, with the row of its mail
_SURER = {word.value: place for place, word in enumerate(Verdict)}


class Click(Struct, array_like=True, frozen=True, order=True, gc=False):
    """When which link was followed, by hashes of link and course's link; what was said of a machine, when it is judged.

    `about` is empty for the course that the mail is about, `machine` a verdict. `settles_ms` is 0 once it was judged.
    """

    time_ms: int
    link: str
    about: str
    machine: str
    settles_ms: int


class Clicked(Struct, array_like=True, frozen=True, gc=False):
    """When a mail was first delivered, 0 where nobody said; and its clicks by time."""

    delivered_ms: int = 0
    clicks: tuple[Click, ...] = ()


Clicks: TypeAlias = dict[str, Clicked]
"""By decision."""


class Judged(NamedTuple):
    """A click with its verdict."""

    click: Click
    verdict: Verdict


def deliver(clicks: Clicks, decision: str, time_ms: int) -> None:
    """Note when a mail was delivered; the first time stands."""
    row = clicks.get(decision, Clicked())
    clicks[decision] = replace(row, delivered_ms=_first(row.delivered_ms, time_ms))


def note(clicks: Clicks, decision: str, click: Click) -> None:
    """Note a click. Law: any order and any repeats give one answer."""
    row = clicks.get(decision, Clicked())
    clicks[decision] = replace(row, clicks=_kept([*row.clicks, click]))


def pending(clicks: Clicks) -> dict[str, int]:
    """When the first click of each mail that has one to judge is judged, in milliseconds."""
    found: dict[str, int] = {}
    for decision, row in clicks.items():
        if times := [each.settles_ms for each in row.clicks if each.settles_ms]:
            found[decision] = min(times)
    return found


def settled(row: Clicked, links: int, now_ms: int) -> tuple[Clicked, list[Judged]]:
    """The mail with the clicks that have had their time judged, and those; `links` are known of it."""
    judged = [Judged(each, _verdict(each, row, links)) for each in row.clicks if 0 < each.settles_ms <= now_ms]
    kept = [
        replace(each, settles_ms=0) if each.settles_ms <= now_ms else each
        for each in row.clicks
        if each.settles_ms > now_ms or each.time_ms > now_ms - KEPT_MS
    ]
    return replace(row, clicks=tuple(kept)), judged


def merge(clicks: Clicks, other: Clicks) -> None:
    """Add the other's. Law: associative, commutative, idempotent."""
    for decision, theirs in other.items():
        mine = clicks.get(decision, Clicked())
        clicks[decision] = Clicked(
            _first(mine.delivered_ms, theirs.delivered_ms), _kept([*mine.clicks, *theirs.clicks])
        )


def _kept(clicks: Iterable[Click]) -> tuple[Click, ...]:
    """The newest, each once: of one click what is surer of a machine stands, and that it was judged."""
    found: dict[tuple[int, str], Click] = {}
    for each in clicks:
        key = (each.time_ms, each.link)
        known = found.get(key)
        found[key] = each if known is None else _joined(known, each)
    return tuple(sorted(found.values())[-MOST:])


def _joined(one: Click, two: Click) -> Click:
    machine = max(one.machine, two.machine, key=lambda word: (_SURER.get(word, -1), word))
    return Click(one.time_ms, one.link, max(one.about, two.about), machine, min(one.settles_ms, two.settles_ms))


def _verdict(click: Click, row: Clicked, links: int) -> Verdict:
    after_ms = click.time_ms - row.delivered_ms if row.delivered_ms else None
    at_once, soon = (_together(click, row, within_ms) for within_ms in (INSTANT_MS, SOON_MS))
    return verdict(Evidence(vendor=click.machine, after_ms=after_ms, at_once=at_once, soon=soon, links=links))


def _together(click: Click, row: Clicked, within_ms: int) -> int:
    """The most distinct links that were followed in less than this time, the click among them."""
    starts = [each.time_ms for each in row.clicks if click.time_ms - within_ms < each.time_ms <= click.time_ms]
    return max(len({each.link for each in row.clicks if 0 <= each.time_ms - start < within_ms}) for start in starts)


def _first(one_ms: int, two_ms: int) -> int:
    return min(one_ms, two_ms) if one_ms and two_ms else one_ms or two_ms
