"""From samples to the figures of the profile's workload."""

from collections.abc import Mapping, Sequence

from bench.measurement import Measurement, middle, rounded, spread
from bench.profile.ladder import Rungs
from bench.profile.recovery import Recovery

WORKLOAD = "profile"
MICROS = 1_000_000
A_PERSON = ("encode", "decode")  # rungs that a lot climbs once a person, however many events they have in it


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


def ladder(rounds: Sequence[Rungs]) -> list[Measurement]:
    """µs of CPU by rung, the medians of the rounds: of an event, and of a person that a lot changed."""
    first = rounds[0]
    seconds = {
        "pack": [each.pack_s for each in rounds],
        "fold": [each.advance_s - each.pack_s for each in rounds],
        "encode": [each.encode_s for each in rounds],
        "warm": [each.advance_s + each.encode_s for each in rounds],
        "decode": [each.decode_s for each in rounds],
        "cold": [each.cold_s for each in rounds],
    }
    rows = [(f"{rung}_per_event", middle(used) / first.events * MICROS, "us") for rung, used in seconds.items()]
    rows += [(f"{rung}_per_person", middle(seconds[rung]) / first.values * MICROS, "us") for rung in A_PERSON]
    rows += [("warm_spread", spread(seconds["warm"]), "share"), ("cold_spread", spread(seconds["cold"]), "share")]
    rows += [("value", first.value_bytes, "bytes"), ("events_a_value", first.events / first.values, "events")]
    return [Measurement(WORKLOAD, "ladder", metric, rounded(value), unit) for metric, value, unit in rows]
