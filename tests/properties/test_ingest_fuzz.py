"""Whatever strangers send, each parser of ingest takes it or refuses it by one of its reasons; none raises.

`make test ARGS="-k ingest_fuzz --cases 50000 --seed 7 --timeout 900"` asks more.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from schemas import topics
from services.ingest.adapters.fake_records import FakeRecord
from services.ingest.core.access import claimed_key, known_key, named_keys, signature_in
from services.ingest.core.body import calls_of, plain
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.client import client_of, network
from services.ingest.core.door import Head, passed, taken
from services.ingest.core.intake import Sender, intake_of
from services.ingest.core.keyring import OWN, ServerKey, WriteKey, ring_of
from services.ingest.core.pixel import body_of, body_of_fields
from services.ingest.core.rates import Rate
from services.ingest.core.reasons import Reason, Refused
from services.ingest.core.source import keys_of
from services.ingest.core.times import event_time_ms, instant_ms
from services.runtime.fake_seal import FakeSeal
from tests.properties.hostile import Hostile

NOW_MS = 1_793_696_400_000
KEYS = keys_of(b"a secret of a test", FakeSeal())
RATE = Rate(1, 500)
RING = ring_of([WriteKey("demo", ("https://academy.example.com",), RATE)], [ServerKey(OWN, KEYS.server, RATE)])
RAW = (topics.EVENTS_RAW, topics.CONVERSIONS_RAW, topics.EMAIL_FEEDBACK, topics.PRIVACY_REQUESTS)
KINDS = ("batch", "batch", "batch", "track", "page", "screen", "identify", "group", "alias")
PROXIES = [network("10.0.0.0/8"), network("::1")]
TAKEN = "taken"
TIMES = 10  # as many as there are cases of schemathesis: 0.2 ms each

Ends = Iterator[str]


def of_bodies(hostile: Hostile) -> Ends:
    """A body to its calls, and each of those to what the consumer makes of it."""
    body, encoding = hostile.body()
    is_server = hostile.among((True, False))
    calls = calls_of(plain(body, encoding), hostile.among(KINDS))
    intake = intake_of(calls, Sender("demo", NOW_MS, is_server=is_server, browser_agent=hostile.text()), KEYS)
    assert len(intake.records) + len(intake.errors) == len(calls.items)
    yield from (refusal.reason.value for _, refusal in intake.errors)
    for each in intake.records:
        record = FakeRecord(each.topic.name, 0, 0, each.value, NOW_MS, headers=each.headers)
        assert isinstance(clean(record, KEYS), Cleaned)
        yield TAKEN


def of_records(hostile: Hostile) -> Ends:
    """Bytes on a raw topic, from whoever may write there."""
    headers = [(hostile.text(), hostile.among((None, b"\xff", hostile.text().encode("utf-8", "replace"))))]
    value = hostile.among((*[hostile.value()] * 9, None))
    at_ms = hostile.among((*[NOW_MS] * 7, 0, -1, 2**62))
    found = clean(FakeRecord(hostile.among(RAW).name, 0, 0, value, at_ms, headers=headers), KEYS)
    yield TAKEN if isinstance(found, Cleaned) else found.reason.value


def of_pixels(hostile: Hostile) -> Ends:
    """The address of an image: base64, or fields by dotted name."""
    is_flat = hostile.among((True, False))
    body = body_of_fields(hostile.fields()) if is_flat else body_of(hostile.encoded())
    intake = intake_of(calls_of(body, "track"), Sender("demo", NOW_MS, is_server=False), KEYS)
    yield from (refusal.reason.value for _, refusal in intake.errors)
    yield from (TAKEN for _ in intake.records)


def of_heads(hostile: Hostile) -> Ends:
    """Headers, a query's key and a body that may name one."""
    names = (
        "authorization",
        "content-encoding",
        "origin",
        "traceparent",
        "user-agent",
        "x-kindling-signature",
        "x-write-key",
    )
    headers = {hostile.among(names): hostile.text() for _ in range(hostile.among((0, 1, 3)))}
    head = Head(hostile.among(KINDS), headers, hostile.among(("", "demo", hostile.text())), "client")
    shown = passed(head, RING, NOW_MS / 1_000)
    found = taken(head, shown, hostile.value(), RING, NOW_MS)
    assert found.sender.key == "demo"
    yield TAKEN


def of_words(hostile: Hostile) -> Ends:
    """Keys, signatures, addresses of clients, and times: a word or none."""
    said = [hostile.text() for _ in range(3)]
    assert isinstance(client_of(said[0], ",".join(said), PROXIES), str)
    moment = instant_ms(hostile.among((*said, 1e300, float("nan"), -(10**400), True, None, [], {})))
    assert moment is None or isinstance(moment, int)
    time_ms, _ = event_time_ms(
        dict(zip(("timestamp", "originalTimestamp", "sentAt"), said, strict=True)), NOW_MS, is_trusted=False
    )
    assert 0 <= time_ms <= NOW_MS + 300_000
    assert all(isinstance(each, str) for each in named_keys(hostile.value()))
    yield TAKEN
    shown = f"t={NOW_MS // 1_000},v1=0" if hostile.among((True, False)) else hostile.text()
    signature_in(shown + hostile.among(("", hostile.text())), RING, NOW_MS / 1_000)
    known_key(claimed_key(*said), None, RING)


@pytest.mark.parametrize(
    ("parse", "expected"),
    [
        (of_bodies, "not_json not_an_object too_large bad_encoding broken_gzip broken_deflate bad_type bad_id no_name"),
        (of_records, "not_json not_an_object unexpected_tombstone no_receive_time bad_shape bad_type"),
        (of_pixels, "not_json not_an_object too_many_properties no_name bad_id nobody"),
        (of_heads, "unknown_key bad_signature foreign_origin bad_encoding not_json"),
        (of_words, "unknown_key bad_signature"),
    ],
)
def test_hostile_input_ends_as_taken_or_refused(
    pytestconfig: pytest.Config, parse: Callable[[Hostile], Ends], expected: str
) -> None:
    """By a reason of the list; how often each is printed, and those that have to come do."""
    ends: Counter[str] = Counter()
    for number in range(pytestconfig.getoption("--cases") * TIMES):
        seed = pytestconfig.getoption("--seed") * 10_000_000 + number
        try:
            ends.update(parse(Hostile(seed)))
        except Refused as refused:
            ends[refused.refusal.reason.value] += 1
        except Exception as error:  # noqa: BLE001 whatever it is, it is a failure, and told with its seed
            pytest.fail(f"{parse.__name__}, seed {seed}: {error!r}")
    sys.stdout.write(f"{parse.__name__}: {ends.total()} ends, {dict(ends.most_common())}\n")
    assert set(ends) <= {TAKEN, *(each.value for each in Reason)}
    assert set(ends) >= {TAKEN, *expected.split()}
