"""What a server or a file says of a piece of the business's content, as the piece: one rule for topic and import."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from schemas.content import PublishedPiece
from schemas.course import Slug
from schemas.problems import expected, place
from services.rules.characters import hidden

FIELDS = frozenset(PublishedPiece.model_fields)
BETWEEN = "|"  # topics in one text
MOST_NAMED = 3  # problems of one piece
_SCHEMES = ("https://", "http://")
_ID: TypeAdapter[str] = TypeAdapter(Slug)


@dataclass(frozen=True, slots=True)
class Problem:
    """One field that is not as it should be: what was expected, and what came."""

    field: str
    expected: str
    came: object


class NoPiece(ValueError):  # noqa: N818 what came is none
    """What came is no piece of content. The text names no value: it may go where nobody's words may."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep what is wrong."""
        self.problems = tuple(problems)
        named = [f"{each.field}: {each.expected}" for each in self.problems[:MOST_NAMED]]
        more = len(self.problems) - MOST_NAMED
        super().__init__("; ".join(named) + (f"; and {more} more" if more > 0 else ""))


def piece_of(said: Mapping[str, Any]) -> PublishedPiece:
    """The piece of these fields; one that a piece does not have is a typo.

    A number is an id as its digits; a full URL its path; `en-GB` is `en`; topics may be one text with `|` between.
    White space within a title is one space. What is None is not there.

    Law: what a piece says gives that piece.

    Raises:
        NoPiece: with every field that is wrong, a title or URL with characters nobody sees among them.
    """
    try:
        fields = {name: _plain(name, value) for name, value in said.items() if value is not None}
        piece = PublishedPiece.model_validate(fields, extra="forbid")
    except ValidationError as error:
        raise NoPiece(_problems(error)) from None
    if unseen := [*_unseen("title", piece.title), *_unseen("url", piece.url or "")]:
        raise NoPiece(unseen)
    return piece


def id_of(said: Mapping[str, Any]) -> str:
    """The id of the piece that is spoken of.

    Raises:
        NoPiece: it is none.
    """
    try:
        return _ID.validate_python(_plain("id", said.get("id")))
    except ValidationError as error:
        raise NoPiece(Problem("id", expected(each), each["input"]) for each in error.errors()) from None


def _plain(name: str, value: Any) -> Any:
    match name, value:
        case "id", int() if not isinstance(value, bool):
            return str(value)
        case "title", str():
            return " ".join(value.split())
        case "url", str():
            return _path_of(value.strip())
        case "language", str():
            return value.strip().replace("_", "-").partition("-")[0].lower()
        case "topics", str():
            return tuple(filter(None, map(str.strip, value.split(BETWEEN))))
    return value


def _path_of(url: str) -> str:
    """The path of a full URL, without query and fragment; a path as it is."""
    scheme = next((each for each in _SCHEMES if url[: len(each)].lower() == each), None)
    if scheme is None:
        return url
    rest = url[len(scheme) :].partition("?")[0].partition("#")[0]
    return f"/{rest.partition('/')[2]}"


def _unseen(field: str, text: str) -> list[Problem]:
    found = hidden(text)
    return [Problem(field, f"expected characters that are seen, not {found}", text)] if found else []


def _problems(error: ValidationError) -> list[Problem]:
    return [Problem(place(each, ""), expected(each), each["input"]) for each in error.errors(include_url=False)]
