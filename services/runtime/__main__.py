"""`python -m services.runtime topics plan|apply`: the topic table against the broker."""

import argparse
import asyncio
import sys

from services.runtime.errors import Status
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_topics import TopicsAdmin
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.settings import KafkaSettings, load

DEVELOPMENT_PARTITIONS = 3


async def topics(*, is_apply: bool, count: int, replication: int) -> None:
    """Print what differs from the topic table; make it where asked to."""
    admin = TopicsAdmin(kafka_of(load(KafkaSettings)))
    await admin.start()
    try:
        plan = await admin.plan(count)
        for topic, partitions in plan.missing:
            print(
                f"topics: {'make' if is_apply else 'missing'} {topic.name} ({partitions} partitions, {topic.cleanup})"
            )
        print(f"topics: {len(plan.standing)} stand, {len(plan.missing)} {'made' if is_apply else 'missing'}")
        if is_apply:
            await admin.apply(plan, replication)
    finally:
        await admin.stop()


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m services.runtime", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    for_topics = acts.add_parser("topics", help="the topic table against the broker")
    for_topics.add_argument("what", choices=("plan", "apply"))
    for_topics.add_argument("--partitions", type=int, default=DEVELOPMENT_PARTITIONS, help="for life; 12 in production")
    for_topics.add_argument("--replication", type=int, default=1, help="3 in production")
    words = parser.parse_args()
    try:
        asyncio.run(topics(is_apply=words.what == "apply", count=words.partitions, replication=words.replication))
    except (Misconfigured, Unavailable) as error:
        print(f"topics: {error}", file=sys.stderr)
        return Status.MISCONFIGURED
    return 0


if __name__ == "__main__":
    sys.exit(main())
