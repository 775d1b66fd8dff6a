"""How much one may send: a Kafka that is away or slow, and the rates of keys and of client addresses."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from services.ingest.adapters.guarded_log import RECORD_BYTES, GuardedLog
from services.ingest.adapters.http_collector import Bounds
from services.ingest.core.client import client_of, network
from services.ingest.core.rates import Rate

CALL = {"type": "track", "event": "E", "messageId": "m-1", "userId": "7"}
OURS = "https://academy.example.com"

PATIENT = Bounds(5.0, 5.0)  # with a client that waits between its calls, as a busy machine makes every one wait


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """The time it stands at."""
        return self.now_s


async def test_a_kafka_that_is_away_is_asked_by_one_at_a_time(serve: Any) -> None:
    """After three failures in a row 503 comes at once; two seconds later one finds out, and all go on."""
    clock, asked = Clock(), []

    def guard(log: Any) -> GuardedLog:
        append = log.append

        async def noted(records: Any) -> None:
            asked.append(len(records))
            await append(records)

        log.append = noted
        return GuardedLog(log, 1_000_000, clock)

    collector = await serve(guard=guard)
    collector.log.is_away = True
    assert [(await collector.post("/v1/track", CALL))[0] for _ in range(10)] == [503] * 10
    assert len(asked) == 3
    clock.now_s += 2
    assert [(await collector.post("/v1/track", CALL))[0] for _ in range(10)] == [503] * 10
    assert len(asked) == 4
    collector.log.is_away = False
    clock.now_s += 2
    assert [(await collector.post("/v1/track", CALL))[0] for _ in range(10)] == [200] * 10


async def test_a_kafka_that_is_slow_is_429(serve: Any) -> None:
    """As much waits as may; the next is told to come again, and is let in when there is room."""
    gate, waiting = asyncio.Event(), asyncio.Event()

    def guard(log: Any) -> GuardedLog:
        append = log.append

        async def slow(records: Any) -> None:
            waiting.set()
            await gate.wait()
            await append(records)

        log.append = slow
        return GuardedLog(log, RECORD_BYTES + 200, Clock())

    collector = await serve(guard=guard)
    first = asyncio.ensure_future(collector.post("/v1/track", CALL))
    await waiting.wait()
    async with collector.http.post("/v1/track", json=CALL, headers={"X-Write-Key": "demo"}) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "1")
        assert (await response.json())["code"] == "queue_full"
    gate.set()
    assert (await first)[0] == 200
    assert (await collector.post("/v1/track", CALL))[0] == 200


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ({"batch": []}, {}, 200),
        ({"batch": []}, {"Authorization": ""}, 401),
        (b"no JSON", {}, 400),
        (CALL, {"Origin": "https://evil.example"}, 403),
    ],
)
async def test_what_costs_no_call_costs_its_client(serve: Any, body: Any, headers: dict[str, str], status: int) -> None:
    """Empty batches, wrong keys and broken bodies end in 429 as well."""
    collector = await serve(client_rate=Rate(1, 3))
    got = [(await collector.post("/v1/batch", body, **headers))[0] for _ in range(5)]
    assert got == [status] * 3 + [429] * 2


async def test_empty_batches_cost_their_key(serve: Any) -> None:
    """One call each, whatever address they come from."""
    collector = await serve(bounds=PATIENT)
    got = [(await collector.post("/v1/batch", {"batch": []}))[0] for _ in range(502)]
    assert got == [200] * 500 + [429] * 2


@pytest.mark.parametrize(("proxies", "statuses"), [((), [200, 200, 429]), (("127.0.0.0/8",), [200, 200, 200])])
async def test_a_client_is_who_our_proxy_says(serve: Any, proxies: tuple[str, ...], statuses: list[int]) -> None:
    """31: a header that anybody writes counts from a configured proxy alone."""
    bounds = Bounds(5.0, 5.0, proxies=tuple(map(network, proxies)))
    collector = await serve(bounds=bounds, client_rate=Rate(1, 2))
    got = [
        (await collector.post("/v1/batch", {"batch": []}, **{"X-Forwarded-For": f"203.0.113.{number}"}))[0]
        for number in range(3)
    ]
    assert got == statuses


async def test_a_signed_server_is_bound_by_its_key_alone(serve: Any, sign: Callable[..., dict[str, str]]) -> None:
    """A back office sends from one address."""
    collector = await serve(client_rate=Rate(1, 10))
    body = orjson.dumps({"batch": [CALL] * 400})
    assert (await collector.post("/v1/batch", body, **sign(body)))[0] == 200
    assert (await collector.post("/v1/batch", body))[0] == 429


async def test_a_browser_may_read_when_to_come_again(serve: Any) -> None:
    """`Retry-After` is hidden from scripts unless it is exposed."""
    collector = await serve(client_rate=Rate(1, 1))
    await collector.post("/v1/batch", {"batch": []})
    headers = {"X-Write-Key": "demo", "Origin": OURS}
    async with collector.http.post("/v1/batch", json={"batch": []}, headers=headers) as response:
        assert (response.status, response.headers["Access-Control-Expose-Headers"]) == (429, "Retry-After")


PROXIES = tuple(map(network, ("10.0.0.0/8", "2001:db8::/32")))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "203.0.113.1:4711", "203.0.113.1"),
        ("10.0.0.1", "192.0.2.9, 203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "203.0.113.1, 10.0.0.2", "203.0.113.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "203.0.113.1, nobody", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.1,", "10.0.0.1"),
        ("::ffff:10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("2001:db8::1", "2001:0DB9:0:1:aaaa::1", "2001:db9:0:1::/64"),
        ("2001:db9:0:1:bbbb::1", "", "2001:db9:0:1::/64"),
        ("fe80::1%eth0", "", "fe80::/64"),
        (None, "203.0.113.1", "unknown"),
    ],
)
def test_who_a_request_counts_for(peer: str | None, forwarded: str, client: str) -> None:
    """Read from the end for as long as our proxies wrote it; a subscriber of IPv6 has 64 bits of addresses."""
    assert client_of(peer, forwarded, PROXIES) == client
