"""`python -m services.runtime topics plan|apply`: the topic table against the broker.

`… suppressions list|tombstone`: the records of `email.suppressions` that this version cannot read.
"""

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from services.runtime.commands import DEVELOPMENT_PARTITIONS, forgotten, planned, standing
from services.runtime.errors import Status
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.suppressions import lines, shown


async def topics(*, is_apply: bool, count: int, replication: int) -> None:
    """Print what differs from the topic table; make it where asked to."""
    plan = await planned(count, replication if is_apply else None)
    for topic, partitions in plan.missing:
        print(f"topics: {'made' if is_apply else 'missing'} {topic.name} ({partitions} partitions, {topic.cleanup})")
    for topic in plan.unstamped:
        print(f"topics: {'set' if is_apply else 'missing'} {topic.name} (dated by the broker)")
    for topic in plan.unbounded:
        print(f"topics: {'set' if is_apply else 'missing'} {topic.name} (how long what is erased stays)")
    print(f"topics: {len(plan.standing)} stand, {len(plan.missing)} {'made' if is_apply else 'missing'}")


async def suppressions(words: argparse.Namespace) -> None:
    """Print what cannot be read; or write the tombstone of one such record."""
    if words.what == "list":
        for line in lines(await standing()):
            print(line)
        return
    doubt = await forgotten(words.key, words.at)
    print(f"suppressions: forgot {shown(doubt.key)} of partition {doubt.partition}, and what it refused")


def main() -> int:
    """Read the command line."""
    words = _words()
    act = suppressions(words) if words.act == "suppressions" else _topics(words)
    try:
        asyncio.run(act)
    except Misconfigured as error:
        print(f"{words.act}: {error}", file=sys.stderr)
        return Status.MISCONFIGURED
    except Unavailable as error:
        print(f"{words.act}: {error}", file=sys.stderr)
        return Status.FENCED
    return 0


def _topics(words: argparse.Namespace) -> Coroutine[Any, Any, None]:
    return topics(is_apply=words.what == "apply", count=words.partitions, replication=words.replication)


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m services.runtime", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    for_topics = acts.add_parser("topics", help="the topic table against the broker")
    for_topics.add_argument("what", choices=("plan", "apply"))
    for_topics.add_argument("--partitions", type=int, default=DEVELOPMENT_PARTITIONS, help="for life; 12 in production")
    for_topics.add_argument("--replication", type=int, default=1, help="3 in production")
    _suppressions(acts.add_parser("suppressions", help="suppressions that this version cannot read"))
    return parser.parse_args()


def _suppressions(parser: argparse.ArgumentParser) -> None:
    whats = parser.add_subparsers(dest="what", required=True)
    whats.add_parser("list", help="each with partition, offset, key and reason")
    one = whats.add_parser(
        "tombstone", help="forget one of them, and all that its key refused"
    ).add_mutually_exclusive_group(required=True)
    one.add_argument("--key", help="as `list` shows it")
    one.add_argument("--at", metavar="PARTITION/OFFSET", help="where `list` shows it")


if __name__ == "__main__":
    sys.exit(main())
