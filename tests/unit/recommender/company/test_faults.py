"""What a site may do to its reader, and the reason each ends in, within its deadline."""

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import pytest

from services.recommender.adapters.company.bounded import Bounds
from services.recommender.core.company.values import NoPage, Page, Site, Why

SITE = Site("acme.com", "http", "website")
WITHIN_S = 8.0  # generous: the machine may be busy; the drips are given less
DRIP_S = 1.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
LONG = "A page about what a captcha is, and about a domain that is for sale, in many words. " * 40


async def _hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing until the other side goes."""
    del writer
    await reader.read()


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte now and then, for ever."""
    loop = asyncio.get_running_loop()
    writer.write(HEAD + b"\r\n")

    def drop() -> None:
        if not writer.is_closing():
            writer.write(b"x")
            loop.call_later(0.2, drop)

    drop()
    await reader.read()


async def _endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """More and more, as fast as it goes."""
    writer.write(HEAD + b"\r\n")
    while True:
        writer.write(b"<p>more " * 8_000)
        await writer.drain()


async def _endless_headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while True:
        writer.write(b"X-More: yes\r\n" * 1_000)
        await writer.drain()


async def _reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 5000\r\n\r\n<p>only this")
    await writer.drain()
    writer.transport.abort()


def _raw(body: bytes, more: bytes = b"", kind: bytes = b"text/html") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
    return head % (kind, len(body), more) + body


def _gzipped(body: bytes) -> bytes:
    return _raw(gzip.compress(body), b"Content-Encoding: gzip\r\n")


WORDS = b"<p>" + b"Acme bakes sourdough bread and wedding cakes for hotels and caf\xe9s. " * 8
RUSSIAN = "<p>" + "Пекарня печёт хлеб и торты для гостиниц и кафе по всей области. " * 8
FAULTS: dict[str, tuple[Any, Why]] = {
    "endless body": (_endless, Why.TOO_LARGE),
    "endless headers": (_endless_headers, Why.BROKEN),
    "reset in the middle": (_reset, Why.BROKEN),
    "no protocol": (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Why.BROKEN),
    "nothing at all": (b"", Why.BROKEN),
    "cut off": (HEAD + b"Content-Length: 5000\r\n\r\n<p>only this", Why.BROKEN),
    "two lengths": (HEAD + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello", Why.BROKEN),
    "gzip bomb": (_gzipped(b"<p>" + b"bomb " * 10_000_000), Why.TOO_LARGE),
    "broken gzip": (_raw(b"\x1f\x8b\x08broken and not gzip", b"Content-Encoding: gzip\r\n"), Why.BROKEN),
    "unasked encoding": (_raw(b"<p>x", b"Content-Encoding: br\r\n"), Why.BROKEN),
    "one line of 3 MB": (_raw(b"x" * 3_000_000), Why.TOO_LARGE),
    "one line of 1 MB": (_raw(b"x" * 1_000_000), Why.TOO_LITTLE_TEXT),
    "pdf as html": (_raw(b"%PDF-1.7\n1 0 obj <</Type /Catalog>>"), Why.NOT_HTML),
    "exe as html": (_raw(b"MZ\x90\x00\x03\x00\x00\x00"), Why.NOT_HTML),
    "zip as html": (_raw(b"PK\x03\x04\x14\x00"), Why.NOT_HTML),
    "pdf": (_raw(b"<p>x", kind=b"application/pdf"), Why.NOT_HTML),
    "no type": (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<p>x", Why.NOT_HTML),
    "laughing xml": (
        _raw(b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol">' + b'<!ENTITY b "&a;&a;">' * 40 + b"]><l>&b;</l>"),
        Why.TOO_LITTLE_TEXT,
    ),
    "another charset than stated": (_raw(RUSSIAN.encode("cp1251"), kind=b"text/html; charset=utf-8"), Why.NOT_HTML),
    "noindex": (_raw(b'<meta name="ROBOTS" content="nofollow, NoIndex">' + WORDS), Why.NOINDEX),
    "noindex in a header": (_raw(WORDS, b"X-Robots-Tag: noindex\r\n"), Why.NOINDEX),
    "noindex for others": (_raw(WORDS, b"X-Robots-Tag: otherbot: nofollow\r\nX-Robots-Tag: none\r\n"), Why.NOINDEX),
    "parked": (_raw(b"<title>acme.com</title><p>This domain is for sale! Buy this domain."), Why.PARKED),
    "parked in Spanish": (_raw(b"<p>El dominio acme.com est\xe1 en venta"), Why.PARKED),
    "default page": (_raw(b"<title>Welcome to nginx!</title>"), Why.PARKED),
    "captcha": (_raw(b"<title>Just a moment...</title><p>Verify you are human by completing the action"), Why.CAPTCHA),
    "a script's shell": (_raw(b"<title>Acme</title><script>s('" + WORDS + b"')</script>"), Why.TOO_LITTLE_TEXT),
    "empty": (_raw(b""), Why.TOO_LITTLE_TEXT),
    "status 404": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Why.STATUS),
    "status 503": (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", Why.STATUS),
    "status 204": (b"HTTP/1.1 204 No Content\r\n\r\n", Why.STATUS),
    "redirect without a place": (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", Why.REDIRECTS),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_has_its_reason(scene: Any, fault: str) -> None:
    """Within the deadline, with no more than the body's limit read."""
    behaviour, why = FAULTS[fault]
    reader, _ = await scene.at({"/": behaviour})
    found = await reader.read(SITE, within_s=WITHIN_S)
    assert isinstance(found, NoPage), found
    assert found.why is why, found


@pytest.mark.parametrize("behaviour", [_hang, _drip], ids=["hang", "drip"])
@pytest.mark.parametrize("path", ["/", "/robots.txt"])
async def test_a_slow_site_costs_its_deadline_and_no_more(scene: Any, behaviour: Any, path: str) -> None:
    """The clock is for the whole visit: bytes that keep coming do not wind it."""
    reader, _ = await scene.at({path: behaviour})
    began = asyncio.get_running_loop().time()
    found = await reader.read(SITE, within_s=DRIP_S)
    assert found == NoPage(Why.TIMEOUT, "not within 1.0 s")
    assert asyncio.get_running_loop().time() - began < DRIP_S + 1.0


async def test_a_nest_of_tags_breaks_only_its_child(scene: Any, small_bounds: Bounds) -> None:
    """A parser that would take for ever is ended by its bounds, and the next page is read."""
    reader, server = await scene.at({"/": _raw(b"<div>" * 390_000)}, bounds=small_bounds)
    assert (await reader.read(SITE, within_s=WITHIN_S)).why is Why.EXTRACTION
    server.routes["/"] = _raw(WORDS)
    assert isinstance(await reader.read(SITE, within_s=WITHIN_S), Page)


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        (_raw(b"User-agent: *\nDisallow: /", kind=b"text/plain"), Why.ROBOTS),
        (_raw(b"User-agent: KindlingReader\nDisallow: /\n\nUser-agent: *\nAllow: /"), Why.ROBOTS),
        (_raw(b"User-agent: *\nDisallow: /\n" + b"# filler\n" * 300_000), Why.ROBOTS),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", Why.ROBOTS_UNREACHABLE),
        (b"HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\n\r\n", Why.ROBOTS_UNREACHABLE),
        (b"HTTP/1.1 302 Found\r\nLocation: /robots.txt\r\nContent-Length: 0\r\n\r\n", Why.ROBOTS_UNREACHABLE),
        (b"HTTP/1.1 302 Found\r\nLocation: https://evil.com/\r\nContent-Length: 0\r\n\r\n", Why.ROBOTS_UNREACHABLE),
    ],
)
async def test_rules_for_robots_are_kept(scene: Any, rules: bytes, why: Why) -> None:
    """Who forbids, or whose server cannot say, is not read: the page is not even asked for."""
    reader, server = await scene.at({"/robots.txt": rules, "/": _raw(WORDS)})
    found = await reader.read(SITE, within_s=WITHIN_S)
    assert (found.why, "/" in server.paths) == (why, False)


@pytest.mark.parametrize(
    "rules",
    [
        _endless,
        _raw(b"User-agent: *\nDisallow: /private\nAllow: /"),
        _raw(b"\xff\xfe\x00 no rules at all"),
        _raw(b"User-agent: otherbot\nDisallow: /"),
        _raw(b"User-agent: *\nDisallow: /" + b"*a" * 60 + b"$"),
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["endless", "others", "garbage", "another agent", "a slow pattern", "missing", "forbidden"],
)
async def test_rules_that_do_not_forbid_let_the_page_be_read(scene: Any, rules: Any) -> None:
    """However long or odd they are: of endless ones the first 512 kB count."""
    reader, _ = await scene.at({"/robots.txt": rules, "/": _raw(WORDS)})
    assert isinstance(await reader.read(SITE, within_s=WITHIN_S), Page)


async def test_redirects_are_followed_within_the_domain(scene: Any, redirect: Callable[[str], bytes]) -> None:
    """To `www`, to a path; each origin's rules are asked for once."""
    reader, server = await scene.at(
        {"/": redirect("http://www.acme.com/start"), "/start": redirect("/en"), "/en": _raw(WORDS)}
    )
    assert isinstance(await reader.read(SITE, within_s=WITHIN_S), Page)
    assert server.paths == ["/robots.txt", "/", "/robots.txt", "/start", "/en"]


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("/", Why.REDIRECTS),
        ("http://169.254.169.254/latest/meta-data/", Why.URL),
        ("file:///etc/passwd", Why.URL),
        ("//[::1]/", Why.URL),
        ("http://acme.com:22/", Why.URL),
        ("http://inside.acme.com/", Why.ADDRESS),
        ("http://acme.com@inside.acme.com/", Why.URL),
        ("https://other-business.com/", Why.ELSEWHERE),
        ("https://www.acme.com.evil.com/", Why.ELSEWHERE),
        ("http://gone.acme.com/", Why.DNS),
    ],
)
async def test_redirect_leads_nowhere_else(
    scene: Any, names: Any, redirect: Callable[[str], bytes], location: str, why: Why
) -> None:
    """Not into the network, not to another domain, not in a circle; no socket is opened for it."""
    server = await scene.server({"/": redirect(location)})
    resolver = names({"acme.com": [[server.address]], "inside.acme.com": [[("169.254.169.254", 80), ("10.0.0.7", 80)]]})
    reader = scene.reader(resolver, server)
    found = await reader.read(SITE, within_s=WITHIN_S)
    assert (found.why, reader.fetcher.guard.dialled) == (why, 2)


async def test_redirects_end_after_five(scene: Any) -> None:
    """However many there would be."""

    async def next_one(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to = len(server.requests)
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n" % to)

    reader, server = await scene.at({"*": next_one})
    assert (await reader.read(SITE, within_s=WITHIN_S)).why is Why.REDIRECTS
    assert len(server.paths) == 1 + 6


async def test_no_cookie_is_kept_and_nothing_of_ours_is_sent(scene: Any) -> None:
    """One honest name with an address where its sender can be asked; no referrer, no cookie."""
    cookie = b"Set-Cookie: id=1; Path=/\r\n"
    reader, server = await scene.at({"/robots.txt": _raw(b"", cookie), "/": _raw(WORDS, cookie)})
    await reader.read(SITE, within_s=WITHIN_S)
    headers = {line.partition(":")[0].lower() for line in server.requests[1].splitlines()[1:] if line}
    assert headers == {"host", "accept", "accept-encoding", "accept-language", "user-agent", "connection"}
    assert "User-Agent: KindlingReader/1.0 (+https://academy.example.com)" in server.requests[1]


async def test_charset_is_found_where_it_is_stated(scene: Any) -> None:
    """In the header, in the page, or by how it looks; Western bytes that nobody names are Windows-1252."""
    for kind, body in (
        (b"text/html; charset=windows-1251", RUSSIAN.encode("cp1251")),
        (b"text/html", b'<meta charset="windows-1251">' + RUSSIAN.encode("cp1251")),
        (b"text/html; charset=hex", RUSSIAN.encode()),
        (b"text/html; charset=no-such", b"\xef\xbb\xbf" + RUSSIAN.encode()),
    ):
        reader, _ = await scene.at({"/": _raw(body, kind=kind)})
        found = await reader.read(SITE, within_s=WITHIN_S)
        assert isinstance(found, Page), found
        assert found.text.startswith("Пекарня печёт хлеб")
    reader, _ = await scene.at({"/": _raw(WORDS)})
    assert "cafés" in (await reader.read(SITE, within_s=WITHIN_S)).text


async def test_a_gzipped_page_is_read(scene: Any) -> None:
    """As most servers send it; what follows its end is nobody's."""
    reader, _ = await scene.at({"/": _raw(gzip.compress(WORDS) + b"trailing", b"Content-Encoding: gzip\r\n")})
    assert isinstance(await reader.read(SITE, within_s=WITHIN_S), Page)


async def test_a_long_page_about_captchas_is_a_page(scene: Any, page: Callable[..., bytes]) -> None:
    """Only a short one is taken for what it names."""
    reader, _ = await scene.at({"/": page(f"<p>{LONG}")})
    assert isinstance(await reader.read(SITE, within_s=WITHIN_S), Page)


async def test_name_without_a_server_is_tried_at_its_www(scene: Any, names: Any) -> None:
    """Where neither has one, the reason is that."""
    server = await scene.server({"/": _raw(WORDS)})
    reader = scene.reader(names({"www.acme.com": [[server.address]]}), server)
    assert isinstance(await reader.read(SITE, within_s=WITHIN_S), Page)
    nowhere = scene.reader(names({}))
    assert (await nowhere.read(SITE, within_s=WITHIN_S)).why is Why.DNS
    server.routes.clear()
    closed = await scene.server({})
    scene.servers.pop().close()
    refusing = scene.reader(names({}, [closed.address]), closed)
    assert (await refusing.read(SITE, within_s=WITHIN_S)).why is Why.UNREACHABLE
