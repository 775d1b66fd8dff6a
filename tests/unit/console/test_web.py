"""The pages and the JSON, over HTTP."""

import asyncio
import re
import socket
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from services import console
from services.console.__main__ import serve
from services.console.adapters.fake_holdings import FakeHoldings
from services.console.adapters.fake_view import FakeDesk
from services.console.adapters.web import application, listen
from services.console.settings import ConsoleSettings
from services.runtime.health import Health
from services.runtime.outcome import AddressInUse
from services.runtime.process import Process

ID = "5f0c7d1e-7f0a-5c1b-9d2e-3a4b5c6d7e8f"
STATIC = Path(console.__file__).parent / "static"
SCRIPT = "<script>alert(1)</script>"


class _Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


async def _page(client: Any, path: str, status: int = 200) -> _Tags:
    response = await client.get(path)
    assert response.status == status
    assert response.content_type == "text/html"
    return _Tags(await response.text())


async def test_list_shows_each_decision_with_mail_or_reason(
    client: Any, archive: Any, decision: Any, mail: Any
) -> None:
    """Subject and course where there is a mail, a plain sentence where there is none."""
    archive.put_decision(decision())
    archive.put_mail(mail())
    archive.put_decision(decision("waiting", decision_id=ID[:-1] + "0"))
    words = (await _page(client, "/")).words
    assert "Your next step after the automation checklist" in words
    assert "Email automation foundations" in words
    assert "The person has had as many emails as the cap allows" in words
    assert "2 decisions · 1 email written ·" in " ".join(words.split())


async def test_empty_list_says_so(client: Any) -> None:
    """Before the first decision, and where a filter finds nothing."""
    assert "No decisions here yet." in (await _page(client, "/")).words
    assert "No decisions here for this choice." in (await _page(client, "/?ending=sent")).words


async def test_list_is_paged_and_filtered(client: Any, archive: Any, decision: Any) -> None:
    """Fifty a page; the way to older ones, and back, keeps the filter."""
    for number in range(51):
        archive.put_decision(decision(decision_id=f"{number:08d}{ID[8:]}", person=f"u:ana-{number}"))
    first = await _page(client, "/?ending=sent&person=ANA")
    (older,) = [str(link["href"]) for link in first.named("a") if link.get("rel") == "next"]
    assert older.startswith("/?person=ANA&ending=sent&before=")
    assert len(first.named("tr")) == 51
    second = await _page(client, older)
    assert len(second.named("tr")) == 2
    (newer,) = [str(link["href"]) for link in second.named("a") if link.get("rel") == "prev"]
    assert len((await _page(client, newer)).named("tr")) == 51


async def test_each_filter_is_a_link_and_shows_what_it_is_set_to(client: Any, archive: Any, decision: Any) -> None:
    """Chosen values stay chosen, also one that no decision has; the totals are of the choice."""
    asked = {"stage": "copy", "prompt_id": "copy.v1", "outcome": "answer", "cost_micros": 20_000}
    archive.put_decision(decision(asked=[asked]))
    link = "/?playbook=conversion-follow-up&arm=treatment&topic=email-marketing&rung=job:llm&day=2026-11-03"
    page = await _page(client, link + "&course=email-automation-foundations")
    words = " ".join(page.words.split())
    assert "1 decision · 1 email written · models cost 0.02, 0.02 an email" in words
    assert "job to be done: language model (1)" in words
    chosen = {each["value"] for each in page.named("option") if "selected" in each}
    assert {"treatment", "email-marketing", "job:llm", "email-automation-foundations"} <= chosen
    strange = await _page(client, "/?course=%3Cscript%3E")
    assert strange.named("script") == []
    assert "<script>" in {each["value"] for each in strange.named("option") if "selected" in each}
    assert "0 decisions" in " ".join(strange.words.split())


async def test_story_tells_everything_that_led_there(
    client: Any, archive: Any, decision: Any, mail: Any, feedback: Any
) -> None:
    """Signals, job, imagined course, candidates, choice, rungs, the model's raw words, refusals, feedback."""
    archive.put_decision(decision())
    archive.put_mail(mail())
    archive.put_feedback(feedback())
    words = (await _page(client, f"/decisions/{ID}")).words
    for told in (
        "Guide Downloaded",
        "Set up the first automated email sequences without a big team.",
        "Automated email sequences for small teams",
        "Starts where the checklist ends.",
        "marketing manager",
        "chosen",
        "0.95",
        "360 tokens",
        "placeholder",
        "{{name}}",
        "Delivered",
        "job to be done: language model",
        "topic:email-marketing",
        "You downloaded a guide and agreed to course tips by mail.",
    ):
        assert told in words


async def test_story_names_the_further_courses(client: Any, archive: Any, decision: Any) -> None:
    """Beside the one the mail is about, and among the candidates."""
    archive.put_decision(decision("three"))
    words = (await _page(client, f"/decisions/{ID}")).words
    assert "Also Clean data for your CRM" in words
    assert words.count("also shown") == 2


async def test_story_of_a_decision_without_mail_has_no_frame(client: Any, archive: Any, decision: Any) -> None:
    """The reason is the headline, and the strict policy stands."""
    archive.put_decision(decision("waiting"))
    response = await client.get(f"/decisions/{ID}")
    page = _Tags(await response.text())
    assert page.named("iframe") == []
    assert "decided again 5 Nov 2026, 09:30 UTC" in page.words
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]


async def test_mail_stands_in_a_frame_that_can_do_nothing(client: Any, archive: Any, decision: Any, mail: Any) -> None:
    """Sandboxed without exceptions, its markup in one attribute; its page alone allows inline styles."""
    html = f'<p style="color:red" title="\'&quot;">Hi</p>{SCRIPT}"><b>'
    archive.put_decision(decision())
    archive.put_mail(mail(html=html))
    response = await client.get(f"/decisions/{ID}")
    page = _Tags(await response.text())
    (frame,) = page.named("iframe")
    assert (frame["sandbox"], frame["srcdoc"]) == (None, html)
    assert page.named("script") == []
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy
    assert policy.endswith("style-src 'self' 'unsafe-inline'")


def test_the_frame_of_a_mail_has_the_scheme_of_its_page() -> None:
    """Nothing pins it to the light one: in the dark, a mail shows its own dark design."""
    (rule,) = re.findall(r"^\.mail {[^}]*}", (STATIC / "console.css").read_text(), re.MULTILINE)
    assert "color-scheme" not in rule
    assert "background" not in rule


async def test_a_model_is_named_where_it_answered(client: Any, archive: Any, decision: Any) -> None:
    """Of each stage that a model wrote for."""
    asked = {"stage": "job+imagine", "prompt_id": "job_imagine.v1", "outcome": "answer", "model": "recorded"}
    rungs = {"job": "llm", "imagine": "llm", "pick": "llm", "copy": "template"}
    archive.put_decision(decision(rungs=rungs, asked=[asked]))
    page = _Tags(await (await client.get(f"/decisions/{ID}")).text())
    words = " ".join(page.words.split())
    assert "job to be done: language model recorded imagined course: language model recorded" in words
    assert "choosing one: language model writing: template" in words


async def test_markup_in_any_text_shows_as_text(client: Any, archive: Any, decision: Any, mail: Any) -> None:
    """A page title, a model's answer, a subject, a search: none becomes markup."""
    example = decision().model_dump(mode="json")
    example["trigger"]["title"] = example["job"]["text"] = example["asked"][0]["text"] = SCRIPT
    example["snapshot"]["signals"][0]["title"] = example["snapshot"]["facts"][0]["value"] = SCRIPT
    archive.put_decision(decision(**example))
    archive.put_mail(mail(subject=SCRIPT))
    for path in (f"/decisions/{ID}", "/"):
        page = await _page(client, path)
        assert page.named("script") == []
        assert SCRIPT in page.words
    searched = await _page(client, '/?person="><script>')
    assert searched.named("script") == []
    assert {field["value"] for field in searched.named("input")} == {'"><script>', ""}


@pytest.mark.parametrize("path", ["/", f"/decisions/{ID}", "/nowhere", "/api/decisions", "/static/console.css"])
async def test_every_answer_carries_the_policy(client: Any, path: str) -> None:
    """Errors and files, too; nothing of another origin, nothing cached, no frame around us."""
    headers = (await client.get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; script-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


async def test_own_markup_needs_no_inline_style(client: Any, archive: Any, decision: Any, mail: Any) -> None:
    """What the strict policy would block is not there."""
    archive.put_decision(decision())
    archive.put_mail(mail())
    for path in ("/", f"/decisions/{ID}"):
        page = await _page(client, path)
        assert page.named("style") == []
        assert not [tag for tag, attributes in page.tags if "style" in attributes]


@pytest.mark.parametrize("query", [
    "ending=nice", "before=0", "before=1~x", "after=²~" + ID, "before=1~" + ID + "&after=1~" + ID, "day=x", "rung=llm",
    "day=20261103", "before=" + "9" * 18 + "~" + ID, "person=" + "a" * 301, "course=" + "a" * 201,
])  # fmt: skip
async def test_request_that_makes_no_sense_is_told_so(client: Any, query: str) -> None:
    """400 with what was expected, on the page and in the JSON."""
    assert "expected" in (await _page(client, f"/?{query}", 400)).words
    response = await client.get(f"/api/decisions?{query}")
    assert (response.status, "expected" in (await response.json())["error"]) == (400, True)


async def test_unknown_decision_and_page_are_404(client: Any) -> None:
    """With a page for people and JSON for tools."""
    assert "No such decision" in (await _page(client, "/decisions/none", 404)).words
    assert "There is no such page" in (await _page(client, "/nowhere", 404)).words
    response = await client.get("/api/decisions/none")
    assert (response.status, await response.json()) == (404, {"error": "no such decision"})


async def test_nothing_can_be_written(client: Any) -> None:
    """The page only reads."""
    response = await client.post("/api/decisions")
    assert (response.status, "The console only reads" in await response.text()) == (405, True)


async def test_page_that_cannot_be_made_says_so(
    client: Any, archive: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In our words, with the policy of every page; the log has what went wrong, the page nothing of it."""

    def full(_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(archive, "find", full)
    response = await client.get("/")
    assert (response.status, "Content-Security-Policy" in response.headers) == (500, True)
    assert "the disk is full" not in await response.text()
    assert [each.message for each in caplog.records if each.levelname == "ERROR"] == ["page_failed"]


async def test_tools_get_the_same_as_json(client: Any, archive: Any, decision: Any, mail: Any, feedback: Any) -> None:
    """The list by rows, one decision whole."""
    for put, event in (
        (archive.put_decision, decision()),
        (archive.put_mail, mail()),
        (archive.put_feedback, feedback()),
    ):
        put(event)
    found = await (await client.get("/api/decisions?person=ana@example")).json()
    (row,) = found.pop("decisions")
    totals = {"count": 1, "sent": 1, "cost_micros": 0, "is_at_least": False}
    assert found == {"totals": totals, "newer": None, "older": None}
    assert (row["decision_id"], row["outcome"], row["ended_at"]) == (ID, "delivered", "2026-11-03T09:30:00+00:00")
    whole = await (await client.get(f"/api/decisions/{ID}")).json()
    assert whole["decision"] == decision().model_dump(mode="json")
    assert whole["email"] == mail().model_dump(mode="json", by_alias=True)
    assert [each["word"] for each in whole["feedback"]] == ["delivered"]


async def test_port_that_is_taken_is_the_operators_to_mend(archive: Any, live: Any) -> None:
    """One sentence that names the setting; nothing is left listening."""
    runner = await listen(application(FakeDesk(archive), live, FakeHoldings()), "127.0.0.1", 0)
    with pytest.raises(AddressInUse, match="KINDLING_CONSOLE_PORT"):
        await listen(application(FakeDesk(archive), live, FakeHoldings()), "127.0.0.1", runner.addresses[0][1])
    await runner.cleanup()


async def test_console_that_waits_for_its_port_ends_when_told(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever has the port may be about to end; SIGTERM is heard meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = ConsoleSettings.model_validate({"secret": "a secret of a test", "console_port": port})
        process = Process("console", asyncio.Event(), Health("console"))
        serving = asyncio.create_task(serve(settings, process))
        while "address in use" not in caplog.messages:
            await asyncio.sleep(0)
        process.stop.set()
        await asyncio.wait_for(serving, 30)
