"""Kafka Streams as a subject of the workload: where it can run."""

import os
from collections.abc import Sequence

from bench.node import Place
from bench.peers.java import java_with_compiler, kafka_streams, peer_jars
from bench.profile.subject import Kind
from schemas.topics import EVENTS_CLEAN

GROUP = "bench-kafka-streams"
CHANGELOG = f"{GROUP}-persons-changelog"
KAFKA_STREAMS = "kafka_streams"


def peer_kind() -> Kind:
    """The subject, its jars at hand.

    Raises:
        NoPeer: it cannot run here.
    """
    java, jars = java_with_compiler(os.environ), peer_jars()

    def command(place: Place) -> Sequence[str]:
        words = (place.address, EVENTS_CLEAN.name, GROUP, str(place.folder / KAFKA_STREAMS))
        return kafka_streams(java, jars, words)

    return Kind(KAFKA_STREAMS, command, GROUP)
