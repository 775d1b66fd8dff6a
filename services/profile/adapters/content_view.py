"""catalog.content whole in memory beside the fold: fed record by record, asked when a request is made."""

import logging
from typing import Any

from schemas.errors import DecodeError
from services.profile.core.content import Content
from services.profile.metrics import CONTENT_LEFT_OUT, CONTENT_PIECES
from services.runtime.outcome import Message

log = logging.getLogger(__name__)


class ContentView:
    """Keeps the content as the topic says, within its bound."""

    def __init__(self, content: Content) -> None:
        self._content = content
        CONTENT_PIECES.set(content.size)

    def apply(self, message: Message) -> None:
        """Take one record; a tombstone withdraws the piece, and one for which there is no room is left out."""
        if message.event is None:
            self._content.withdraw(_id_in(message.key))
        elif not self._content.put(message.event):
            CONTENT_LEFT_OUT.inc()
            log.error("content_left_out", extra={"id": message.event.id, "reason": "raise KINDLING_PROFILE_CONTENT_MB"})
        CONTENT_PIECES.set(self._content.size)

    def undecodable(self, record: Any, error: DecodeError) -> None:
        """Withdraw the piece of a record that cannot be read: it may be another by now."""
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.error("content_unreadable", extra={**where, "reason": str(error)})
        self._content.withdraw(_id_in(record.key))
        CONTENT_PIECES.set(self._content.size)


def _id_in(key: bytes | None) -> str:
    return (key or b"").decode("utf-8", "replace")
