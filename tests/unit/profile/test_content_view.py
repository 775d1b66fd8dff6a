"""The view of catalog.content: what a record changes, and what of it is counted."""

import pytest

from schemas.content import PublishedPiece
from schemas.errors import DecodeError
from schemas.program import Piece
from schemas.topics import CATALOG_CONTENT
from services.profile.adapters.content_view import ContentView
from services.profile.core.content import Content
from services.profile.metrics import CONTENT_LEFT_OUT, CONTENT_PIECES
from services.runtime.outcome import Message
from tests.fake_kafka import record

FILED = Piece(id="guide-1", title="Local search", language="en")


def _message(piece_id: str, title: str | None) -> Message:
    piece = None if title is None else PublishedPiece(id=piece_id, title=title, language="en")
    return Message(CATALOG_CONTENT, 0, 0, piece_id.encode(), piece, 0)


def _title(content: Content, piece_id: str) -> str | None:
    found = content.registered(piece_id, None)
    return found.title if found else None


def test_a_record_publishes_and_a_tombstone_withdraws() -> None:
    """The metric says how many there are, the file's among them."""
    content = Content([FILED])
    view = ContentView(content)
    assert CONTENT_PIECES._value.get() == 1
    view.apply(_message("guide-1", "Maps"))
    view.apply(_message("guide-2", "Mails"))
    assert ([_title(content, each) for each in ("guide-1", "guide-2")], CONTENT_PIECES._value.get()) == (
        ["Maps", "Mails"], 2,
    )  # fmt: skip
    for piece_id in ("guide-1", "guide-2", "guide-3"):
        view.apply(_message(piece_id, None))
    view.apply(Message(CATALOG_CONTENT, 0, 0, None, None, 0))
    assert (_title(content, "guide-1"), _title(content, "guide-2"), CONTENT_PIECES._value.get()) == (
        "Local search", None, 1,
    )  # fmt: skip


def test_a_record_that_nobody_can_read_withdraws_its_piece(caplog: pytest.LogCaptureFixture) -> None:
    """It may be another by now; a line says where it lies."""
    content = Content()
    view = ContentView(content)
    view.apply(_message("guide-2", "Mails"))
    odd = record(CATALOG_CONTENT.name, 7, b"{")
    odd.key = b"guide-2"
    view.undecodable(odd, DecodeError("no JSON", CATALOG_CONTENT.short, b"{"))
    assert (_title(content, "guide-2"), CONTENT_PIECES._value.get()) == (None, 0)
    assert [(each.getMessage(), each.__dict__["offset"]) for each in caplog.records] == [("content_unreadable", 7)]


def test_a_piece_without_room_is_counted_and_named(caplog: pytest.LogCaptureFixture) -> None:
    """With the setting that gives it room."""
    before, content = CONTENT_LEFT_OUT._value.get(), Content(most_bytes=600)
    view = ContentView(content)
    view.apply(_message("guide-1", "Maps"))
    view.apply(_message("guide-2", "Mails"))
    assert (CONTENT_LEFT_OUT._value.get() - before, CONTENT_PIECES._value.get()) == (1, 1)
    [line] = caplog.records
    assert (line.__dict__["id"], line.__dict__["reason"]) == ("guide-2", "raise KINDLING_PROFILE_CONTENT_MB")
