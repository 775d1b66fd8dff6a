"""Spans as values, and whom they are told to: nobody, unless the composition root says so. No content is in one.

Whoever has something to tell asks `is_on` first, so that nothing is made where nobody listens.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

Words: TypeAlias = Mapping[str, str | int | float]
Kind: TypeAlias = Literal["server", "consumer", "client", "internal"]


@dataclass(frozen=True, slots=True)
class Span:
    """What took how long, in nanoseconds since 1970. `traceparent` is its own, `parent` that of what led to it.

    `links`: traceparents of others it belongs to. `fault`: a word where it failed.
    """

    name: str
    kind: Kind
    traceparent: str
    parent: str | None
    began_ns: int
    ended_ns: int
    attributes: Words
    links: Sequence[str] = ()
    fault: str = ""


class Sink(Protocol):
    """Takes spans; it never waits, and loses what it cannot take."""

    def tell(self, span: Span) -> None:
        """Take one."""
        ...

    def stop(self) -> None:
        """Hand on what it has, for a moment."""
        ...


@dataclass(slots=True)
class _Listening:
    sink: Sink | None = field(default=None)


_listening = _Listening()
within: ContextVar[str | None] = ContextVar("within", default=None)
"""The traceparent of the record at work: what is asked for it belongs to its trace."""


def listen(sink: Sink | None) -> None:
    """Tell spans to this one from now on; to nobody for None."""
    _listening.sink = sink


def is_on() -> bool:
    """True where somebody listens."""
    return _listening.sink is not None


def tell(span: Span) -> None:
    """Tell a span, where somebody listens."""
    if _listening.sink is not None:
        _listening.sink.tell(span)


def stop() -> None:
    """Hand on what was told, and tell nobody any more."""
    if _listening.sink is not None:
        _listening.sink.stop()
    listen(None)
