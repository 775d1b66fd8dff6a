"""A broker of memory on the wire: enough of the protocol for a client to ask for committed offsets.

It answers `OffsetFetch` (v3) with the error codes it was given, one a question, and then with the offset.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka.protocol.admin import ApiVersionResponse_v0
from aiokafka.protocol.commit import OffsetFetchRequest_v3, OffsetFetchResponse_v3
from aiokafka.protocol.coordination import FindCoordinatorResponse_v1
from aiokafka.protocol.metadata import MetadataResponse_v1

TLS_ALERT = b"\x15\x03\x03\x00\x02\x02\x0a"  # a fatal "unexpected message" (RFC 8446, 6): no plain words here
METADATA, OFFSET_FETCH, FIND_COORDINATOR, API_VERSIONS = 3, 9, 10, 18
SPOKEN = [(METADATA, 1, 1), (OFFSET_FETCH, 3, 3), (FIND_COORDINATOR, 1, 1), (API_VERSIONS, 0, 0)]
TOPIC = "a.topic"


@dataclass(slots=True)
class WireBroker:
    """One node, one topic of one partition; `committed` is its group's offset, -1 where there is none.

    While `is_refusing` it answers as who speaks TLS only.
    """

    errors: list[int]
    committed: int
    partition_error: int = 0
    asked: int = 0
    looked_up: int = 0
    port: int = 0
    is_refusing: bool = False
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the client has gone."""
        self.writers.append(writer)
        while head := await reader.read(4):
            if self.is_refusing:
                writer.write(TLS_ALERT)
                writer.close()
                return
            body = await reader.readexactly(struct.unpack(">i", head)[0])
            key, _, correlation, client_length = struct.unpack(">hhih", body[:10])
            answer = self._answer(key, body[10 + client_length :]).encode()
            writer.write(struct.pack(">ii", len(answer) + 4, correlation) + answer)
            await writer.drain()

    def _answer(self, key: int, body: bytes) -> Any:
        match key:
            case 3:
                topics = [(0, TOPIC, False, [(0, 0, 0, [0], [0])])]
                return MetadataResponse_v1([(0, "127.0.0.1", self.port, None)], 0, topics)
            case 9:
                return self._offsets(body)
            case 10:
                self.looked_up += 1
                return FindCoordinatorResponse_v1(0, 0, None, 0, "127.0.0.1", self.port)
            case 18:
                return ApiVersionResponse_v0(0, SPOKEN)
        raise AssertionError(f"nobody taught this broker to answer {key}")

    def _offsets(self, body: bytes) -> OffsetFetchResponse_v3:
        OffsetFetchRequest_v3.decode(body)
        self.asked += 1
        if self.errors:
            return OffsetFetchResponse_v3(0, [], self.errors.pop(0))
        partition = (0, self.committed, "", self.partition_error)
        self.partition_error = 0
        return OffsetFetchResponse_v3(0, [(TOPIC, [partition])], 0)


@asynccontextmanager
async def wire_broker(errors: list[int], committed: int, partition_error: int = 0) -> AsyncIterator[WireBroker]:
    """The broker, listening while the block lasts."""
    broker = WireBroker(errors, committed, partition_error)
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0)
    broker.port = server.sockets[0].getsockname()[1]
    try:
        yield broker
    finally:
        for each in broker.writers:
            each.close()
        server.close()
        await server.wait_closed()
