"""Vectors of texts by the product's own embedder, kept in a file by the hash of the text: embedded once."""

import asyncio
import hashlib
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from schemas.course import Course
from services.recommender.core.retrieval.documents import embedded_text
from services.recommender.ports import Embedder

BATCH = 64
Matrix: TypeAlias = npt.NDArray[np.float32]


def vectors(courses: Mapping[str, Course], embedder: Embedder, folder: Path) -> Matrix:
    """(courses, dimension) float32, unit length, in the order of the courses."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [embedded_text(each) for each in courses.values()]
    keys = [hashlib.sha256(each.encode()).hexdigest() for each in texts]
    with closing(sqlite3.connect(folder / f"{embedder.name}.sqlite")) as kept:
        kept.execute("create table if not exists vectors (key text primary key, vector blob not null)")
        held = dict(kept.execute("select key, vector from vectors"))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in held}
        pairs = list(missing.items())
        for start in range(0, len(pairs), BATCH):
            rows = _embedded(pairs[start : start + BATCH], embedder)
            kept.executemany("insert or replace into vectors values (?, ?)", rows)
            kept.commit()
            held.update(rows)
            print(f"\rembedded {min(start + BATCH, len(pairs))} of {len(pairs)}", end="", file=sys.stderr, flush=True)
        if pairs:
            print(file=sys.stderr)
    return np.stack([np.frombuffer(held[key], dtype=np.float32) for key in keys])


def _embedded(pairs: Sequence[tuple[str, str]], embedder: Embedder) -> list[tuple[str, bytes]]:
    made = asyncio.run(embedder.passages([text for _, text in pairs]))
    return [(key, np.array(each, dtype=np.float32).tobytes()) for (key, _), each in zip(pairs, made, strict=True)]
