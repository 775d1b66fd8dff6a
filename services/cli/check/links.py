"""What files of a program folder say of each other, and of themselves in two places.

They are read as they are: a link is judged also where something else in its file is wrong.
"""

from collections.abc import Iterable, Mapping
from zoneinfo import available_timezones

from services.cli.check.document import Document, entries, mapping, texts

MOST_NAMED = 8  # names in one sentence


def check_topics(signals: Document, content: Document | None) -> None:
    """Rules, neighbours and pieces name topics that there are."""
    topics = mapping(signals.raw, "topics")
    for number, rule in entries(mapping(signals.raw).get("rules")):
        for each, name in texts(rule.get("topics")):
            _hold(signals, ("rules", number, "topics", each), name, topics)
    for topic, said in topics.items():
        for each, name in texts(mapping(said).get("neighbours")):
            _hold(signals, ("topics", topic, "neighbours", each), name, topics)
    if content is None:
        return
    for number, piece in entries(mapping(content.raw).get("content")):
        for each, name in texts(piece.get("topics")):
            if name not in topics:
                content.wrong(
                    ("content", number, "topics", each), _one_of(topics, "topics of signals.yaml"), repr(name)
                )


def check_pieces(content: Document) -> None:
    """Each piece has its own id and its own title."""
    for what in ("id", "title"):
        seen: dict[str, int] = {}
        for number, piece in entries(mapping(content.raw).get("content")):
            if not isinstance(word := piece.get(what), str):
                continue
            if (first := seen.setdefault(word.casefold(), number)) != number:
                line = content.line(("content", first))
                content.wrong(
                    ("content", number, what), f"expected each {what} once, it stands in line {line} too", repr(word)
                )


def check_playbooks(playbooks: Iterable[Document], courses: Mapping[str, str] | None) -> None:
    """Each playbook has its own name, and the course that goes where none fits is one that can be mailed.

    `courses`: the status of each good row of the catalogue by its id; None where there is no catalogue.
    """
    seen: dict[str, str] = {}
    for each in playbooks:
        said = mapping(each.raw)
        name, otherwise = said.get("name"), said.get("otherwise")
        if isinstance(name, str) and (first := seen.setdefault(name, each.file)) != each.file:
            each.wrong(("name",), f"expected a name of its own, {first} has it too", repr(name))
        if courses is None or not isinstance(otherwise, str):
            continue
        if otherwise not in courses:
            each.wrong(("otherwise",), "expected the id of a course that a good row of the catalogue has", otherwise)
        elif courses[otherwise] != "open":
            each.wrong(("otherwise",), f"expected a course that is open, it is {courses[otherwise]}", otherwise)


def check_zone(brand: Document) -> None:
    """The zone of the quiet hours is one that this machine knows."""
    zone = mapping(brand.raw, "quiet_hours").get("time_zone")
    if isinstance(zone, str) and zone not in available_timezones():
        brand.wrong(("quiet_hours", "time_zone"), "expected the name of a time zone, as Europe/Madrid", repr(zone))


def _hold(document: Document, place: tuple[str | int, ...], name: str, topics: Iterable[str]) -> None:
    if name not in topics:
        document.wrong(place, _one_of(topics, "topics"), repr(name))


def _one_of(names: Iterable[str], where: str) -> str:
    known = [*map(str, names)]
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    return f"expected one of {where} ({', '.join(known[:MOST_NAMED])}{more})"
