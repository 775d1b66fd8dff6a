"""The AsyncAPI document is what the topic table says, and what AsyncAPI's own parser takes."""

from pathlib import Path

import orjson
import pytest

from schemas import topics
from schemas.asyncapi import CLOUD_EVENTS, FILE, FOLDER, OFTEN, SERVICES, document, write
from schemas.dead_letter import HEADERS, dead_letter
from schemas.publish import FOLDER as SCHEMAS
from services.ingest.core.pack import cloud_headers
from services.runtime.kafka_records import Cause, to_record
from services.runtime.outcome import Send
from tests.deploy.node import run
from tests.fetched import NotInstalledError

ERROR, WARNING = 0, 1  # of the parser's diagnostics
WHOLE = orjson.loads(document())
CHANNELS = {channel["address"]: channel for channel in WHOLE["channels"].values()}
NEWER = "asyncapi-latest-version"  # it would have 3.1.0, which fewer tools read


class Letter:
    """A record that somebody could not take."""

    topic, partition, offset, key, value = topics.EVENTS_RAW.name, 0, 7, None, b"{"
    headers: tuple[tuple[str, bytes | None], ...] = ()


def test_document_is_fresh(tmp_path: Path) -> None:
    """`make schemas` leaves nothing to do."""
    write(tmp_path)
    assert (tmp_path / FILE).read_bytes() == (FOLDER / FILE).read_bytes()


@pytest.mark.xdist_group("image")
def test_parser_takes_the_document() -> None:
    """AsyncAPI's own parser resolves every reference and finds neither an error nor a warning."""
    try:
        answer = run("asyncapi.cjs", str(FOLDER / FILE))
    except NotInstalledError as error:
        pytest.skip(str(error))
    assert [each for each in answer["said"] if each["severity"] <= WARNING] == []
    assert [each for each in answer["said"] if each["code"] != NEWER] == []
    assert answer["channels"] == len(topics.ALL)


@pytest.mark.parametrize("topic", topics.ALL, ids=lambda topic: topic.short)
def test_channel_is_the_topic(topic: topics.Topic) -> None:
    """Address, clean-up, retention and partitions are the table's; a payload is the published schema, by reference."""
    channel = CHANNELS[topic.name]
    kafka = channel["bindings"]["kafka"]
    assert ",".join(kafka["topicConfiguration"]["cleanup.policy"]) == topic.cleanup
    assert kafka["topicConfiguration"].get("retention.ms") == topic.retention_ms
    assert kafka.get("partitions") == {"P": 12, "one": 1, "any": None}[topic.partitions]
    payload = channel["messages"]["record"].get("payload")
    assert (payload is None) == (topic.event is None)
    if payload:
        assert (FOLDER / payload["schema"]["$ref"]).resolve() == SCHEMAS / f"{topic.short}.schema.json"
        assert (SCHEMAS / f"{topic.short}.schema.json").exists()


@pytest.mark.parametrize("service", SERVICES)
def test_operations_are_the_services_card(service: str) -> None:
    """A service sends what it makes and receives what it reads, and nothing else."""
    expected = {("send", each.name) for each in topics.ALL if service in each.makers}
    expected |= {("receive", each.name) for each in topics.ALL if service in each.readers}
    found = {
        (each["action"], WHOLE["channels"][each["channel"]["$ref"].split("/")[-1]]["address"])
        for each in WHOLE["operations"].values()
        if each["tags"] == [{"name": service}]
    }
    assert found == expected


def test_headers_are_those_that_are_written() -> None:
    """The runtime writes all of them, a batch of ingest those that are required, a dead letter its own."""
    example = (Path(__file__).parents[2] / "schemas/examples/email.outbound").glob("*.json")
    event = topics.ADAPTERS["email.outbound"].validate_json(next(iter(sorted(example))).read_bytes())
    record = to_record(Send(topics.EMAIL_OUTBOUND, event), Cause("cause", "/kindling/composer", None, 0), 0)
    assert {name for name, _ in record.headers} == {*CLOUD_EVENTS, *OFTEN}
    assert {name for name, _ in cloud_headers(topics.EVENTS_CLEAN, "id")} == {*CLOUD_EVENTS}
    assert {name for name, _ in dead_letter("ingest", Letter(), "bad", "why").headers} == {*HEADERS}
    traits = WHOLE["components"]["messageTraits"]
    assert traits["cloudEvents"]["headers"]["required"] == list(CLOUD_EVENTS)
    assert traits["fromOutside"]["headers"]["required"] == []
