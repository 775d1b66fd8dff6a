"""What so many events and mails a day need, from the measured figures. Pure arithmetic; the page shows each formula."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from schemas.topics import BY_SHORT, DAY_MS

DAY_S = 86_400
MICRO = 1e-6
GB = 1e9
TAKEOVER_S = 25  # services/profile/adapters/faust_worker.py: a takeover that takes longer ends with 75


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is assumed where nothing can be measured beforehand: another business may put its own in."""

    peak: float = 4.0  # the busiest seconds of a day over its mean
    busy: float = 0.5  # of a core that is planned to be busy at the peak: the rest catches up after an outage
    replication: int = 3
    disk: float = 0.6  # of a broker's disk that is planned to be full
    decisions_a_mail: float = 1.4  # a trigger that is held out, has nothing that fits or is refused has no mail
    feedback_a_mail: float = 2.0  # delivered, and half of the others: opened, clicked, bounced
    batch: float = 0.9  # of calls that come to the collector in batches
    model_s: float = 12.0  # a decision waits for the model in all, job and pick and copy and reader
    smtp_s: float = 0.5  # a mail takes at the mail server


@dataclass(frozen=True, slots=True)
class OfEvents:
    """What a day's events need at the peak. Cores are of the machine that was measured; `disk_gb`: of all brokers."""

    a_day: int
    a_second: float
    collector_cores: float
    ingest_cores: float
    profile_cores: float
    partitions: int
    changelog_mb_s: float
    disk_gb: float


@dataclass(frozen=True, slots=True)
class OfMails:
    """What a day's mails need at the peak. `in_model`: decisions that wait for a model at once."""

    a_day: int
    a_second: float
    recommender_cores: float
    composer_cores: float
    connector_cores: float
    in_model: float
    in_smtp: float
    signals_share: float
    disk_gb: float


@dataclass(frozen=True, slots=True)
class OfPersons:
    """What is kept of so many persons for good, and how long a worker with an empty disk reads it."""

    persons: int
    changelog_gb: float
    disk_gb: float
    load_s: float
    workers: int


def of_events(a_day: int, of: Mapping[str, float], assumed: Assumptions) -> OfEvents:
    """What so many events a day need."""
    peak = a_day / DAY_S * assumed.peak
    call_us = assumed.batch * of["collector"] + (1 - assumed.batch) * of["collector alone"]
    cores = {name: peak * us * MICRO / assumed.busy for name, us in
             (("collector", call_us), ("ingest", of["ingest"]), ("profile", of["profile"]))}  # fmt: skip
    kept = sum(a_day * of[f"bytes {short}"] * days(short) for short in ("events.raw", "events.clean"))
    written = peak * of["values an event"] * of["bytes a value written"]
    return OfEvents(
        a_day, peak, cores["collector"], cores["ingest"], cores["profile"], max(3, 3 * ceil(cores["profile"])),
        written / 1e6, kept / GB * assumed.replication / assumed.disk,
    )  # fmt: skip


def of_mails(a_day: int, of: Mapping[str, float], assumed: Assumptions) -> OfMails:
    """What so many mails a day need."""
    peak = a_day / DAY_S * assumed.peak
    decided = peak * assumed.decisions_a_mail
    bytes_a_day = a_day * (
        assumed.decisions_a_mail
        * sum(of[f"bytes {short}"] * days(short) for short in ("recommendation.requests", "decisions"))
        + sum(of[f"bytes {short}"] * days(short) for short in ("recommendations", "email.outbound"))
        + assumed.feedback_a_mail * of["bytes email.feedback"] * days("email.feedback")
        + signals_a_mail(assumed) * of["bytes courses.signals"] * days("courses.signals")
    )
    return OfMails(
        a_day, peak,
        decided * of["recommender"] * MICRO / assumed.busy,
        decided * of["composer"] * MICRO / assumed.busy,
        peak * of["connector"] * MICRO / assumed.busy,
        decided * assumed.model_s,
        peak * assumed.smtp_s,
        peak * signals_a_mail(assumed) / of["signals rate"],
        bytes_a_day / GB * assumed.replication / assumed.disk,
    )  # fmt: skip


def of_persons(count: int, of: Mapping[str, float], assumed: Assumptions) -> OfPersons:
    """What so many persons need; the workers are as many as take over within what a takeover may take."""
    load_s = count / of["persons loaded"]
    gb = count * of["bytes a person"] / GB
    return OfPersons(
        count, gb * assumed.replication / assumed.disk, count * of["disk a person"] / GB, load_s,
        ceil(load_s / (TAKEOVER_S * assumed.busy)),
    )  # fmt: skip


def signals_a_mail(assumed: Assumptions) -> float:
    """Records of `courses.signals`: what became of the mail, and each stronger word."""
    return assumed.feedback_a_mail


def days(short: str) -> float:
    """How long a topic keeps a record."""
    kept_ms = BY_SHORT[short].retention_ms
    if kept_ms is None:
        raise ValueError(f"{short} keeps its records for good: it is reckoned by its rows")
    return kept_ms / DAY_MS


def signals_end(of: Mapping[str, float], assumed: Assumptions) -> float:
    """Mails a day at which the one partition of `courses.signals` is as busy at the peak as is planned."""
    return of["signals rate"] * assumed.busy / signals_a_mail(assumed) / assumed.peak * DAY_S
