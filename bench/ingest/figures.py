"""From samples to the figures of ingest's workload."""

from collections.abc import Mapping, Sequence
from itertools import chain
from statistics import median

from bench.ingest.calls import Taken
from bench.ingest.memory import Grown
from bench.measurement import Measurement, middle, rounded, spread
from bench.profile.run import Run

WORKLOAD = "ingest"
MICROS = 1_000_000


def relayed(runs: Mapping[str, Sequence[Run]], events: int) -> list[Measurement]:
    """What a raw event costs on its way into a batch, and last the ratios to the relays."""
    costs = {name: [each.cpu_s / events * MICROS for each in of_one] for name, of_one in runs.items()}
    found = [
        Measurement(WORKLOAD, name, metric, value, unit)
        for name, of_one in runs.items()
        for metric, value, unit in (
            ("cpu_per_event", middle(costs[name]), "us"),
            ("cpu_per_event_spread", spread(costs[name]), "share"),
            ("events_per_second", middle([events / each.wall_s for each in of_one]), "events/s"),
            ("cpu_share", middle([each.cpu_s / each.wall_s for each in of_one]), "cores"),
            ("load_average", middle([each.load for each in of_one]), "processes"),
        )
    ]
    return [*found, *_ratios("ingest", "relay", costs, None), *_ratios("ingest", "joined", costs, None)]


def called(takings: Mapping[str, Sequence[Taken]], calls_each: int) -> list[Measurement]:
    """What a call costs over HTTP, in requests of so many, and last the ratio to the bare handler."""
    part = f"{calls_each} calls a request"
    costs = {name: [each.cpu_s / each.calls * MICROS for each in of_one] for name, of_one in takings.items()}
    found = chain.from_iterable(
        (
            Measurement(WORKLOAD, name, "cpu_per_call", middle(costs[name]), "us", part),
            Measurement(
                WORKLOAD, name, "calls_per_second", middle([each.calls / each.wall_s for each in of_one]), "calls/s",
                part,
            ),
        )
        for name, of_one in takings.items()
    )  # fmt: skip
    return [*found, *_ratios("collector", "bare", costs, part)]


def remembered(found: Grown, events: int) -> list[Measurement]:
    """Memory after a quarter of the events, and what it grew by until the last."""
    part = f"{events} events"
    return [
        Measurement(WORKLOAD, "core", "resident_warm", found.warm_bytes, "bytes", part),
        Measurement(WORKLOAD, "core", "resident_grown", found.end_bytes - found.warm_bytes, "bytes", part),
        Measurement(WORKLOAD, "core", "events", found.events, "events", part),
    ]


def _ratios(one: str, other: str, costs: Mapping[str, Sequence[float]], part: str | None) -> list[Measurement]:
    return [
        Measurement(WORKLOAD, f"{one}/{other}", metric, rounded(of(costs[one]) / of(costs[other])), "ratio", part)
        for metric, of in (("cpu_least_ratio", min), ("cpu_ratio", median))
    ]
