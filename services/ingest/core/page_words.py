"""The words of the page behind a mail's link, by language: which there are, and what each may hold."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from string import Formatter

FALLBACK = "en"  # what is not said in a language is said in this one
SLOTS: Mapping[str, frozenset[str]] = {
    "title": frozenset({"brand"}), "why": frozenset({"brand", "purpose"}), "why_unnamed": frozenset({"purpose"}),
    "stop": frozenset({"purpose"}), "stopped": frozenset({"purpose"}), "pause": frozenset({"days"}),
    "pause_button": frozenset({"days"}), "paused": frozenset({"days"}), "spoken": frozenset({"language"}),
}  # fmt: skip
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Words:
    """All phrases of one language; `_unnamed` stands where no brand is known. `SLOTS` says what is put into which."""

    title: str
    title_unnamed: str
    why_title: str
    why: str
    why_unnamed: str
    stop_title: str
    stop: str
    stop_button: str
    pause_title: str
    pause: str
    pause_button: str
    language_title: str
    language_label: str
    language_button: str
    all_title: str
    all: str
    all_button: str
    forget_title: str
    forget: str
    forget_button: str
    sure_title: str
    sure: str
    sure_button: str
    back: str
    stopped_title: str
    stopped: str
    paused_title: str
    paused: str
    spoken_title: str
    spoken: str
    all_stopped_title: str
    all_stopped: str
    forgotten_title: str
    forgotten: str
    later_title: str
    later: str
    unknown_language_title: str
    unknown_language: str


KEYS = tuple(each.name for each in fields(Words))


def words_of(said: Mapping[str, object]) -> Words:
    """The words of what a file says.

    Raises:
        ValueError: a key lacks or is none, or a phrase is empty or holds other slots than its own; it says which.
    """
    if lacking := [key for key in KEYS if key not in said]:
        raise ValueError(f"expected {', '.join(lacking)} as well")
    if strange := sorted(said.keys() - {*KEYS}):
        raise ValueError(f"{', '.join(strange)}: no phrase of the page; expected {', '.join(KEYS)}")
    return Words(**{key: _phrase(key, said[key]) for key in KEYS})


def _phrase(key: str, said: object) -> str:
    if not isinstance(said, str) or not said.strip():
        raise ValueError(f"{key}: expected a phrase; {type(said).__name__} came, or nothing")
    expected, found = SLOTS.get(key, _NONE), _slots(key, said)
    if found != sorted(expected):
        raise ValueError(f"{key}: expected {_shown(sorted(expected))}; {_shown(found)} came")
    return said


def _slots(key: str, said: str) -> list[str]:
    try:
        return sorted(name for _, name, _, _ in Formatter().parse(said) if name is not None)
    except ValueError as error:
        raise ValueError(f"{key}: expected braces in pairs around a slot: {error}") from None


def _shown(names: list[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names) or "no slot"
