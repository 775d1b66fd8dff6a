"""The tables of `docs/privacy.md`, made of what is said of retention: `python -m deploy.pages.privacy [--check]`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.pages.made import run
from schemas.retention import Ends, Of, bound_of, holding_of, told_of
from schemas.topics import ALL, DAY_MS, Topic
from services.console.core.receipt import OTHER_PLACES

PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"
MINUTE_MS = 60_000
BEGIN, END = "<!-- made by ", "<!-- end of what is made -->"


def page(before: str) -> str:
    """The page with its tables made anew; all else of it stays.

    Raises:
        ValueError: it lacks one of the two marks.
    """
    lines = before.splitlines()
    begin = next(number for number, line in enumerate([*lines, BEGIN]) if line.startswith(BEGIN))
    return "\n".join((*lines[: begin + 1], "", *_tables(), "", *lines[lines.index(END) :])) + "\n"


def main(words: list[str]) -> int:
    """The exit status, as of `made.run`."""
    return run(words, "deploy.pages.privacy", PAGE, lambda: page(PAGE.read_text(encoding="utf-8")), "the table says")


def _tables() -> Iterator[str]:
    yield "| topic | holds | of | kept | gone after an erasure | by |"
    yield "|---|---|---|---|---|---|"
    for topic in ALL:
        holding = holding_of(topic)
        if holding.of in {Of.PERSON, Of.MAILBOX}:
            kept = "for good" if topic.retention_ms is None else _days(topic.retention_ms)
            cells = (f"`{topic.short}`", holding.what, holding.of.value, kept, _gone(topic), holding.ends.value)
            yield f"| {' | '.join(cells)} |"
    others = [f"`{each.short}`" for each in ALL if holding_of(each).ends is Ends.NOTHING_HELD]
    yield ""
    yield f"Nothing of anybody is in {', '.join(others)}."
    yield ""
    yield "| outside the topics | holds | ends by |"
    yield "|---|---|---|"
    for place in OTHER_PLACES:
        yield f"| {place['place']} | {place['held']} | {place['ends_by']} |"
    yield "| backups, logs, your mail server, inboxes, a model's provider | whatever you or they keep | you |"


def _gone(topic: Topic) -> str:
    bound = bound_of(topic, told_of(topic))
    if bound.values_ms is None:
        return "never"
    star = r"\*" if bound.is_by_next else ""
    keys = "; keys stay" if bound.keys_ms is None else ""
    if bound.keys_ms not in {None, bound.values_ms}:
        keys = f"; keys {_days(bound.keys_ms or 0)}{star}"
    return f"{_days(bound.values_ms)}{star}{keys}"


def _days(passed_ms: int) -> str:
    days, rest = divmod(passed_ms, DAY_MS)
    minutes = f" {rest // MINUTE_MS} min" if rest else ""
    return f"{days} day{'' if days == 1 else 's'}{minutes}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
