"""The page behind a mail's link as browsers, scanners and strangers come to it, by HTTP."""

from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import pytest

from services.ingest.core.form import MAX_FORM_BYTES
from services.ingest.core.page import House
from services.ingest.core.page_acts import PageAct
from services.ingest.core.reasons import Reason, Refusal
from services.ingest.pipeline import unread
from tests.unit.ingest.conftest import SHORT
from tests.unit.ingest.page_world import TOPICS, WRITTEN, seen, token_of


@pytest.fixture
def house() -> House:
    """That of the example's business."""
    return WRITTEN


async def test_scanner_that_follows_everything_changes_nothing(collector: Any) -> None:
    """Every address that any page shows, by GET, HEAD and OPTIONS, however often; the pages are the same again."""
    start = f"/u/{token_of(collector.keys)}"
    urls, looked = [start], set[str]()
    while urls:
        if (url := urls.pop()) in looked:
            continue
        looked.add(url)
        for method in ("HEAD", "OPTIONS", "GET"):
            async with collector.http.request(method, url) as response:
                text = await response.text()
        assert response.status == 200
        elements = seen(text).elements
        found = [each.attributes.get(name, "") for each in elements for name in ("href", "action", "src")]
        urls += [urljoin(url, each) for each in found if each]
    assert looked == {start, *(f"{start}/{act}" for act in PageAct)}
    assert collector.log.kept == []


async def test_person_does_every_act_of_the_page(collector: Any) -> None:
    """Each form as a browser sends it, from the page and from the address of another act."""
    start = f"/u/{token_of(collector.keys)}"
    for url in (start, f"{start}/pause"):
        async with collector.http.get(url) as response:
            assert response.headers["X-Robots-Tag"] == "noindex"
            page = seen(await response.text())
        for form in page.of("form"):
            target = urljoin(url, form.attributes.get("action", ""))
            data = {"language": "de", "sure": "yes"}
            async with collector.http.post(target, data=data, allow_redirects=False) as response:
                assert (response.status, response.content_type) == (200, "text/html")
                assert "Set-Cookie" not in response.headers
    topics = [each.topic.short for each in collector.log.kept]
    once = ["email.suppressions", "events.raw", *(topic for act in ORDER for topic in TOPICS[act])]
    assert topics == once * 2


ORDER = (PageAct.PAUSE, PageAct.LANGUAGE, PageAct.STOP_ALL, PageAct.FORGET)  # of the page


@pytest.mark.parametrize("path", ["/u/forged", *(f"/u/forged/{act}" for act in PageAct)])
async def test_forged_link_shows_nothing(collector: Any, path: str) -> None:
    """Of none of its paths; an act that is none is no path."""
    for method in ("GET", "HEAD", "POST"):
        async with collector.http.request(method, path) as response:
            assert response.status == 404
    async with collector.http.post(f"/u/{token_of(collector.keys)}/everything") as response:
        assert response.status == 404
    assert collector.log.kept == []


async def test_form_is_bounded(collector: Any) -> None:
    """Beyond it nothing is kept; at it, it is read."""
    url = f"/u/{token_of(collector.keys)}/pause"
    for size, status in ((MAX_FORM_BYTES, 200), (MAX_FORM_BYTES + 1, 413)):
        async with collector.http.post(url, data=b"a" * size) as response:
            assert (response.status, response.content_type) == (status, "text/html")
    assert len(collector.log.kept) == 1


@pytest.mark.parametrize(
    ("reason", "status"), [(Reason.NOT_JSON, 400), (Reason.TOO_SLOW, 408), (Reason.TOO_LARGE, 413)]
)
def test_form_that_did_not_come_is_answered_by_a_page(reason: Reason, status: int) -> None:
    """With what was expected."""
    answer = unread(Refusal(reason, "expected <all> of it"))
    assert (answer.status, answer.content_type) == (status, "text/html")
    assert seen(answer.body.decode()).of("p")[0].text == "expected <all> of it"


async def test_form_waits_its_turn_among_all_bodies(serve: Any) -> None:
    """Where as much is on its way in as may be, it is told to come again."""
    collector = await serve(bounds=replace(SHORT, body_bytes=0))
    async with collector.http.post(f"/u/{token_of(collector.keys)}/pause", data=b"a=b") as response:
        assert (response.status, response.content_type) == (503, "text/html")
    assert collector.log.kept == []
