"""The import of files of content: every good row is published, every bad one is named by file, line and field."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schemas.content import PublishedPiece
from schemas.topics import CATALOG_CONTENT
from services.profile.adapters.content_file import rows
from services.runtime.outcome import Message, Send

BATCH = 500  # records sent before the acks are awaited

Say = Callable[[str], None]


@dataclass(slots=True)
class Topic:
    """The content as the topic has it: None of an id whose record nobody can read; and what puts more there."""

    known: Mapping[str, PublishedPiece | None]
    publish: Callable[[Sequence[Send]], Awaitable[None]]
    withdraw: Callable[[Sequence[str]], Awaitable[None]]


@dataclass(slots=True)
class Imported:
    """What an import came to: pieces published (of a dry run: good), there as they are, withdrawn; and bad rows."""

    published: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    bad: int = 0
    ids: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)


class KnownContent:
    """The topic whole in memory, for what an import is held against."""

    def __init__(self) -> None:
        self.pieces: dict[str, PublishedPiece | None] = {}

    def apply(self, message: Message) -> None:
        """Take one record; a tombstone takes the piece away."""
        if message.event is None:
            self.pieces.pop((message.key or b"").decode("utf-8", "replace"), None)
        else:
            self.pieces[message.event.id] = message.event


async def import_content(
    paths: Iterable[Path], topic: Topic | None, say: Say, known_topics: frozenset[str] | None, *, replaces: bool = False
) -> Imported:
    """Publish the pieces of the files; without a `topic` only check them.

    A piece whose id or title another row had is bad, and so is one with a topic that is not among `known_topics`. What
    is on the topic as it is said stays untouched, so a second import writes nothing and an interrupted one goes on.
    With `replaces` what no file has is withdrawn, where every row is good: who cannot be read may be any piece.

    Raises:
        Misconfigured: a file cannot be read; what stood in those before it is published.
        Unavailable: the broker did not take a record; those before it are there.
    """
    done, good = Imported(), list[PublishedPiece]()
    for path in paths:
        for line, row, share in rows(path):
            where = f"{path}:{line}"
            problem = row if isinstance(row, str) else _refusal(row, done, known_topics)
            if isinstance(row, str) or problem is not None:
                done.bad += 1
                say(f"{where}: {problem}")
                continue
            done.ids[row.id] = done.titles[row.title.casefold()] = where
            if topic is not None and topic.known.get(row.id) == row:
                done.unchanged += 1
                continue
            good.append(row)
            if len(good) == BATCH:
                await _publish(good, topic, done, say, f"{path}: {share:4.0%}")
        await _publish(good, topic, done, say, f"{path}: 100%")
    if topic is not None and replaces:
        await _withdraw(topic, done, say)
    return done


def _refusal(piece: PublishedPiece, done: Imported, known_topics: frozenset[str] | None) -> str | None:
    """Why a row that is a piece is none here."""
    if (where := done.ids.get(piece.id)) is not None:
        return f"id: expected each once; {piece.id} is also in {where}"
    if (where := done.titles.get(piece.title.casefold())) is not None:
        return f"title: expected each once, since a browser says no more; this one is also in {where}"
    unknown = [each for each in piece.topics if known_topics is not None and each not in known_topics]
    if unknown and known_topics is not None:
        return f"topics: expected some of signals.yaml ({', '.join(sorted(known_topics))}); came {', '.join(unknown)}"
    return None


async def _publish(good: list[PublishedPiece], topic: Topic | None, done: Imported, say: Say, where: str) -> None:
    if good and topic is not None:
        await topic.publish([Send(CATALOG_CONTENT, each) for each in good])
    done.published += len(good)
    good.clear()
    if topic is not None:
        say(f"{where} read: {done.published} pieces published, {done.unchanged} unchanged, {done.bad} bad")


async def _withdraw(topic: Topic, done: Imported, say: Say) -> None:
    gone = sorted(topic.known.keys() - done.ids.keys())
    if done.bad:
        say(f"nothing is withdrawn, since {done.bad} rows are bad: mend them and import again")
        return
    for some in _batches(gone):
        await topic.withdraw(some)
        done.withdrawn += len(some)


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[first : first + BATCH] for first in range(0, len(ids), BATCH))
