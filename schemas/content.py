"""A piece of the business's own content as its topic has it, keyed by its id; a tombstone withdraws it."""

from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from schemas.course import Language, Slug
from schemas.values import Event

MAX_PIECE_TITLE = 160  # characters: a profile keeps no more of a title that it is told
PieceTitle: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=MAX_PIECE_TITLE, pattern=r"\S")]


class PublishedPiece(Event):
    """A guide, webinar or page that the business has published: what a `Piece` of `content.yaml` is, on its topic."""

    id: Slug
    title: PieceTitle
    url: Annotated[str, StringConstraints(pattern=r"^/[^\s{}]*$", max_length=2_000)] | None = Field(
        default=None, description="a path, in which a final * matches the rest; it names the pages without a title"
    )
    topics: tuple[Slug, ...] = Field(default=(), max_length=20)
    language: Language
