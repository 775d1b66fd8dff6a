"""What a server or a file says of content becomes a piece, or every field that is wrong is named."""

from typing import Any

import pytest

from schemas.content import PublishedPiece
from schemas.program import Piece
from services.rules.content import FIELDS, NoPiece, id_of, piece_of

GUIDE = {"id": "guide-1", "title": "Local search", "language": "en"}


def _problems(**over: Any) -> list[str]:
    with pytest.raises(NoPiece) as told:
        piece_of({**GUIDE, **over})
    return [each.field for each in told.value.problems]


@pytest.mark.parametrize(
    ("over", "field", "expected"),
    [
        ({"id": 2024}, "id", "2024"),
        ({"title": "  Local\n\tsearch \u2028 now "}, "title", "Local search now"),
        ({"language": "EN_gb"}, "language", "en"),
        ({"topics": "seo | crm|"}, "topics", ("seo", "crm")),
        ({"topics": ["seo"]}, "topics", ("seo",)),
        ({"topics": None}, "topics", ()),
        ({"url": "/guides/*"}, "url", "/guides/*"),
        ({"url": " https://A.example/guides/x?utm=1#top "}, "url", "/guides/x"),
        ({"url": "HTTP://a.example"}, "url", "/"),
        ({"url": None}, "url", None),
    ],
)
def test_a_piece_is_read_as_it_is_written(over: dict[str, Any], field: str, expected: object) -> None:
    """By a CMS that numbers its pages, gives full URLs and tags languages by region."""
    assert getattr(piece_of({**GUIDE, **over}), field) == expected


@pytest.mark.parametrize(
    "over",
    [
        {"id": "Guide 1"}, {"id": True}, {"id": 1.5}, {"id": None}, {"id": "x" * 101},
        {"title": ""}, {"title": " \n"}, {"title": "x" * 161}, {"title": "x" * 10_240}, {"title": 7},
        {"title": "Free\u202emoc.live"}, {"title": "Lo\u200bcal"}, {"title": "Lo\x00cal"}, {"title": "L\u0336ocal"},
        {"title": "Tag\U000e0041"}, {"title": "\ud800"},
        {"url": "guides/x"}, {"url": "javascript:alert(1)"}, {"url": "/a b"}, {"url": "/{item}"}, {"url": 7},
        {"url": "/" + "x" * 2_000}, {"url": "/\u202ex"},
        {"topics": ["Local search"]}, {"topics": 7}, {"topics": ["seo"] * 21}, {"topics": [None]},
        {"language": "english"}, {"language": ""}, {"language": None}, {"languge": "en"},
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_piece_names_its_field(over: dict[str, Any]) -> None:
    """Unseen characters, texts of 10 KB, paths that are none, and fields that a piece does not have."""
    assert {each.partition(".")[0] for each in _problems(**over)} == set(over)


def test_every_field_that_is_wrong_is_named() -> None:
    """In the text three of them, and no value that somebody sent."""
    with pytest.raises(NoPiece) as told:
        piece_of({"id": "SECRET 1", "title": "", "url": "SECRET", "language": "SECRET words", "topics": "SECRET x"})
    assert {each.field for each in told.value.problems} == {"id", "title", "url", "language", "topics.0"}
    assert str(told.value).endswith("; and 2 more")
    assert "SECRET" not in str(told.value)
    assert "more" not in str(NoPiece(told.value.problems[:1]))


def test_what_a_piece_says_gives_that_piece() -> None:
    """Reading twice changes nothing."""
    piece = piece_of({**GUIDE, "url": "https://a.example/x*", "topics": "seo|crm"})
    assert piece_of(piece.model_dump()) == piece


def test_a_piece_of_the_topic_has_the_fields_of_the_file() -> None:
    """What an operator moves from `content.yaml` to the topic loses nothing."""
    assert {*Piece.model_fields} == FIELDS
    assert PublishedPiece(**Piece(id="a", title="A", language="en").model_dump()).title == "A"


def test_who_is_withdrawn_is_told_by_the_id_alone() -> None:
    """As it was published; what is no id names none."""
    assert id_of({"id": 7, "title": ""}) == id_of({"id": "7"}) == "7"
    for said in ({}, {"id": None}, {"id": "A b"}, {"id": ["a"]}):
        with pytest.raises(NoPiece, match=r"^id: "):
            id_of(said)
