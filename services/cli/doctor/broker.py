"""What a look at Kafka (`services/runtime/kafka_look.py`) comes to: topics, rights, groups, clock. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from schemas import groups
from schemas.topics import ALL, BY_NAME, STAMPED, Topic
from services.cli.doctor.finding import Finding, fail, ok, unchecked, warn
from services.runtime.kafka_card import Reason, judge
from services.runtime.kafka_look import Look

CLEANUP, RETENTION, STAMP, BY_BROKER = (
    "cleanup.policy", "retention.ms", "message.timestamp.type", "LogAppendTime",
)  # fmt: skip
SERVICES = ("ingest", "profile", "recommender", "composer", "connector", "console")
AFTER = ("topics", "retention", "rights", "consumer groups", "clock")
APPLY = "run `kindling topics apply`"
MOST_NAMED = 4
SKEW_MS = 2_000  # a record travels: so much later than our now it may seem
DAY_MS = 86_400_000


def broker_findings(seen: Look, bootstrap: str, now_ms: int) -> list[Finding]:
    """All that one look tells."""
    answers = ok("broker", f"{bootstrap} answers: {seen.brokers} brokers, cluster {seen.cluster}")
    return [answers, _topics(seen), _retention(seen), _rights(seen), _groups(seen), _clock(seen, now_ms)]


def without_broker(reason: str, todo: str) -> list[Finding]:
    """What is told where nobody answers."""
    return [fail("broker", reason, todo), *(unchecked(each, "the broker does not let us look") for each in AFTER)]


def _topics(seen: Look) -> Finding:
    cleanups = {name: _said(seen.settings, name, CLEANUP) for name in seen.counts}
    shared = Counter(seen.counts[each.name] for each in ALL if each.partitions == "P" and each.name in seen.counts)
    judged = judge(ALL, seen.counts, cleanups, max(shared, key=shared.__getitem__, default=0))
    wrong = [each.what for each in judged.faults if each.reason is not Reason.MISSING]
    if wrong:
        return fail("topics", _some(wrong), "mend them as said: `kindling topics apply` changes no topic that stands")
    if judged.missing:
        return fail("topics", f"missing: {_some(judged.missing)}", APPLY)
    undated = [
        each.name for each in STAMPED if _said(seen.settings, each.name, STAMP) not in {BY_BROKER, ""}
    ]  # fmt: skip
    if undated:
        return warn("topics", f"not dated by the broker: {_some(undated)}", APPLY)
    return ok("topics", f"{len(seen.counts)} stand as the table says, P = {judged.partitions}")


def _retention(seen: Look) -> Finding:
    other = [
        f"{topic.short} keeps {_days(said)}, expected {_days(str(topic.retention_ms))}"
        for topic in ALL
        if topic.retention_ms is not None and topic.name in seen.counts
        if (said := _said(seen.settings, topic.name, RETENTION)) not in {"", str(topic.retention_ms)}
    ]
    if other:
        todo = "set retention.ms on the topic, unless it was meant: what waits longer than it is kept is lost"
        return warn("retention", _some(other), todo)
    return ok("retention", "as the table says") if seen.settings else unchecked("retention", "no settings can be read")


def _rights(seen: Look) -> Finding:
    if seen.rights is None:
        return unchecked("rights", "this broker does not tell them (Kafka 2.3 and later do)")
    if not seen.rights:
        return unchecked("rights", "there is no topic")
    lacking = [
        f"{service}: {right} on {topic.short}"
        for service in SERVICES
        for topic in ALL
        if topic.name in seen.rights
        for right in _needed(service, topic)
        if right not in seen.rights[topic.name]
    ]
    if lacking:
        todo = "allow them, unless these services run as another principal than this command"
        return warn("rights", f"this principal lacks {_some(lacking)}", todo)
    return ok("rights", f"this principal may do on {len(seen.rights)} topics what every service needs")


def _needed(service: str, topic: Topic) -> Iterator[str]:
    if service in topic.readers:
        yield "Read"
    if service in topic.makers:
        yield "Write"
    if service in {*topic.readers, *topic.makers}:
        yield "DescribeConfigs"


def _groups(seen: Look) -> Finding:
    if seen.groups is None:
        return unchecked("consumer groups", "this principal may not list them")
    unknown = [each.what for each in groups.ALL if each.name not in seen.groups]
    if unknown:
        said = f"no group yet of {', '.join(unknown)}"
        return warn("consumer groups", said, "start them; a group that was there and is gone has lost its offsets")
    return ok("consumer groups", f"all {len(groups.ALL)} are known")


def _clock(seen: Look, now_ms: int) -> Finding:
    """Without a write the broker tells its time only on records: one from our future tells that we are behind."""
    if seen.newest_ms is None:
        return unchecked("clock", "no record that the broker dated is there, and nothing is written to get one")
    ahead_ms = seen.newest_ms - now_ms
    if ahead_ms > SKEW_MS:
        todo = "set the clocks of this machine and of the broker by NTP"
        return fail("clock", f"a record that the broker dated is {ahead_ms / 1000:.1f} s in our future", todo)
    return ok("clock", f"not behind the broker's: its newest record is {-ahead_ms / 1000:.0f} s old")


def _said(settings: Mapping[str, Mapping[str, str]], topic: str, name: str) -> str:
    return settings.get(topic, {}).get(name, "")


def _days(ms: str) -> str:
    return f"{int(ms) / DAY_MS:g} d" if ms.isdecimal() else "for ever"


def _some(words: Sequence[str]) -> str:
    named = [BY_NAME[each].short if each in BY_NAME else each for each in words[:MOST_NAMED]]
    more = f" and {len(words) - MOST_NAMED} more" if len(words) > MOST_NAMED else ""
    return ", ".join(named) + more
