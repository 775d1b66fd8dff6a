"""The page of the mail sink: newest first, one as its reader sees it, and nothing of a mail runs."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import pytest

from deploy.local.ports import free_port
from deploy.local.sink_page import start_page

HOSTILE = '<script>alert(1)</script><p>Hello</p>" onload="alert(2)'


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A page over two mails, the second one hostile."""
    _keep(tmp_path, 9, "The first", "<p>One</p>")
    _keep(tmp_path, 10, "<b>The second</b>", HOSTILE)
    port = free_port()
    page = await start_page(port, tmp_path)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield session
    await page.cleanup()


async def test_mails_are_listed_newest_first(site: aiohttp.ClientSession) -> None:
    """By subject and reader, each with a link."""
    text = await _get(site, "/")
    assert text.index('href="/10"') < text.index('href="/9"')
    assert "&lt;b&gt;The second&lt;/b&gt;" in text
    assert "ana@example.com" in text


async def test_mail_is_shown_with_text_and_headers_and_runs_nothing(site: aiohttp.ClientSession) -> None:
    """Its HTML stands escaped in a frame of a sandbox without any leave, and the page may run no script either."""
    async with site.get("/10") as response:
        text = await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy
    assert '<iframe sandbox title="The mail" srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;' in text
    assert "<script" not in text
    assert "<pre>In words\n</pre>" in text
    assert "X-Kind: test" in text


async def test_newest_is_plain_text_for_a_shell(site: aiohttp.ClientSession) -> None:
    """Reader, subject and text; and so is any by its number."""
    assert await _get(site, "/latest") == "To: ana@example.com\nSubject: <b>The second</b>\n\nIn words\n"
    assert (await _get(site, "/9/text")).startswith("To: ana@example.com\nSubject: The first\n")


async def test_mail_that_is_not_there_is_said(site: aiohttp.ClientSession) -> None:
    """With a status that a shell's loop sees."""
    async with site.get("/7") as response:
        assert (response.status, await response.text()) == (404, "There is no such mail (yet).\n")


async def test_empty_sink_says_so(tmp_path: Path) -> None:
    """Neither list nor newest is an error of ours."""
    port = free_port()
    page = await start_page(port, tmp_path)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        assert "No mail has come yet." in await _get(session, "/")
        async with session.get("/latest") as response:
            assert response.status == 404
    await page.cleanup()


async def _get(site: aiohttp.ClientSession, path: str) -> str:
    async with site.get(path) as response:
        assert response.status == 200
        return await response.text()


def _keep(folder: Path, number: int, subject: str, html: str) -> None:
    message = EmailMessage()
    message["To"], message["Subject"], message["X-Kind"] = "ana@example.com", subject, "test"
    message.set_content("In words\n")
    message.add_alternative(html, subtype="html")
    (folder / f"{number:04d}-id.eml").write_bytes(message.as_bytes())
