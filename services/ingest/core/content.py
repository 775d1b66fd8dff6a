"""What a server says of the business's content: that a piece is published, or withdrawn. It is about nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.content import PublishedPiece
from schemas.speaker import Speaker
from services.ingest.core.reasons import Reason, Refused
from services.rules.claims import Claim, is_heard
from services.rules.content import FIELDS, NoPiece, id_of, piece_of

_PUBLISHES = {  # as servers may write the names
    "Content Published": True, "content published": True, "content_published": True,
    "Content Withdrawn": False, "content withdrawn": False, "content_withdrawn": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ContentNews:
    """The newest word of one piece: what it is now, or None where it is withdrawn."""

    id: str
    piece: PublishedPiece | None


def is_about_content(kind: str, body: Mapping[str, Any]) -> bool:
    """True for a checked call that tells of a piece, by its type and the name of its event."""
    return kind == "track" and body["event"].strip() in _PUBLISHES


def content_news(body: Mapping[str, Any], properties: Mapping[str, Any], who: Speaker) -> ContentNews:
    """What the call says of a piece; what else stands among its properties is left aside.

    Raises:
        Refused: only a server knows what the business publishes, and this is none; or it is no piece.
    """
    if not is_heard(Claim.CONTENT, who):
        raise Refused(Reason.NOT_THE_BUSINESS, "expected content from a server: sign the call, or use conversions.raw")
    try:
        if not _PUBLISHES[body["event"].strip()]:
            return ContentNews(id_of(properties), None)
        piece = piece_of({name: value for name, value in properties.items() if name in FIELDS})
    except NoPiece as error:
        raise Refused(Reason.BAD_CONTENT, f"expected the properties of a piece of content; {error}") from None
    return ContentNews(piece.id, piece)
