"""`python -m tests.deploy.native_fold`: folds a site's traffic, and says what came of it and where its core lies."""

import hashlib
import json
import sys
from dataclasses import replace

from bench.profile.ladder import Folding, Lot, lots_of
from bench.profile.traffic import Traffic, packs
from services.profile.core.person import Person
from services.profile.pipeline import Read, Transition, compiled, decode, fire
from services.runtime.program import read_program
from tests.deploy.image import ROOT

END_MS = 1_790_000_000_000
TRAFFIC = Traffic(events=20_000, persons=800, visit=8, end_ms=END_MS, partitions=3)
AT_ONCE = 8  # packs
LATER_MS = 7 * 86_400_000  # by then every quiet period is over
CORE = ("services.profile.core.", "services.profile.pipeline")


def main() -> None:
    """One JSON object: a SHA-256 of all, how much of each there was, and the files of the modules that made it."""
    folding, store = Folding(compiled(read_program(ROOT / "examples" / "academy")), END_MS), dict[str, bytes]()
    lots: list[Lot] = lots_of(packs(TRAFFIC), AT_ONCE, {})
    digest, counts = hashlib.sha256(), {"steps": 0, "values": 0, "sends": 0, "timers": 0, "fired": 0}

    def person(key: str) -> Person | None:
        raw = store.get(key)
        return None if raw is None else decode(raw)

    for lot in lots:
        step = folding.fold(lot, Read(person))
        store.update(step.values)
        digest.update(_said(step))
        counts["steps"] += 1
        counts["values"] += len(step.values)
        counts["sends"] += len(step.sends)
        counts["timers"] += len(step.timers)
    for key in sorted(store):
        fired = fire(key, decode(store[key]), {}, folding.rules, END_MS + LATER_MS)
        digest.update(_said(fired))
        counts["fired"] += fired is not None
    made = [each for name, each in sys.modules.items() if name.startswith(CORE) and not hasattr(each, "__path__")]
    files = sorted(each.__file__ or "" for each in made)
    sys.stdout.write(json.dumps({"sha256": digest.hexdigest(), "counts": counts, "files": files}))


def _said(step: Transition | None) -> bytes:
    """All of a step; a topic is said by its name, since its key is a function."""
    if step is None:
        return b"none"
    sends = [(each.topic.short, each.event, each.partition, each.traceparent) for each in step.sends]
    return repr((replace(step, sends=()), sends)).encode()


if __name__ == "__main__":
    main()
