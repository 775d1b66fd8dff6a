"""What an event means for a profile: the first rule that matches, else an unknown page by its title and path."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from msgspec import Raw, Struct
from msgspec.json import Decoder, encode

from schemas.clean import BEHAVIOUR, CleanEvent
from schemas.program import SignalRule, Signals
from services.profile.core.event import Event, Saying
from services.profile.core.patterns import CACHED, Bound, binder, topic_finder
from services.profile.core.text import clipped

MAX_ITEM = 100  # characters
MAX_TITLE = 160  # characters
MAX_TOPICS = 3  # that count; one fewer beside an item
ROW_BYTES = 100  # bound of a signal's numbers and of who told of it
BUCKET_BYTES = 40  # bound of an interest's month and amount
CHARACTER_BYTES = 4  # UTF-8, of printable text
FALLBACK_KIND = "page"
TAKING = frozenset({"taken", "completed"})  # what a rule may say of a course that makes it part of the history
NOTHING: Saying = {}


class Titled(Struct, array_like=True, frozen=True, gc=False):
    """A signal's title and topics as they are stored; no title where its key ends with it, since it has no item."""

    title: str | None
    topics: tuple[str, ...]


class Meaning(Struct, frozen=True, gc=False):
    """One event's weight and item; `taken` is the course that it says was taken, or completed where `is_completed`.

    What follows from it is said once, where the meaning is remembered: `key` names its signal, `title` is the encoded
    `Titled`, `interests` are the keys it adds to, `row_size` and `interest_size` bound the bytes that both add,
    `most_size` is their sum.
    """

    weight: float
    item: str | None
    taken: str | None
    is_completed: bool
    key: str
    title: Raw
    interests: tuple[str, ...]
    row_size: int
    interest_size: int
    most_size: int


class Asked(NamedTuple):
    """The properties that the rules which match an event look at: those taken as one text, and those as several."""

    texts: tuple[str, ...]
    lists: tuple[str, ...]


_decoded = Decoder(Titled).decode


Seen: TypeAlias = tuple[bool, str, str, str]
"""What of an event the rules look at, beside its properties: is it a page, its name, path and title."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What matches an event with its meaning, compiled from `signals.yaml`."""

    bound: Callable[[bool, str, str], tuple[Bound, ...]]
    topics_in: Callable[[str, str], tuple[str, ...]]
    known: frozenset[str]
    fallback_weight: float


def reader(signals: Signals) -> Callable[[Event], Meaning | None]:
    """What gives an event's meaning, or None where it says nothing, as all that is no behaviour.

    It is remembered by all that it depends on: kind, name, path, title, and the properties that a matching rule asks.
    """
    lexicon = Lexicon(binder(signals), topic_finder(signals), frozenset(signals.topics), signals.fallback_weight)

    @lru_cache(maxsize=CACHED)
    def first(seen: Seen) -> Meaning | Asked | None:
        rules = lexicon.bound(*seen[:3])
        return _asked(each.rule for each in rules) or _by_properties(lexicon, seen, {}, {})

    @lru_cache(maxsize=CACHED)
    def second(seen: Seen, asked: Asked, texts: tuple[str, ...], lists: tuple[tuple[str, ...], ...]) -> Meaning | None:
        said = dict(zip(asked.texts, texts, strict=True)), dict(zip(asked.lists, lists, strict=True))
        return _by_properties(lexicon, seen, *said)

    def meaning(event: Event) -> Meaning | None:
        if event.kind not in BEHAVIOUR:
            return None
        properties: Saying = event.properties or NOTHING
        title = properties.get("title") or event.title
        seen = (event.kind == "page", event.name, event.path or "", title if isinstance(title, str) else "")
        found = first(seen)
        if not isinstance(found, Asked):
            return found
        texts = tuple([text_of(properties.get(each)) for each in found.texts])
        named = [properties.get(each) for each in found.lists]
        return second(seen, found, texts, tuple([_topics_of(each, lexicon) for each in named]))

    return meaning


def titled(key: str, title: Raw) -> tuple[str | None, str, tuple[str, ...]]:
    """Item, title and topics of the signal with this key."""
    named, said = key.partition("|")[2], _decoded(title)
    return (None, named, said.topics) if said.title is None else (named, said.title, said.topics)


def keys_of(item: str | None, topics: Sequence[str]) -> tuple[str, ...]:
    """The interests that an item and its topics speak to: three at most."""
    of_item = [f"item:{item}"] if item else []
    return (*of_item, *(f"topic:{topic}" for topic in topics[: MAX_TOPICS - len(of_item)]))


def size_of(interests: Sequence[str]) -> int:
    """An upper bound of the bytes that an amount for each of these interests adds."""
    return sum(BUCKET_BYTES + CHARACTER_BYTES * len(each) for each in interests)


def title_of(event: CleanEvent) -> str | None:
    """The title an event gives its subject, or None."""
    title = (event.get("properties") or {}).get("title") or event.get("title")
    return (clipped(title, MAX_TITLE) or None) if isinstance(title, str) else None


def text_of(value: object) -> str:
    """A property as text: a number or a truth as JSON writes it."""
    if isinstance(value, str):
        return value
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            return ""


def texts_of(value: object) -> list[str]:
    """A property that holds a text or a list of texts."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _asked(matching: Iterable[SignalRule]) -> Asked | None:
    """None where none of them asks any."""
    rules = list(matching)
    texts = {name for rule in rules for name in (*rule.where, *filter(None, [rule.item_property]))}
    lists = {rule.topic_property for rule in rules if rule.topic_property}
    return Asked(tuple(sorted(texts)), tuple(sorted(lists))) if texts or lists else None


def _topics_of(value: object, lexicon: Lexicon) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value in lexicon.known else ()
    return tuple(dict.fromkeys(each for each in texts_of(value) if each in lexicon.known))[:MAX_TOPICS]


def _by_properties(
    lexicon: Lexicon, seen: Seen, texts: Mapping[str, str], lists: Mapping[str, tuple[str, ...]]
) -> Meaning | None:
    for each in lexicon.bound(*seen[:3]):
        if all(texts[key] == want for key, want in each.rule.where.items()):
            return _concluded(lexicon, each, seen, texts, lists)
    return _unknown(lexicon, seen)


def _unknown(lexicon: Lexicon, seen: Seen) -> Meaning | None:
    is_page, _, path, title = seen
    topics = lexicon.topics_in(title, path) if is_page else ()
    title = clipped(title or path, MAX_TITLE)
    return _meaning(FALLBACK_KIND, lexicon.fallback_weight, None, topics, title, None) if topics else None


def _concluded(
    lexicon: Lexicon, each: Bound, seen: Seen, texts: Mapping[str, str], lists: Mapping[str, tuple[str, ...]]
) -> Meaning:
    rule = each.rule
    asked = texts[rule.item_property] if rule.item_property else ""
    item = clipped(asked or each.item or "", MAX_ITEM)
    named = lists[rule.topic_property] if rule.topic_property else ()
    topics = [*rule.topics, *([each.topic] if each.topic in lexicon.known else ()), *named]
    _, name, path, title = seen
    chosen = tuple(dict.fromkeys(topics)) or lexicon.topics_in(title, path)
    title = clipped(title, MAX_TITLE) or item or clipped(name, MAX_TITLE)
    return _meaning(rule.kind, rule.weight, item or None, chosen[:MAX_TOPICS], title, rule.course)


def _meaning(  # noqa: PLR0913, PLR0917 what a meaning is made of
    kind: str, weight: float, item: str | None, topics: tuple[str, ...], title: str, course: str | None
) -> Meaning:
    key = f"{kind}|{item or title}"
    said = encode(Titled(title if item else None, topics))
    interests = keys_of(item, topics)
    row_size, interest_size = ROW_BYTES + CHARACTER_BYTES * len(key) + len(said), size_of(interests)
    taken = item if course in TAKING and weight else None
    return Meaning(
        weight, item, taken, course == "completed", key, Raw(said), interests, row_size, interest_size,
        row_size + interest_size,
    )  # fmt: skip
