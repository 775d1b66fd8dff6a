"""The operator's look at `email.suppressions`: what nobody can read there, and the tombstone that ends such a doubt."""

from collections.abc import Iterator, Sequence

from schemas.topics import EMAIL_SUPPRESSIONS
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_view import View
from services.runtime.outcome import Misconfigured
from services.runtime.suppression_doubts import Doubt, Doubts

SOURCE = "suppressions"


async def unreadable(kafka: Kafka) -> tuple[Doubt, ...]:
    """Every key of which this version cannot read the latest record.

    Raises:
        Unavailable: no broker answers, or the topic does not exist.
    """
    doubts = Doubts()
    view = View(kafka, (EMAIL_SUPPRESSIONS,), doubts.apply, doubts.undecodable)
    try:
        await view.read()
    finally:
        await view.stop()
    return doubts.standing


async def forget(kafka: Kafka, doubt: Doubt) -> None:
    """Write a tombstone of the doubt's key into its partition, where compaction takes away what it is about.

    Raises:
        Unavailable: the broker did not take it.
    """
    publisher = Publisher(kafka, SOURCE)
    await publisher.start()
    try:
        await publisher.send_raw(EMAIL_SUPPRESSIONS, doubt.key, None, doubt.partition)
    finally:
        await publisher.stop()


def chosen(standing: Sequence[Doubt], key: str | None, at: str | None) -> Doubt:
    """The doubt of this key, or at these coordinates, `<partition>/<offset>`.

    Raises:
        Misconfigured: there is none. A tombstone of a record that can be read would let compaction forget a refusal.
        Misconfigured: it has no key, so that no tombstone can name it; compaction drops it by itself.
    """
    of = [each for each in standing if at == _place(each) or (at is None and key == shown(each.key))]
    if not of:
        raise Misconfigured(f"expected an unreadable record at {at or key}; there is none: nothing was written")
    if len(of) > 1:
        raise Misconfigured(f"key {key} is unreadable at {', '.join(map(_place, of))}: name one by --at")
    if of[0].key is None:
        raise Misconfigured(f"the record at {_place(of[0])} has no key to tombstone; compaction drops it by itself")
    return of[0]


def lines(standing: Sequence[Doubt]) -> Iterator[str]:
    """A line for each doubt, and how many there are."""
    for each in standing:
        effect = "names no address" if each.address_key is None else "refuses every mail of its address"
        yield f"{_place(each)} {shown(each.key)} {effect}: {each.reason}"
    yield f"suppressions: {len(standing)} cannot be read"


def shown(key: bytes | None) -> str:
    """The key as text: what is not UTF-8 as escapes, and no key as a hyphen."""
    return "-" if key is None else key.decode("utf-8", "backslashreplace")


def _place(doubt: Doubt) -> str:
    return f"{doubt.partition}/{doubt.offset}"
