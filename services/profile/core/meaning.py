"""What an event means for a profile: the first rule that matches, else an unknown page by its title and path."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pydantic import JsonValue

from schemas.clean import CleanEvent
from schemas.program import SignalRule, Signals
from services.profile.core.patterns import CACHED, Bound, binder, topic_finder
from services.profile.core.text import clipped

MAX_ITEM = 100  # characters
MAX_TITLE = 160  # characters
MAX_TOPICS = 3  # that count; one fewer beside an item
ROW_BYTES = 80  # bound of the row of who told of it, beside its key
CHARACTER_BYTES = 4  # UTF-8, of printable text
FALLBACK_KIND = "page"


class Meaning(NamedTuple):
    """One event's kind, weight, item, topics and title; `course` says what it did to the course history.

    What follows from these is said once, where the meaning is remembered: `key` names its signal, `interests` are the
    keys it adds to, `size` bounds the bytes that it adds.
    """

    kind: str
    weight: float
    item: str | None
    topics: tuple[str, ...]
    title: str
    course: str | None
    key: str
    interests: tuple[str, ...]
    size: int


class Seen(NamedTuple):
    """What of an event the rules look at, beside its properties."""

    is_page: bool
    name: str
    path: str
    title: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What matches an event with its meaning, compiled from `signals.yaml`."""

    bound: Callable[[bool, str, str], tuple[Bound, ...]]
    topics_in: Callable[[str, str], tuple[str, ...]]
    known: frozenset[str]
    fallback_weight: float


def reader(signals: Signals) -> Callable[[CleanEvent], Meaning | None]:
    """What gives an event's meaning, or None where it says nothing; what hangs on no property is remembered."""
    lexicon = Lexicon(binder(signals), topic_finder(signals), frozenset(signals.topics), signals.fallback_weight)

    @lru_cache(maxsize=CACHED)
    def remembered(seen: Seen) -> tuple[bool, Meaning | None]:
        rules = lexicon.bound(seen.is_page, seen.name, seen.path)
        if any(_asks_properties(each.rule) for each in rules):
            return False, None
        return True, _concluded(lexicon, rules[0], seen, {}) if rules else _unknown(lexicon, seen)

    def meaning(event: CleanEvent) -> Meaning | None:
        properties = event.get("properties") or {}
        title = properties.get("title") or event.get("title")
        title = title if isinstance(title, str) else ""
        seen = Seen(event["kind"] == "page", event["name"], event.get("path", ""), title)
        is_known, found = remembered(seen)
        return found if is_known else _by_properties(lexicon, seen, properties)

    return meaning


def title_of(event: CleanEvent) -> str | None:
    """The title an event gives its subject, or None."""
    title = (event.get("properties") or {}).get("title") or event.get("title")
    return (clipped(title, MAX_TITLE) or None) if isinstance(title, str) else None


def text_of(value: JsonValue) -> str:
    """A property as text: a number or a truth as JSON writes it."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            return ""


def texts_of(value: JsonValue) -> list[str]:
    """A property that holds a text or a list of texts."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _asks_properties(rule: SignalRule) -> bool:
    return bool(rule.where or rule.item_property or rule.topic_property)


def _by_properties(lexicon: Lexicon, seen: Seen, properties: dict[str, JsonValue]) -> Meaning | None:
    for each in lexicon.bound(seen.is_page, seen.name, seen.path):
        if all(text_of(properties.get(key)) == want for key, want in each.rule.where.items()):
            return _concluded(lexicon, each, seen, properties)
    return _unknown(lexicon, seen)


def _unknown(lexicon: Lexicon, seen: Seen) -> Meaning | None:
    topics = lexicon.topics_in(seen.title, seen.path) if seen.is_page else ()
    title = clipped(seen.title or seen.path, MAX_TITLE)
    return _meaning(FALLBACK_KIND, lexicon.fallback_weight, None, topics, title, None) if topics else None


def _concluded(lexicon: Lexicon, each: Bound, seen: Seen, properties: dict[str, JsonValue]) -> Meaning:
    rule = each.rule
    asked = text_of(properties.get(rule.item_property)) if rule.item_property else ""
    item = clipped(asked or each.item or "", MAX_ITEM)
    named = texts_of(properties.get(rule.topic_property)) if rule.topic_property else []
    topics = [*rule.topics, *(name for name in (each.topic, *named) if name in lexicon.known)]
    chosen = tuple(dict.fromkeys(topics)) or lexicon.topics_in(seen.title, seen.path)
    title = clipped(seen.title, MAX_TITLE) or item or clipped(seen.name, MAX_TITLE)
    return _meaning(rule.kind, rule.weight, item or None, chosen[:MAX_TOPICS], title, rule.course)


def _meaning(  # noqa: PLR0913, PLR0917 the fields of a meaning
    kind: str, weight: float, item: str | None, topics: tuple[str, ...], title: str, course: str | None
) -> Meaning:
    of_item = [f"item:{item}"] if item else []
    of_topics = [f"topic:{topic}" for topic in topics[: MAX_TOPICS - len(of_item)]]
    size = ROW_BYTES + CHARACTER_BYTES * (3 * len(title) + 6 * len(item or ""))
    return Meaning(kind, weight, item, topics, title, course, f"{kind}|{item or title}", (*of_item, *of_topics), size)
