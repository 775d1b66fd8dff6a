"""Every spelling of an inner address, end to end: as a lead's website, no socket is opened for it.

The resolver answers every name with inner addresses alone, as a hostile or a rebinding one would.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.recommendation import RecommendationRequest
from services.recommender.core.company.sites import refusal, site_of
from services.recommender.core.company.values import NoPage, Site, Why

SHARED = Path(os.environ.get("KINDLING_SHARED", Path(__file__).parents[5] / "shared"))
DATA = SHARED / "data" / "ssrf_urls" / "ssrf.jsonl"
FACT = {"name": "website", "source": "form", "is_verified": False, "said_at": "2026-11-03T09:00:00Z"}
INNER = [
    (address, 0)
    for address in (
        "127.0.0.1", "169.254.169.254", "10.0.0.1", "100.100.100.200", "192.0.0.192", "0.0.0.0",  # noqa: S104 refused
        "::1", "::", "fd00:ec2::254", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1",
        "2002:7f00:1::", "fec0::1", "5f00::1", "fe80::1", "ff02::1",
    )
]  # fmt: skip
LOOPBACK = (
    "127.0.0.1", "127.1", "127.0.1", "127.000.000.001", "0177.0.0.1", "0177.1", "0x7f.0.0.1", "0x7f.1", "0x7f000001",
    "2130706433", "017700000001", "127.0.0.1.", "0", "0.0.0.0", "localhost", "localhost.", "LOCALHOST", "a.localhost",  # noqa: S104
    "localhost.localdomain", "①②⑦.⓪.⓪.①", "\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021",
    "127\uff0e0\uff0e0\uff0e1", "127\uff610\uff610\uff611",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "[fe80::1%25lo]", "[::1%25]", "127.0.0.1%00.acme.com", "127.0.0.1%23.acme.com",
    "127.0.0.1.nip.io", "7f000001.nip.io", "localtest.me", "make-127.0.0.1-rebind-10.0.0.1-rr.1u.ms",
)  # fmt: skip
METADATA = (
    "169.254.169.254", "2852039166", "0xA9FEA9FE", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376", "0251.254.169.254",
    "025177524776", "425.510.425.510", "7147006462", "169.254.43518", "169.16689662", "[::ffff:a9fe:a9fe]",
    "[fd00:ec2::254]", "instance-data", "metadata", "metadata.google.internal", "169.254.169.254.nip.io",
    "100.100.100.200", "192.0.0.192",
)  # fmt: skip
CONFUSED = (
    "http://1.1.1.1 &@2.2.2.2# @3.3.3.3/", "http://acme.com@127.0.0.1/", "http://acme.com:80@127.0.0.1/",
    "http://127.0.0.1:80\\@acme.com/", "http://acme.com\\@127.0.0.1/", "http://acme.com#@127.0.0.1/",
    "http://127.0.0.1#.acme.com/", "http://127.0.0.1?.acme.com/", "http:/127.0.0.1/", "http:127.0.0.1", "//127.0.0.1/",
    "http:///127.0.0.1/", "http://acme.com:22/", "http://acme.com:+80/", "http://acme.com:80:443/",
    "ht\ntp://127.0.0.1/", "http://127.0.0.1\t/", "http://127.0.0.1/%0d%0aHost:x", "http://acme.com\r\nHost: x/",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "dict://127.0.0.1/", "ftp://127.0.0.1/", "jar:http://127.0.0.1!/",
    "ldap://localhost:389/", "netdoc:///etc/passwd", "unix:///var/run/docker.sock", "data:text/html,x",
    "view-source:http://127.0.0.1", "0://evil.com:80;http://127.0.0.1:80/", "localhost:+11211aaa",
)  # fmt: skip
OURS = [
    *(f"{scheme}://{host}/" for scheme in ("http", "https") for host in (*LOOPBACK, *METADATA)),
    *LOOPBACK, *CONFUSED,
]  # fmt: skip
THEIRS = [json.loads(line)["url"] for line in DATA.read_text(encoding="utf-8").splitlines()] if DATA.is_file() else []


@pytest.fixture
def opened(scene: Any, names: Any, request_of: Callable[..., RecommendationRequest]) -> Callable[[str], Any]:
    """How many sockets a lead with this website opens, and what came of it."""

    async def read(website: str) -> tuple[int, Why]:
        recipient = {"address": "ana@acme.com", "address_key": "k", "name": "Ana"}
        site = site_of(request_of(facts=[FACT | {"value": website}], recipient=recipient))
        assert isinstance(site, Site)  # the domain of the address at least
        reader = scene.reader(names({}, INNER))
        if (why := refusal(site, reader.registrable, frozenset())) is not None:
            return reader.fetcher.guard.dialled, why
        found = await reader.read(site, within_s=5.0)
        assert isinstance(found, NoPage)
        return reader.fetcher.guard.dialled, found.why

    return read


@pytest.mark.parametrize("website", OURS)
async def test_no_spelling_opens_a_socket(opened: Callable[[str], Any], website: str) -> None:
    """It is no URL, no public name, or an address the guard refuses; the address's domain fares no better."""
    dialled, why = await opened(website)
    assert (dialled, why) in {(0, Why.ADDRESS), (0, Why.NOT_PUBLIC)}


@pytest.mark.skipif(not THEIRS, reason="the collection of others' spellings is not here")
async def test_no_published_spelling_opens_a_socket(opened: Callable[[str], Any]) -> None:
    """The spellings that others collected."""
    results = {url: await opened(url) for url in THEIRS}
    assert len(results) > 90
    assert {url: came for url, came in results.items() if came not in {(0, Why.ADDRESS), (0, Why.NOT_PUBLIC)}} == {}


async def test_literal_past_the_parser_is_refused_at_the_socket(scene: Any, names: Any) -> None:
    """Were a site ever to be an address, no resolver would be asked; the guard sees it all the same."""
    for host in ("127.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "[fd00:ec2::254]"):
        reader = scene.reader(names({}))
        found = await reader.read(Site(host, "http", "website"), within_s=5.0)
        assert (found.why, reader.fetcher.guard.dialled, reader.fetcher.guard.refused) == (Why.ADDRESS, 0, 1), host


async def test_a_name_of_the_public_internet_is_let_through(scene: Any, names: Any, page: Callable[..., bytes]) -> None:
    """The count of nought above is not for want of dialling: rules and page are two sockets."""
    server = await scene.server({"/": page()})
    reader = scene.reader(names({"acme.com": [[server.address]]}), server)
    found = await reader.read(Site("acme.com", "http", "website"), within_s=8.0)
    assert "sourdough" in found.text
    assert (reader.fetcher.guard.dialled, reader.fetcher.guard.refused) == (2, 0)


async def test_second_answer_of_a_rebinding_resolver_is_refused(
    scene: Any, names: Any, page: Callable[..., bytes]
) -> None:
    """The rules came from a public address; the page's request resolves to the metadata service."""
    server = await scene.server({"/": page()})
    for inner in ("169.254.169.254", "127.0.0.1", "::1"):
        rebinding = names({"acme.com": [[server.address], [(inner, 80)]]})
        reader = scene.reader(rebinding, server)
        found = await reader.read(Site("acme.com", "http", "website"), within_s=8.0)
        assert (found.why, reader.fetcher.guard.dialled, reader.fetcher.guard.refused) == (Why.ADDRESS, 1, 1)
    assert server.paths == ["/robots.txt"] * 3
