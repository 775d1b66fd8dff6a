"""What one check of the doctor came to."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it stands: a failure keeps something from working, a warning is to be known."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table: what was looked at, how it stands, what was seen, and what to do where it is not well."""

    check: str
    verdict: Verdict
    seen: str
    todo: str = ""


def ok(check: str, seen: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.OK, seen)


def warn(check: str, seen: str, todo: str = "") -> Finding:
    """Something is to be known."""
    return Finding(check, Verdict.WARN, seen, todo)


def fail(check: str, seen: str, todo: str) -> Finding:
    """Something will not work."""
    return Finding(check, Verdict.FAIL, seen, todo)


def unchecked(check: str, why: str) -> Finding:
    """It could not be looked at."""
    return Finding(check, Verdict.WARN, f"not checked: {why}")
