"""The topic's pieces beside the file's: the newer word of an id counts, and nothing of it is stored."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.content import PublishedPiece
from schemas.program import Piece
from services.profile.core.content import Content
from tests.unit.profile.conftest import World

FILED = (
    Piece(id="guide-1", title="Local search", url="/guides/local-*", topics=("seo",), language="en"),
    Piece(id="guide-2", title="Newsletters", url="/news/{item}", language="en"),
)


def _piece(piece_id: str, title: str, **rest: Any) -> PublishedPiece:
    return PublishedPiece(id=piece_id, title=title, language="en", **rest)


def _id(content: Content, item: str | None = None, title: str | None = None) -> str | None:
    found = content.registered(item, title)
    return found.id if found else None


def test_the_topics_word_of_an_id_replaces_the_files_until_it_is_withdrawn() -> None:
    """Title and path of the file's piece are nobody's meanwhile."""
    content = Content(FILED)
    content.put(_piece("guide-1", "Maps for shops", url="/maps"))
    seen = [_id(content, title=each) for each in ("Local search", "/guides/local-x", "maps for SHOPS", "/maps/")]
    assert seen == [None, None, "guide-1", "guide-1"]
    content.withdraw("guide-1")
    seen = [_id(content, title=each) for each in ("Local search", "/guides/local-x", "Maps for shops", "/maps")]
    assert seen == ["guide-1", "guide-1", None, None]
    content.withdraw("guide-1")
    content.withdraw("unknown")
    assert (_id(content, item="guide-1"), content.size) == ("guide-1", 2)


def test_one_title_of_several_is_the_files_then_that_of_the_least_id() -> None:
    """So every worker finds the same one, in whatever order they read; who is withdrawn leaves it to the next."""
    content = Content(FILED)
    for piece_id in ("c", "a", "b"):
        content.put(_piece(piece_id, "Newsletters", url="/news/*"))
    assert _id(content, title="newsletters") == "guide-2"
    assert _id(content, title="/news/today") == "guide-2"
    assert _id(content, title="/news/of/today") == "a"
    content.put(_piece("guide-2", "Else"))
    assert [_id(content, title=each) for each in ("newsletters", "/news/today")] == ["a", "a"]
    content.withdraw("b")
    content.withdraw("a")
    assert _id(content, title="newsletters") == "c"
    content.withdraw("c")
    assert [_id(content, title=each) for each in ("newsletters", "/news/today")] == [None, None]


def test_a_title_without_a_word_is_nobodys() -> None:
    """Else a page that sends none would be the piece."""
    content = Content([Piece(id="dots", title="...", language="en")])
    assert [_id(content, title=each) for each in ("", "...", "?!", None)] == [None] * 4
    assert _id(content, item="dots") == "dots"
    content.put(_piece("dots", "Dots"))
    assert _id(content, title="dots") == "dots"


def test_a_topic_that_the_program_does_not_have_is_left_out() -> None:
    """A server may name any; interests, retrieval and words know the program's alone."""
    content = Content((), ("seo", "crm"))
    content.put(_piece("a", "A", topics=("new", "crm")))
    assert content.registered("a", None) is not None
    assert getattr(content.registered("a", None), "topics", None) == ("crm",)


@pytest.mark.parametrize("title", ["Maps", "\u0141\u00f3d\u017a na mapie"])
def test_memory_is_bounded_and_what_is_withdrawn_makes_room(title: str) -> None:
    """A piece without room is as if the topic said nothing of it: neither its former word nor its new one counts."""
    content = Content(FILED, most_bytes=1_200)
    assert content.put(_piece("guide-1", title))
    assert content.put(_piece("b", "Other"))
    assert not content.put(_piece("c", "Third"))
    assert not content.put(_piece("guide-1", f"{title} 2", url=f"/{'x' * 500}"))
    assert [_id(content, item=each) for each in ("c", "b", "guide-1")] == [None, "b", "guide-1"]
    assert [_id(content, title=each) for each in (title, f"{title} 2", "local search")] == [None, None, "guide-1"]
    content.withdraw("b")
    assert content.put(_piece("c", "Third"))
    assert content.put(_piece("c", "Fourth"))
    assert content.size == len(FILED) + 1


def test_a_fold_gives_the_same_state_whatever_is_registered(world: World) -> None:
    """Content comes, changes and goes between the events; a refold without any stores the same bytes."""
    content, empty = Content(FILED), World(world.rules)
    world.rules = replace(world.rules, registered=content.registered)
    pages = [
        world.event(path="/courses/guide-1", title="Buy elsewhere"),
        world.event(path="/blog/crm/x", title="newsletters"),
        world.event(path="/guides/local-search"),
        world.guide(properties={"topic": "seo", "title": "Local search"}),
        world.event("conversion", name="Course Enrolled", properties={"course_id": "guide-1"}),
    ]
    for number, event in enumerate(pages):
        content.put(_piece("guide-1", f"Title {number}", topics=("ads",)))
        world.take(event)
        empty.take(event)
        content.withdraw("guide-1")
    assert world.persons.raw == empty.persons.raw
    assert world.person().events == len(pages)
    assert world.checkpoint == empty.checkpoint
