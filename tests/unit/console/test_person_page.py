"""The page of one person: what is stored of them, their decisions, and the file of all that is held."""

from typing import Any

import orjson
import pytest
from aiohttp import ClientError

from services.console.adapters.fake_holdings import FakeHoldings
from services.console.core.present import MOST_ROWS, present

DAY_MS = 86_400_000
SCRIPT = "<script>alert(1)</script>"
VALUE = {
    "v": 2,
    "identity": {"erased": [0, "f" * 64], "past": ["a:tablet"]},
    "traits": {
        "address": [2, 0, "ada@example.com", "k"], "name": [1, 0, SCRIPT, "form"],
        "facts": {"role": [0, 0, "baker", "form"]},
    },
    "triggers": {"by_purpose": {"news": {"name": "Guide Downloaded", "opened_ms": 0, "due_ms": DAY_MS}}},
    "consents": {
        "rows": {"news": {"": [0, True, "form", "", 2], "k": [0, False, "page", "2026-01", 1]}},
        "refusals": {"opt_out": 0},
    },
    "choices": {"paused": [0, DAY_MS], "language": [0, "de"]},
    "signals": {"rows": {"page|/x": [0, 3, 1.0, "", [None, []]], "guide|g": [DAY_MS, 1, 1.0, "", ["A guide", []]]}},
    "interests": {"by_key": {"topic:bread": {"1": 2_000_000, "2": 500_000}, "topic:tea": {"1": 1_000_000}}},
    "history": {"taken": {"c-1": 0, "c-2": DAY_MS}},
    "touches": {"rows": {"d-1": [0, 1, "news", "p", "ask", ""], "d-2": [1, 2, "news", "p", "ghost", ""],
                         "d-3": [2, 3, "news", "p", "ask", "clicked"]}},
}  # fmt: skip


def test_a_stored_value_is_read_part_by_part() -> None:
    """Each part with its rows, newest or heaviest first; what is empty has no part."""
    found = present("u:ada", "u:ada", orjson.dumps(VALUE))
    parts = {part.title: part.rows for part in found.parts}
    assert len(parts) == 9
    assert parts["Who they are"][0][:2] == ("Erased", "1 Jan 1970, 00:00 UTC")
    assert [row[0] for row in parts["Who they are"][1:]] == ["Also known as", "Address", "First name", "role"]
    assert parts["What waits"] == (
        ("news", "Guide Downloaded", "opened 1 Jan 1970, 00:00 UTC, decided 2 Jan 1970, 00:00 UTC"),
    )
    assert [row[1] for row in parts["What they consented to"]] == ["given", "withdrawn"]
    assert [row[1] for row in parts["What they did"]] == ["A guide", "/x"]
    assert [row[:2] for row in parts["What they care about"]] == [("topic:bread", "2.5"), ("topic:tea", "1.0")]
    assert [row[0] for row in parts["Courses taken"]] == ["c-2", "c-1"]
    assert [row[2].partition(";")[0] for row in parts["Mail asked for"]] == ["clicked", "held out", "asked for"]
    assert present("u:1", "u:1", b'{"v":2}').parts == ()


def test_a_long_part_is_cut_on_the_page() -> None:
    """The file has all of it."""
    value = {"v": 2, "consents": {"refusals": {str(number): number for number in range(MOST_ROWS + 3)}}}
    [part] = present("u:1", "u:1", orjson.dumps(value)).parts
    assert (len(part.rows), part.more) == (MOST_ROWS, 3)


@pytest.mark.parametrize("raw", [b"\xff", b"[]", b'{"v":1,"fwd":"u:1"}', b'{"v":2,"traits":7}', b'{"v":3}'])
def test_a_value_of_another_shape_is_shown_whole(raw: bytes) -> None:
    """Nothing of it is hidden, and nothing guessed."""
    found = present("u:1", "u:1", raw)
    assert found.parts == ()
    assert found.whole


async def test_page_shows_what_is_stored_and_what_was_decided(
    client: Any, archive: Any, decision: Any, holdings: FakeHoldings
) -> None:
    """With the button of the file; whatever a stranger typed is text."""
    one = decision()
    archive.put_decision(one)
    holdings.values[one.person] = orjson.dumps(VALUE)
    page = await (await client.get("/person", params={"id": one.person})).text()
    assert "ada@example.com" in page
    assert SCRIPT not in page
    assert f"/decisions/{one.decision_id}" in page
    assert 'action="/person/export"' in page
    story = await (await client.get(f"/decisions/{one.decision_id}")).text()
    assert 'href="/person?id=u%3A1001"' in story


async def test_nobody_has_no_page_and_who_was_forgotten_says_so(client: Any, archive: Any, decision: Any) -> None:
    """A person whose value is gone may have decisions that are kept."""
    for nobody in ({}, {"id": "u:"}, {"id": "u:nobody"}):
        assert (await client.get("/person", params=nobody)).status == 404
    archive.put_decision(decision())
    page = await (await client.get("/person", params={"id": decision().person})).text()
    assert "Nothing is stored of them any more." in page


async def test_file_is_given_whole_to_the_page_alone(client: Any, holdings: FakeHoldings) -> None:
    """By a name that no header is broken by; a link from elsewhere gets nothing."""
    asked = {"id": 'u:ada"\r\nX: 1'}
    response = await client.get("/person/export", params=asked, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status == 200
    assert response.headers["Content-Disposition"] == 'attachment; filename="kindling-u-ada-X-1.jsonl"'
    assert (await response.read()).splitlines() == [b'{"line":"export"}', b'{"line":"end"}']
    elsewhere = await client.get("/person/export", params=asked, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status == 403
    assert (await client.get("/person/export", params={"id": "u:"})).status == 404
    holdings.is_away = True
    assert (await client.get("/person/export", params=asked)).status == 503
    assert (await client.get("/person", params=asked)).status == 503


async def test_file_that_breaks_off_is_not_taken_for_whole(client: Any, holdings: FakeHoldings) -> None:
    """The connection is cut, and the next one is made as ever."""
    holdings.breaks_after = 1
    with pytest.raises(ClientError):
        await (await client.get("/person/export", params={"id": "u:ada"})).read()
    holdings.breaks_after = None
    assert (await client.get("/person/export", params={"id": "u:ada"})).status == 200
