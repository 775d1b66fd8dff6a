"""From samples to the figures of the profile's workload."""

from collections.abc import Mapping, Sequence

from bench.measurement import Measurement, middle, rounded, spread
from bench.profile.recovery import Recovery

WORKLOAD = "profile"
MICROS = 1_000_000


def costs(samples_s: Mapping[str, Sequence[float]], events: int) -> list[Measurement]:
    """CPU of an event by subject, with its spread over the rounds; last the ratio of the medians."""
    made = []
    for subject, used in samples_s.items():
        each = [used_s / events * MICROS for used_s in used]
        made.append(Measurement(WORKLOAD, subject, "cpu_per_event", middle(each), "us"))
        made.append(Measurement(WORKLOAD, subject, "cpu_per_event_spread", spread(each), "share"))
    kindling, plain = (middle(samples_s[name]) for name in ("kindling", "plain"))
    made.append(Measurement(WORKLOAD, "kindling/plain", "cpu_per_event_ratio", rounded(kindling / plain), "ratio"))
    return made


def recoveries(found: Recovery) -> list[Measurement]:
    """What a cold start took."""
    rows = (
        ("recovered_persons", found.persons, "persons"),
        ("recovered_value", found.value_bytes, "bytes"),
        ("recovery_ready", found.ready_s, "s"),
        ("recovery_takeover", found.owned_s, "s"),
        ("recovery_load", found.load_s, "s"),
        ("recovery_cpu", found.cpu_s, "s"),
    )
    return [Measurement(WORKLOAD, "kindling", metric, rounded(value), unit) for metric, value, unit in rows]
