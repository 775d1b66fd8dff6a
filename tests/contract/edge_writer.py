"""Writes to an embedded index without end, a line for each write that was acknowledged: to be killed in the middle."""

import asyncio
import sys
from pathlib import Path

from services.recommender.adapters.index.edge_store import open_edge_store
from services.recommender.core.retrieval.generation import Generation
from services.recommender.core.values import Entry, Terms

TOGETHER = 50
DIMENSION = 64


def entry(number: int) -> Entry:
    """Entry by number: its vector leans to one side."""
    vector = tuple(1.0 if place == number % DIMENSION else 0.01 for place in range(DIMENSION))
    return Entry(f"c-{number}", str(number), "en", "beginner", ("crm",), vector, Terms((1, 2 + number), (1.0, 0.5)))


async def main(folder: Path) -> None:
    """Write and say so."""
    store = open_edge_store(folder)
    index = await store.prepare(Generation.of("killed", DIMENSION, "words"))
    start = 0
    while True:
        await index.write([entry(each) for each in range(start, start + TOGETHER)])
        start += TOGETHER
        sys.stdout.write(f"{start}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
