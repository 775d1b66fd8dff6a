"""From samples to the figures of the profile's workload."""

from collections.abc import Mapping, Sequence
from itertools import chain
from statistics import median

from bench.measurement import Measurement, middle, rounded, share_of_ms, spread
from bench.profile.curves import Cost
from bench.profile.ladder import Rungs
from bench.profile.latency import Latency
from bench.profile.mailing import Mailing
from bench.profile.recovery import Recovery
from bench.profile.sinks import Sample

WORKLOAD = "profile"
MICROS = 1_000_000
A_PERSON = ("decode", "encode")  # rungs that a lot climbs once a person, however many events they have in it
RATIOS = (
    ("kindling", "plain"), ("kindling", "kafka_streams"), ("native", "kindling"), ("native", "kafka_streams"),
    ("chain", "kafka_streams"),
)  # fmt: skip


def costs(samples: Mapping[str, Sequence[Sample]]) -> list[Measurement]:
    """What an event cost each subject; last the ratios of the least and of the medians, of those that ran."""
    found = [*chain.from_iterable(_subject(name, of_one) for name, of_one in samples.items())]
    for one, other in RATIOS:
        if one in samples and other in samples:
            for metric, of in (("cpu_per_event_least_ratio", min), ("cpu_per_event_ratio", median)):
                ratio = of(_costs(samples[one])) / of(_costs(samples[other]))
                found.append(Measurement(WORKLOAD, f"{one}/{other}", metric, rounded(ratio), "ratio"))
    return found


def _costs(samples: Sequence[Sample]) -> list[float]:
    return [each.run.cpu_s / each.parts.events * MICROS for each in samples]


def _subject(name: str, samples: Sequence[Sample]) -> list[Measurement]:
    runs, costs_us = [each.run for each in samples], _costs(samples)
    rows = [
        ("cpu_per_event", middle(costs_us), "us"),
        ("cpu_per_event_least", rounded(min(costs_us)), "us"),
        ("cpu_per_event_spread", spread(costs_us), "share"),
        ("cpu_while_warming", middle([each.warming_s for each in runs]), "s"),
        ("events_per_second", middle([each.parts.events / each.run.wall_s for each in samples]), "events/s"),
        ("cpu_share", middle([each.cpu_s / each.wall_s for each in runs]), "cores"),
        ("machine_share", middle([each.machine_share for each in runs]), "share"),
        ("load_average", middle([each.load for each in runs]), "processes"),
        ("memory_per_person", middle([each.run.grown_bytes / each.parts.persons for each in samples]), "bytes"),
    ]
    parts, kept = samples[-1].parts, samples[-1].kept
    if kept is not None:
        rows += [
            ("broker_per_value", kept.changelog_bytes / kept.records, "bytes"),
            ("values_per_event", kept.records / parts.all_events, "values"),
            ("disk_per_person", kept.disk_bytes / parts.persons, "bytes"),
        ]
    return [Measurement(WORKLOAD, name, metric, rounded(value), unit) for metric, value, unit in rows]


def recoveries(found: Recovery) -> list[Measurement]:
    """What a cold start took."""
    rows = (
        ("recovered_persons", found.persons, "persons"),
        ("recovered_value", found.value_bytes, "bytes"),
        ("recovery_ready", found.ready_s, "s"),
        ("recovery_takeover", found.owned_s, "s"),
        ("recovery_load", found.load_s, "s"),
        ("recovery_cpu", found.cpu_s, "s"),
        ("recovered_broker_per_person", found.broker_bytes / found.persons, "bytes"),
        ("recovered_disk_per_person", found.disk_bytes / found.persons, "bytes"),
        ("recovered_memory_per_person", found.grown_bytes / found.persons, "bytes"),
        ("recovery_load_average", found.load, "processes"),
    )
    return [Measurement(WORKLOAD, "kindling", metric, rounded(value), unit) for metric, value, unit in rows]


def durations(subject: str, found: Sequence[Latency]) -> list[Measurement]:
    """From events.clean to durable, by pace."""
    return [
        Measurement(WORKLOAD, subject, metric, rounded(value), unit, f"{each.pace.rate} events/s")
        for each in found
        for metric, value, unit in (
            *_percentiles("durable", each.took_s),
            ("durable_events", len(each.took_s), "events"),
            ("durable_missing", each.missing, "events"),
            ("durable_cpu_share", each.cpu_share, "cores"),
            ("durable_machine_share", each.machine_share, "share"),
            ("durable_load_average", each.load, "processes"),
        )
    ]


def mails(found: Mailing) -> list[Measurement]:
    """From due to the mail server, through every service."""
    rows = [
        *_percentiles("mail", found.took_s),
        ("mails", len(found.took_s), "mails"),
        ("mails_missing", found.missing, "mails"),
        ("mail_machine_share", found.machine_share, "share"),
        ("mail_load_average", found.load, "processes"),
    ]
    return [Measurement(WORKLOAD, "services", metric, rounded(value), unit) for metric, value, unit in rows]


def _percentiles(name: str, ascending_s: Sequence[float]) -> list[tuple[str, float, str]]:
    """The median and what one in a hundred passes; nothing of nothing."""
    if not ascending_s:
        return []
    return [(f"{name}_p{share:.0%}".rstrip("%"), share_of_ms(ascending_s, share), "ms") for share in (0.50, 0.99)]


def curves(found: Mapping[str, Sequence[Cost]], load: float) -> list[Measurement]:
    """µs of CPU an event at each point of each axis, and the mean bytes of a value there."""
    made = [
        Measurement(WORKLOAD, "curves", metric, rounded(value), unit, f"{getattr(each.point, axis)} {axis}")
        for axis, costs in found.items()
        for each in costs
        for metric, value, unit in (
            ("all_per_event", each.all_s * MICROS, "us"),
            ("value", each.value_bytes, "bytes"),
        )
    ]
    return [*made, Measurement(WORKLOAD, "curves", "load_average", rounded(load), "processes")]


def ladder(rounds: Sequence[Rungs], load: float) -> list[Measurement]:
    """µs of CPU by rung, the medians of the rounds: of an event, and of a person that a lot changed."""
    first = rounds[0]
    seconds = {
        "pack": [each.pack_s for each in rounds],
        "decode": [each.decode_s for each in rounds],
        "fold": [each.fold_s for each in rounds],
        "encode": [each.encode_s for each in rounds],
        "all": [each.all_s for each in rounds],
    }
    rows = [(f"{rung}_per_event", middle(used) / first.events * MICROS, "us") for rung, used in seconds.items()]
    rows += [(f"{rung}_per_person", middle(seconds[rung]) / first.values * MICROS, "us") for rung in A_PERSON]
    rows += [("all_spread", spread(seconds["all"]), "share"), ("value", first.value_bytes, "bytes")]
    rows += [("events_a_value", first.events / first.values, "events"), ("load_average", load, "processes")]
    return [Measurement(WORKLOAD, "ladder", metric, rounded(value), unit) for metric, value, unit in rows]
