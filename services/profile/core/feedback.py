"""What feedback about a mail says: its words in the order of strength, and which courses it is about."""

import re

from schemas.clean import CleanEvent, FeedbackFact
from schemas.course import SLUG_PATTERN
from services.profile.core.hearing import feedback_claim, hears
from services.rules.clicks import Click, Verdict, verdict

CONFIRMING = (  # weakest first: each says that a mail went out, `unknown` that one may have
    "unknown", "queued", "sent", "deferred", "delivered", "autoresponded", "bounced", "opened", "clicked",
    "unsubscribed", "complained", "converted",
)  # fmt: skip
STRENGTH = {word: strength for strength, word in enumerate(("", "failed", "rejected", *CONFIRMING))}
STRONGEST = len(STRENGTH)  # of a word of a later version that is stored: it may say that a mail went, and how it ended
_SLUG = re.compile(SLUG_PATTERN.removesuffix("$"))


def machine_of(fact: FeedbackFact) -> Verdict:
    """Whether a machine did it, by the record alone: an open never counts, and a click is judged again by its likes."""
    return verdict(Click(fact["word"], fact.get("machine", "")))


def is_heard(event: CleanEvent) -> bool:
    """True for feedback that may change something: whoever speaks is asked before what is said."""
    return event["kind"] == "feedback" and hears(feedback_claim(event["feedback"]["word"]), event)


def is_course(item: str) -> bool:
    """True if a catalogue can hold a course of this id; what else a person takes is told nobody."""
    return _SLUG.fullmatch(item) is not None


def named(event: CleanEvent) -> str:
    """The course that feedback names: as a rule the one its mail is about; empty where it names none."""
    course = (event.get("properties") or {}).get("course")
    return course if isinstance(course, str) else ""


def further(event: CleanEvent) -> dict[str, str]:
    """The courses that feedback says its mail showed beside the one it is about, and where their links lead."""
    also, first = event["feedback"].get("also", {}), named(event)
    return {course: url for course, url in also.items() if is_course(course) and course != first}
