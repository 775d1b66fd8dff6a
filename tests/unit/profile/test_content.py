"""A title counts as the business registered it: looked up when the request is made."""

from dataclasses import replace

import pytest

from schemas.program import Piece
from services.profile.core.content import Content, nothing_registered
from services.profile.core.meaning import titled
from tests.unit.profile.conftest import World

PIECES = (
    Piece(id="guide-1", title="Local search, step by step", url="/guides/local-*", topics=("seo",), language="en"),
    Piece(id="guide-2", title="Newsletters", language="en"),
)
FIND = Content(PIECES).registered


@pytest.mark.parametrize(
    ("item", "title", "piece"),
    [
        ("guide-1", "Whatever a browser says", "guide-1"),
        (None, "LOCAL search: step by step!", "guide-1"),
        ("gone", "newsletters", "guide-2"),
        (None, "/guides/local-search", "guide-1"),
        (None, "/guides/other", None),
        (None, "guides/local-search", None),
        (None, "Local search", None),
        (None, "", None),
        (None, None, None),
    ],
)
def test_a_piece_is_found_by_id_title_or_path(item: str | None, title: str | None, piece: str | None) -> None:
    """Case and signs make no difference; a path stands where a page sent no title."""
    found = FIND(item, title)
    assert (found.id if found else None) == piece


def test_nothing_is_registered_without_content() -> None:
    """Neither by id nor by title."""
    assert Content().registered("guide-1", "Newsletters") is None
    assert nothing_registered("guide-1", "Newsletters") is None


def test_a_request_has_titles_as_they_are_registered(world: World) -> None:
    """Content that was added after the page was read counts; topics stand in where the signal has none."""
    world.take(
        world.event(path="/courses/guide-1", title="Buy elsewhere"),
        world.event(path="/blog/crm/x", title="newsletters"),
        world.event(path="/blog/crm/y", title="Unheard of"),
        world.guide(properties={"topic": "seo", "title": "LOCAL SEARCH step by step"}),
    )
    world.rules = replace(world.rules, registered=FIND)
    [request] = world.tick(2_000_000)
    assert (request.trigger.title, request.trigger.content) == ("Local search, step by step", "guide-1")
    assert {(each.kind, each.title): (each.content, each.topics) for each in request.snapshot.signals} == {
        ("course", "Local search, step by step"): ("guide-1", ("seo",)),
        ("read", "Newsletters"): ("guide-2", ("crm",)),
        ("read", "Unheard of"): (None, ("crm",)),
        ("guide", "Local search, step by step"): ("guide-1", ("seo",)),
    }
    assert titled("course|guide-1", world.person().signals.rows["course|guide-1"].title)[1] == "Buy elsewhere"
