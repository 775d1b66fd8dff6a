"""What webhooks need of SNS, asked of the fake and of the real adapter before a server of this machine."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from services.ingest.adapters.fake_sns import FakeSns
from services.ingest.adapters.sns_web import MAX_BYTES, SnsWeb
from services.runtime.outcome import Unavailable

PEM = b"-----BEGIN CERTIFICATE-----\n"


@dataclass
class Place:
    """A server as SNS is one, and what it was asked for."""

    base: str = ""
    asked: list[str] = field(default_factory=list)
    status: int = 200
    body: bytes = PEM
    headers: dict[str, str] = field(default_factory=dict)
    waits: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    """It listens on this machine alone."""
    here = Place()
    here.waits.set()

    async def answer(request: web.Request) -> web.Response:
        here.asked.append(request.path_qs)
        await here.waits.wait()
        return web.Response(status=here.status, body=here.body, headers=here.headers)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    here.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield here
    await runner.cleanup()


@pytest.fixture(params=["fake", "real"])
def sns(request: pytest.FixtureRequest, place: Place) -> Any:
    """Each of the two, with the certificate at one address."""
    if request.param == "real":
        return SnsWeb(lambda: 0.0)
    fake = FakeSns()
    fake.certificates[f"{place.base}/a.pem"] = PEM
    return fake


async def test_a_certificate_is_had_and_a_subscription_confirmed(sns: Any, place: Place) -> None:
    """By their addresses."""
    assert await sns.certificate(f"{place.base}/a.pem") == PEM
    await sns.confirm(f"{place.base}/?Action=ConfirmSubscription")


async def test_who_is_away_is_unavailable(sns: Any, place: Place) -> None:
    """Both are asked again later."""
    sns.is_away, place.status = True, 500
    with pytest.raises(Unavailable):
        await sns.certificate(f"{place.base}/a.pem")
    with pytest.raises(Unavailable):
        await sns.confirm(f"{place.base}/")


async def test_a_certificate_is_asked_for_once(place: Place) -> None:
    """Each call of a webhook needs it; a confirmation is made each time."""
    real = SnsWeb(lambda: 0.0)
    for _ in range(20):
        assert await real.certificate(f"{place.base}/a.pem") == PEM
    assert place.asked == ["/a.pem"]
    await real.confirm(f"{place.base}/?b=1")
    await real.confirm(f"{place.base}/?b=1")
    assert place.asked == ["/a.pem", "/?b=1", "/?b=1"]


async def test_who_has_a_certificate_waits_for_nobody(place: Place) -> None:
    """While one is asked for that does not come, those that are kept are there; two who want one ask once."""
    real = SnsWeb(lambda: 0.0)
    await real.certificate(f"{place.base}/a.pem")
    place.waits.clear()
    slow = [asyncio.ensure_future(real.certificate(f"{place.base}/b.pem")) for _ in range(2)]
    while "/b.pem" not in place.asked:
        await asyncio.sleep(0)
    assert await real.certificate(f"{place.base}/a.pem") == PEM
    assert not any(each.done() for each in slow)
    place.waits.set()
    assert await asyncio.gather(*slow) == [PEM, PEM]
    assert place.asked == ["/a.pem", "/b.pem"]


async def test_strangers_make_us_ask_ten_times_at_most(place: Place) -> None:
    """Then one question in five seconds; what is kept is there all the while."""
    now = [0.0]
    real = SnsWeb(lambda: now[0])
    await real.certificate(f"{place.base}/a.pem")
    for number in range(9):
        await real.certificate(f"{place.base}/{number}.pem")
    with pytest.raises(Unavailable, match="too often"):
        await real.certificate(f"{place.base}/more.pem")
    assert await real.certificate(f"{place.base}/a.pem") == PEM
    now[0] = 5.0
    await real.certificate(f"{place.base}/more.pem")
    assert len(place.asked) == 11


async def test_only_so_many_certificates_are_kept(place: Place) -> None:
    """The oldest is asked for anew."""
    now = [0.0]
    real = SnsWeb(lambda: now[0])
    for number in range(65):
        now[0] += 5.0
        await real.certificate(f"{place.base}/{number}.pem")
    now[0] += 5.0
    await real.certificate(f"{place.base}/64.pem")
    assert len(place.asked) == 65
    await real.certificate(f"{place.base}/0.pem")
    assert len(place.asked) == 66


async def test_no_redirect_is_followed_and_no_answer_is_long(place: Place) -> None:
    """A certificate has 2 KB."""
    real = SnsWeb(lambda: 0.0)
    place.status, place.headers = 302, {"Location": f"{place.base}/elsewhere"}
    with pytest.raises(Unavailable, match="302"):
        await real.certificate(f"{place.base}/a.pem")
    assert place.asked == ["/a.pem"]
    place.status, place.headers, place.body = 200, {}, b"x" * (MAX_BYTES + 1)
    with pytest.raises(Unavailable, match="more than"):
        await real.certificate(f"{place.base}/a.pem")


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    """Nothing listens on port 1."""
    with pytest.raises(Unavailable, match="not reached"):
        await SnsWeb(lambda: 0.0).certificate("http://127.0.0.1:1/a.pem")
