"""Which rules of `signals.yaml` match an event's name and path, and which topics its words betray; both remembered."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from schemas.program import SignalRule, Signals

CACHED = 16_384  # answers kept of each kind: a few megabytes
MAX_KEYWORD_TOPICS = 3
_WORD = re.compile(r"[^\W_]+")
_BOUND = {"{item}": "(?P<item>[^/]+)", "{topic}": "(?P<topic>[^/]+)", "*": ".*"}


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule whose event and path match, with what the path bound."""

    rule: SignalRule
    item: str | None
    topic: str | None


def pattern(path: str) -> re.Pattern[str]:
    """The path pattern as a regular expression: `{item}` and `{topic}` bind a segment, a final `*` takes the rest.

    `/blog/*` matches `/blog` too; a trailing slash makes no difference.
    """
    takes_rest = path.endswith("/*")
    body = path.removesuffix("/*").rstrip("/")
    out: list[str] = []
    for part in re.split(r"(\{item\}|\{topic\}|\*$)", body):
        named = _BOUND.get(part)
        out.append(re.escape(part) if named is None or named in out else named)
    return re.compile("".join(out) + ("(?:/.*)?" if takes_rest else "/?"), re.DOTALL)


def binder(signals: Signals) -> Callable[[bool, str, str], tuple[Bound, ...]]:
    """What gives the rules that match (is it a page, its name, its path), in their order."""
    compiled = [(rule, pattern(rule.path) if rule.path else None) for rule in signals.rules]

    @lru_cache(maxsize=CACHED)
    def bound(is_page: bool, name: str, path: str) -> tuple[Bound, ...]:  # noqa: FBT001 part of the cache's key
        found = []
        for rule, shape in compiled:
            if rule.event is not None and rule.event != name and not (is_page and rule.event == "page"):
                continue
            if shape is None:
                found.append(Bound(rule, None, None))
            elif match := shape.fullmatch(path):
                groups = match.groupdict()
                found.append(Bound(rule, groups.get("item"), groups.get("topic")))
        return tuple(found)

    return bound


def topic_finder(signals: Signals) -> Callable[[str, str], tuple[str, ...]]:
    """What gives the topics whose keywords or titles occur in (title, path), most hits first, at most three."""
    keywords = [
        (slug, {f" {words(text)} " for text in (*topic.keywords, slug, *topic.title.values()) if words(text)})
        for slug, topic in signals.topics.items()
    ]

    @lru_cache(maxsize=CACHED)
    def topics_in(title: str, path: str) -> tuple[str, ...]:
        text = f" {words(title)} {words(path)} "
        hits = [(sum(text.count(word) for word in known), slug) for slug, known in keywords]
        ranked = sorted((hit for hit in hits if hit[0]), key=lambda hit: (-hit[0], hit[1]))
        return tuple(slug for _, slug in ranked[:MAX_KEYWORD_TOPICS])

    return topics_in


def words(text: str) -> str:
    """The words of a text, folded, with one space between."""
    return " ".join(_WORD.findall(text.casefold()))
