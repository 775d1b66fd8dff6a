"""The four catalogues of the judged set: two made by us, two of strangers that are read where their data lies."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from schemas.course import Course, Level
from schemas.program import Topic
from schemas.values import Value
from services.runtime.program import read_catalogue, read_yaml

HERE = Path(__file__).parent
MADE_AT = datetime(2026, 11, 26, tzinfo=UTC)  # of every course that carries no time of its own
BAZAAR_ROWS = 2_000
BAZAAR_CATEGORIES = ("business", "microsoft", "marketing")  # taken whole in this order, until there are enough
GENERAL = frozenset({"business", "marketing", "office-productivity"})  # say less than the category beside them
EDX_LANGUAGES = {
    "English": "en", "Español": "es", "Français": "fr", "Italiano": "it", "中文": "zh", "Português": "pt",
    "日本語": "ja", "اللغة العربية": "ar", "Deutsch": "de",
}  # fmt: skip
EDX_LEVELS: Mapping[str, Level] = {
    "Introductory": "beginner",
    "Intermediate": "intermediate",
    "Advanced": "advanced",
}
COCO_LANGUAGES = {
    "english": "en", "spanish": "es", "portuguese": "pt", "arabic": "ar", "german": "de", "chinese": "zh",
    "french": "fr", "italian": "it",
}  # fmt: skip
COCO_LEVELS: Mapping[str, Level] = {"intermediate": "intermediate", "esperto": "advanced"}
_GAP = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A business's courses by id, its topics, and the language it writes in where nothing else is known."""

    name: str
    courses: Mapping[str, Course]
    topics: Mapping[str, Topic]
    language: str = "en"


class _Topics(Value):
    """`topics.yaml`: by catalogue."""

    topics: dict[str, dict[str, Topic]]


def read(name: str, data: Path | None) -> Catalogue | None:
    """The catalogue of this name; None where it is a stranger's and `data` does not hold it."""
    courses = READERS[name](data)
    if courses is None:
        return None
    topics = read_yaml(HERE / "topics.yaml", _Topics).topics[name]
    return Catalogue(name, {each.id: each for each in courses}, topics)


def _own(file: str) -> Callable[[Path | None], Sequence[Course]]:
    return lambda _: tuple(read_catalogue(HERE / file))


def _edx(data: Path | None) -> Sequence[Course] | None:
    path = None if data is None else data / "edx_2020" / "edx.jsonl"
    return None if path is None or not path.is_file() else tuple(_edx_course(row) for row in _rows(path))


def _edx_course(row: Mapping[str, Any]) -> Course:
    """By title and summary only: what most catalogues say of a course."""
    return Course(
        id=_slug(row["id"].partition(":")[2]),
        title=row["title"][:200],
        description=row.get("summary") or "",
        url=f"https://edx.example/{_slug(row['id'])}",
        topics=(_slug(row.get("subject") or "other"),),
        level=EDX_LEVELS.get(row.get("level") or "", "beginner"),
        language=EDX_LANGUAGES[row["language"]],
        updated_at=MADE_AT,
    )


def _bazaar(data: Path | None) -> Sequence[Course] | None:
    path = None if data is None else data / "coco_udemy_interactions" / "courses.jsonl"
    if path is None or not path.is_file():
        return None
    rows = sorted(_rows(path), key=lambda row: int(row["pid"]))
    wanted = (row for category in BAZAAR_CATEGORIES for row in rows if _category(row) == category)
    return tuple(_bazaar_course(row) for row, _ in zip(wanted, range(BAZAAR_ROWS), strict=False))


def _category(row: Mapping[str, Any]) -> str | None:
    return next((each for each in BAZAAR_CATEGORIES if each in row["belong_to_category"]), None)


def _bazaar_course(row: Mapping[str, Any]) -> Course:
    """By title only, and the narrower of its categories."""
    narrow = [_slug(each) for each in row["belong_to_category"] if each not in GENERAL]
    return Course(
        id=f"c{row['pid']}",
        title=row["title"],
        url=f"https://bazaar.example/{row['pid']}",
        topics=tuple(narrow or map(_slug, row["belong_to_category"])),
        level=COCO_LEVELS.get(next(iter(row.get("taught_in_level", ())), ""), "beginner"),
        language=COCO_LANGUAGES.get(row["taught_in_language"][0], "en"),
        updated_at=MADE_AT,
    )


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _slug(text: str) -> str:
    return _GAP.sub("-", text.lower()).strip("-")[:100]


READERS: Mapping[str, Callable[[Path | None], Sequence[Course] | None]] = MappingProxyType(
    {"edx": _edx, "bazaar": _bazaar, "academy": _own("academy.jsonl"), "college": _own("college.jsonl")}
)
