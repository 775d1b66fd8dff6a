"""Keys of a file: what they may do, how they are read anew, and what is said of a file that is broken."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from prometheus_client import REGISTRY

from services.ingest.__main__ import collector as command
from services.ingest.adapters.http_collector import Bounds
from services.ingest.adapters.keys_file import FileRing, Usual, read_keys
from services.ingest.core.keyring import OWN, Keyring, ServerKey, WriteKey, masked_key, ring_of
from services.ingest.core.rates import Rate
from services.ingest.settings import IngestSettings
from services.runtime.health import Health
from services.runtime.outcome import Misconfigured
from services.runtime.process import Process
from services.runtime.settings import masked

CALL = {"type": "track", "event": "E", "messageId": "m-1", "userId": "7"}
SITE, SHOP = "https://academy.example.com", "https://shop.example.com"
USUAL = Rate(1, 500)
FILE = """
write_keys:
  - {key: website, origins: ["https://academy.example.com"], sends: [track, page]}
  - {key: shop, origins: ["https://shop.example.com"], calls_per_s: 5, burst: 600}
  - {key: old, calls_per_s: 9}
server_keys:
  - {name: crm-2025, secret: the older secret of the crm}
  - {name: crm-2026, secret: the newer secret of the crm}
"""


@pytest.fixture
def usual() -> Usual:
    """What the settings say beside the file."""
    ring = ring_of([WriteKey("old", (SITE,), USUAL), WriteKey("older", (SITE,), USUAL)], [ServerKey(OWN, b"x", USUAL)])
    return Usual(ring, (SITE,), USUAL)


@pytest.fixture
def read(tmp_path: Path, usual: Usual) -> Callable[[str], Keyring]:
    """The keys of a file that says this."""

    def of(text: str) -> Keyring:
        (tmp_path / "keys.yaml").write_text(text, encoding="utf-8")
        return read_keys(tmp_path / "keys.yaml", usual)

    return of


def broken() -> float:
    """How often a file of keys was broken."""
    return REGISTRY.get_sample_value("kindling_ingest_keys_read_total", {"outcome": "broken"}) or 0.0


def test_a_file_stands_beside_the_settings(read: Callable[[str], Keyring]) -> None:
    """What it says of a key counts; what it leaves out is as the settings have it."""
    ring = read(FILE)
    found = {each.key: each for each in ring.writing}
    assert list(found) == ["website", "shop", "old", "older"]
    assert found["website"] == WriteKey("website", (SITE,), USUAL, frozenset({"track", "page"}))
    assert found["shop"] == WriteKey("shop", (SHOP,), Rate(5, 600))
    assert found["old"] == WriteKey("old", (SITE,), Rate(9, 500))
    assert [each.name for each in ring.serving] == [OWN, "crm-2025", "crm-2026"]
    assert ring.origins == {SITE, SHOP}


def test_the_installations_key_can_be_taken_out(read: Callable[[str], Keyring]) -> None:
    """Whoever knows the secret of the installation signs no more, once each server has a key of its own."""
    assert [each.name for each in read(FILE + "installation_key: false\n").serving] == ["crm-2025", "crm-2026"]


def test_json_is_read_too(read: Callable[[str], Keyring]) -> None:
    """It is YAML."""
    assert read('{"write_keys": [{"key": "website"}]}').write_key("website") is not None


def test_a_secret_may_stand_in_a_file_of_its_own(read: Callable[[str], Keyring], tmp_path: Path) -> None:
    """As a mounted one does; a line break at its end is no part of it."""
    (tmp_path / "crm").write_text("the newer secret of the crm\n", encoding="utf-8")
    [_, server] = read(f"server_keys: [{{name: crm, secret_file: {tmp_path / 'crm'}}}]").serving
    assert server.secret == b"the newer secret of the crm"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("write_keys: [{key: a, origin: x}]", "write_keys.0.origin: expected no field of this name"),
        ("write_keys: [{key: 'a b'}]", "write_keys.0.key: expected 1 to 200 characters"),
        ("write_keys: [{key: 'a:b'}]", "write_keys.0.key: expected 1 to 200 characters"),
        ("write_keys: [{key: a}, {key: a}]", "expected each write key once"),
        ("write_keys: [{key: a, origins: ['null']}]", "write_keys.0.origins.0: expected an origin"),
        ("write_keys: [{key: a, origins: ['https://a.example/']}]", "write_keys.0.origins.0: expected an origin"),
        ("write_keys: [{key: a, sends: []}]", "write_keys.0.sends: expected at least 1"),
        ("write_keys: [{key: a, sends: [tracks]}]", "write_keys.0.sends.0: expected 'track'"),
        ("write_keys: [{key: a, burst: 1}]", "write_keys.0.burst: expected at least 500"),
        ("server_keys: [{name: a, secret: short}]", "server_keys.0.secret: expected at least 16 characters"),
        ("server_keys: [{name: a}]", "expected either secret or secret_file"),
        ("server_keys: [{name: a, secret_file: /nowhere/at/all}]", "/nowhere/at/all: expected a readable file"),
        ("server_keys: [{name: 'a,b', secret: a secret of a test}]", "server_keys.0.name: expected 1 to 50 letters"),
        ("write_keys: [", "not YAML"),
        ("7", "the whole: expected fields by name"),
    ],
)
def test_a_broken_file_says_what_is_wrong(read: Callable[[str], Keyring], text: str, said: str) -> None:
    """With the field, what was expected, and never a secret."""
    with pytest.raises(Misconfigured) as raised:
        read(text)
    assert said in str(raised.value)
    assert "keys.yaml" in str(raised.value) or "/nowhere" in str(raised.value)
    assert "short" not in str(raised.value)


def test_a_file_is_read_when_it_has_changed(tmp_path: Path, usual: Usual, caplog: pytest.LogCaptureFixture) -> None:
    """A broken one keeps the keys of before, is one line of the log, and counts at each look until it comes right."""
    caplog.set_level(logging.INFO)
    path = tmp_path / "keys.yaml"
    path.write_text("write_keys: [{key: first}]", encoding="utf-8")
    ring = FileRing(path, usual)
    first = ring.ring()
    ring.look()
    assert ring.ring() is first
    path.write_text("write_keys: [{key: second-one}]", encoding="utf-8")
    ring.look()
    assert ring.ring().write_key("second-one")
    assert not ring.ring().write_key("first")
    for wrong in (lambda: path.write_text("write_keys: {", encoding="utf-8"), path.unlink):
        before, said = broken(), len(caplog.records)
        wrong()
        for _ in range(3):
            ring.look()
        assert ring.ring().write_key("second-one")
        assert broken() == before + 3
        assert [each.levelno for each in caplog.records[said:]] == [logging.ERROR]
    path.write_text("write_keys: [{key: third}]", encoding="utf-8")
    ring.look()
    assert ring.ring().write_key("third")
    assert "third" not in caplog.text


async def test_a_changed_file_is_seen_without_a_restart(tmp_path: Path, usual: Usual) -> None:
    """It is looked at again and again."""
    path = tmp_path / "keys.yaml"
    path.write_text("write_keys: [{key: first}]", encoding="utf-8")
    ring = FileRing(path, usual)
    looking = asyncio.ensure_future(ring.look_for_ever(0.0))
    path.write_text("write_keys: [{key: second-one}]", encoding="utf-8")
    while not ring.ring().write_key("second-one"):
        await asyncio.sleep(0)
    looking.cancel()


async def test_a_key_is_used_from_its_own_pages(serve: Any, read: Callable[[str], Keyring]) -> None:
    """The other's page is foreign to it; who is no browser needs none."""
    ring = read(FILE)
    collector = await serve(ring=lambda: ring)
    for origin, status in ((SITE, 200), (SHOP, 403), ("https://evil.example", 403), ("null", 403)):
        headers = {"Authorization": "", "X-Write-Key": "website", "Origin": origin}
        assert (await collector.post("/v1/track", CALL, **headers))[0] == status
        body = {**CALL, "writeKey": "website"}
        assert (await collector.post("/v1/track", body, Authorization="", Origin=origin))[0] == status
    assert (await collector.post("/v1/track", CALL, Authorization="", **{"X-Write-Key": "website"}))[0] == 200


async def test_a_key_sends_what_it_may(serve: Any, read: Callable[[str], Keyring]) -> None:
    """Each call of another type is refused by its place."""
    ring = read(FILE)
    collector = await serve(ring=lambda: ring)
    calls = [CALL, {"type": "Identify", "userId": "7"}, {"type": "page", "userId": "7"}]
    headers = {"Authorization": "", "X-Write-Key": "website"}
    status, answer = await collector.post("/v1/batch", {"batch": calls}, **headers)
    assert (status, [(each["index"], each["reason"]) for each in answer["errors"]]) == (200, [(1, "forbidden_type")])
    assert [each["type"] for each in collector.calls()] == ["track", "page"]


async def test_each_key_has_its_rate(serve: Any, read: Callable[[str], Keyring]) -> None:
    """600 at once for the one that may, 500 for others."""
    ring = read(FILE)
    collector = await serve(ring=lambda: ring)
    for key, left in (("shop", 100), ("website", 0)):
        headers = {"Authorization": "", "X-Write-Key": key}
        assert (await collector.post("/v1/batch", {"batch": [CALL] * 500}, **headers))[0] == 200
        last = (await collector.post("/v1/batch", {"batch": [CALL] * 100}, **headers))[0]
        assert last == (200 if left else 429)


async def test_a_server_key_can_be_rolled(serve: Any, sign: Any, read: Callable[[str], Keyring]) -> None:
    """Both sign while both are there, by name or without; then the older one does not."""
    rings = [read(FILE)]
    collector = await serve(ring=lambda: rings[-1])
    body = orjson.dumps(CALL)
    old, new = b"the older secret of the crm", b"the newer secret of the crm"

    async def status(key: bytes, name: str = "") -> int:
        found: tuple[int, Any] = await collector.post("/v1/track", body, **sign(body, key, name))
        return found[0]

    assert [await status(old), await status(new), await status(old, "crm-2025"), await status(new, "crm-2026")] == [
        200
    ] * 4
    assert [await status(old, "crm-2026"), await status(b"none"), await status(new, "nobody")] == [401] * 3
    rings.append(read("server_keys: [{name: crm-2026, secret: the newer secret of the crm}]"))
    assert [await status(old), await status(old, "crm-2025"), await status(new)] == [401, 401, 200]


@pytest.mark.parametrize("name", ["a b", "a,b", "é", "", "x" * 51])
async def test_an_odd_name_of_a_key_is_refused(collector: Any, sign: Any, name: str) -> None:
    """As a bad signature."""
    body = orjson.dumps(CALL)
    headers = {**sign(body), "X-Kindling-Signature": sign(body)["X-Kindling-Signature"] + f",key={name}"}
    status, answer = await collector.post("/v1/track", body, **headers)
    assert (status, answer["code"]) == (401, "bad_signature")


def test_write_keys_are_masked_where_settings_are_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough is left to tell two of them apart."""
    monkeypatch.setenv("KINDLING_SECRET", "a secret of a test")
    monkeypatch.setenv("KINDLING_INGEST_WRITE_KEYS", "website-key-1,abc")
    assert masked(IngestSettings())["ingest_write_keys"] == ["web…", "…"]
    assert masked_key("shopkeys") == "sho…"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("KINDLING_INGEST_PROXIES", "10.0.0.0/8,nobody"), ("KINDLING_INGEST_BYTES_IN_FLIGHT", "1"),
     ("KINDLING_INGEST_CONNECTIONS", "0"), ("KINDLING_INGEST_CLIENT_BURST", "1")],
)  # fmt: skip
def test_a_setting_out_of_bounds_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """At the start."""
    monkeypatch.setenv("KINDLING_SECRET", "a secret of a test")
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match=variable.removeprefix("KINDLING_").lower()):
        IngestSettings()


async def test_a_broken_file_ends_the_start(tmp_path: Path) -> None:
    """With what is wrong: there are no keys of before."""
    path = tmp_path / "keys.yaml"
    path.write_text("write_keys: [{kay: a}]", encoding="utf-8")
    settings = IngestSettings.model_validate({"secret": "a secret of a test", "ingest_keys": path})
    with pytest.raises(Misconfigured, match=r"write_keys\.0\.kay"):
        await command(settings, Process("ingest-collector", asyncio.Event(), Health("ingest-collector")))


def test_bounds_have_defaults_of_one_process() -> None:
    """Half of the bytes in flight are for bodies, as the settings say it."""
    settings = IngestSettings.model_validate({"secret": "a secret of a test"})
    assert Bounds().body_bytes == settings.ingest_bytes_in_flight // 2
    assert Bounds().connections == settings.ingest_connections
