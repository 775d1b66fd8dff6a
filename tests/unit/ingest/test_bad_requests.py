"""Bad requests by their number: what those show that no other test does. `tests/bad_inputs.yaml` names them all."""

import logging
from typing import Any

import orjson
import pytest

from schemas import topics
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.batch import batch_of
from services.ingest.core.keyring import Keyring, ring_of
from services.ingest.core.window import Windows

CALL = {"type": "track", "event": "E", "messageId": "m-1", "userId": "7"}
NASTY = "<script>alert(1)</script>\r\n{jndi:ldap://a}\x1b[31m"
RECEIVED_MS = 1_793_696_400_000


@pytest.mark.parametrize(
    "body",
    [
        b'{"batch":[{"type":"page","type":"track","event":"A","event":"E","messageId":"m-1","userId":"1","userId":"7"}]}',
        b'{"batch":7,"batch":[{"type":"track","event":"E","messageId":"m-1","userId":"7"}]}',
        b'{"batch":[{"type":"track","event":"E","messageId":"m-1","userId":"7","properties":7,"properties":{"a":1,"a":2}}]}',
    ],
    ids=["of a call", "of a batch", "of properties"],
)
async def test_6_of_a_name_that_comes_twice_the_last_counts(collector: Any, body: bytes) -> None:
    """And only it goes on, so that whoever reads the record reads the same."""
    assert (await collector.post("/v1/batch", body))[0] == 200
    [kept] = collector.calls()
    properties = {"properties": {"a": 2}} if b'"a":2' in body else {}
    assert kept == {**CALL, **properties}
    assert [each.key for each in collector.log.kept] == [b"7"]


async def test_12_and_15_a_call_that_is_too_large_costs_itself(collector: Any) -> None:
    """In bytes or in properties; the others of its batch are taken."""
    large = {**CALL, "properties": {"a": "x" * 33_000}}
    wide = {**CALL, "properties": dict.fromkeys(map(str, range(256)), 1)}
    status, answer = await collector.post("/v1/batch", {"batch": [large, CALL, wide]})
    assert (status, answer["accepted"], len(collector.calls())) == (200, 1, 1)
    assert [(each["index"], each["reason"]) for each in answer["errors"]] == [
        (0, "call_too_large"), (2, "too_many_properties"),
    ]  # fmt: skip


async def test_26_a_key_that_is_taken_out_is_unknown_at_once(serve: Any, ring: Keyring) -> None:
    """Without a restart; the other goes on, and what the first had sent stays."""
    rings = [ring]
    collector = await serve(ring=lambda: rings[-1])
    assert (await collector.post("/v1/track", CALL))[0] == 200
    rings.append(ring_of(ring.writing[1:], ring.serving))
    status, answer = await collector.post("/v1/track", CALL)
    assert (status, answer["code"]) == (401, "unknown_key")
    assert (await collector.post("/v1/track", CALL, **{"Authorization": "", "X-Write-Key": "other"}))[0] == 200
    assert len(collector.calls()) == 2


async def test_28_a_signed_call_that_is_replayed_has_one_effect(collector: Any, sign: Any) -> None:
    """Within its five minutes it is taken again, with the id that it had."""
    body = orjson.dumps({"type": "track", "event": "purchase", "userId": "7"})
    for _ in range(2):
        assert (await collector.post("/v1/track", body, **sign(body)))[0] == 200
    records = [
        FakeRecord(each.topic.name, 0, offset, each.value, RECEIVED_MS)
        for offset, each in enumerate(collector.log.of(topics.CONVERSIONS_RAW.short))
    ]
    batch = batch_of(records, collector.keys, Windows(10), lambda _: 0)
    assert (len(records), batch.tally["events"], batch.tally["repeats"], batch.reasons) == (2, 1, 1, {})


async def test_32_and_33_markup_and_line_ends_are_data(collector: Any, caplog: pytest.LogCaptureFixture) -> None:
    """They are stored as they came and read as such; no line of a log holds them."""
    caplog.set_level(logging.DEBUG)
    context = {"userAgent": NASTY, "page": {"title": NASTY, "url": f"https://a.example/{NASTY}"}}
    assert (await collector.post("/v1/track", {**CALL, "properties": {"said": NASTY}, "context": context}))[0] == 200
    [kept] = collector.log.kept
    assert b"\n" not in kept.value
    batch = batch_of(
        [FakeRecord(kept.topic.name, 0, 0, kept.value, RECEIVED_MS)], collector.keys, Windows(10), lambda _: 0
    )
    [event] = orjson.loads(batch.packs[0].value or b"")["events"]
    assert (event["title"], event["properties"]) == (NASTY, {"said": NASTY})
    assert [each for each in caplog.records if "jndi" in str(vars(each))] == []
