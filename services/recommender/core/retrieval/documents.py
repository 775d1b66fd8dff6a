"""A course as it is indexed: which text is embedded, which words are counted, and when it has to be done again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.course import Course
from services.recommender.core.sanitised import clipped

WORDS_ONLY = "words "  # before the content hash of an entry that has no vector yet
EMBEDDED_CHARACTERS = 1_000  # about 250 tokens: the embedder's cost grows with length, its gain ends before (2026-11)


@dataclass(frozen=True, slots=True)
class Changes:
    """What makes an index equal to the catalogue: course ids to write and to remove, each in order."""

    write: tuple[str, ...]
    remove: tuple[str, ...]


def embedded_text(course: Course) -> str:
    """What is embedded of a course: its title, the beginning of its description, its skills."""
    parts = (course.title, clipped(course.description, EMBEDDED_CHARACTERS), ", ".join(course.skills))
    return ". ".join(part.rstrip(" .") for part in parts if part).replace("\x00", "")


def words_text(course: Course) -> str:
    """What words can find a course by."""
    topics = " ".join(course.topics).replace("-", " ")
    return " ".join((course.title, course.title, course.description, *course.skills, *course.takeaways, topics))


def key_words(course: Course) -> str:
    """What a course taken says of what its taker looks for: its name and subjects, not all of its description."""
    topics = " ".join(course.topics).replace("-", " ")
    return " ".join((course.title, *course.skills, topics))


def content_hash(course: Course) -> str:
    """SHA-256 over all that its index entry is made of: a new price or date changes nothing, a new title does."""
    made_of = (embedded_text(course), words_text(course), course.language, course.level, course.topics)
    return hashlib.sha256(json.dumps(made_of, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def words_only(of_course: str) -> str:
    """The content hash of the course's entry without a vector: never a course's own, so that the entry is due again."""
    return f"{WORDS_ONLY}{of_course}"


def has_vector(of_entry: str) -> bool:
    """Whether the entry of this content hash has a vector."""
    return not of_entry.startswith(WORDS_ONLY)


def lacks_words(of_course: str | None, of_entry: str | None) -> bool:
    """Whether the course has no entry, or one of words alone that is older; one with a vector stays until the next."""
    return of_course is not None and (
        of_entry is None or (not has_vector(of_entry) and of_entry != words_only(of_course))
    )


def fingerprint(course: Course) -> int:
    """128 bits of SHA-256 over all of a course. A catalogue's version is their sum: no order, one step a change."""
    return int.from_bytes(hashlib.sha256(course.model_dump_json().encode("utf-8", "surrogatepass")).digest()[:16])


def text_hash(course: Course) -> str:
    """SHA-256 of what is embedded: a new level or topic writes the entry anew, with the vector there is."""
    return hashlib.sha256(embedded_text(course).encode("utf-8", "surrogatepass")).hexdigest()


def changes(wanted: Mapping[str, str], held: Mapping[str, str]) -> Changes:
    """The difference of two maps of course id to content hash. Law: applied to `held` it gives `wanted`."""
    return Changes(
        write=tuple(sorted(each for each, of in wanted.items() if held.get(each) != of)),
        remove=tuple(sorted(held.keys() - wanted.keys())),
    )
