"""Capacity: the page is what the script makes of the committed figures, and its arithmetic is right."""

import pytest

from bench.capacity.figures import read_figures
from bench.capacity.needs import Assumptions, days, of_events, of_mails, of_persons, signals_end
from bench.capacity.page import PAGE, written
from bench.capacity.sizes import of_events as of_traffic
from bench.capacity.sizes import of_others
from schemas.topics import DAY_MS, PROFILE_CHANGELOG

ASSUMED = Assumptions(
    peak=2.0, busy=0.5, replication=3, disk=0.5, decisions_a_mail=2.0, feedback_a_mail=1.0, batch=0.5, model_s=10.0,
    smtp_s=0.5,
)  # fmt: skip
OF = {
    "collector": 10.0, "collector alone": 30.0, "ingest": 40.0, "profile": 1_000.0, "values an event": 0.5,
    "bytes a value written": 2_000.0, "bytes a person": 1_000.0, "disk a person": 500.0, "persons loaded": 100_000.0,
    "recommender": 10_000.0, "composer": 5_000.0, "connector": 20_000.0, "signals rate": 100.0,
    "bytes events.raw": 100.0, "bytes events.clean": 100.0, "bytes recommendation.requests": 100.0,
    "bytes decisions": 100.0, "bytes recommendations": 100.0, "bytes email.outbound": 100.0,
    "bytes email.feedback": 100.0, "bytes courses.signals": 100.0,
}  # fmt: skip


def test_page_is_made_of_the_committed_figures() -> None:
    """`python -m bench capacity` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == written(read_figures(), Assumptions())


def test_every_figure_says_when_and_on_what_it_was_measured() -> None:
    """And which workload gives it again."""
    assert [
        name
        for name, each in read_figures().items()
        if not (each.value > 0 and each.what and each.source and each.machine and each.when.startswith("2026-"))
    ] == []


def test_measured_sizes_are_among_the_figures() -> None:
    """By the names that the run prints; traffic and examples that are changed change them little."""
    figures = read_figures()
    sizes = dict([*of_traffic(), *of_others()])
    assert {f"bytes {name}" for name in sizes} <= set(figures)
    assert {name: size for name, size in sizes.items() if not 0.7 < size / figures[f"bytes {name}"].value < 1.4} == {}


def test_page_leaves_no_place_unfilled() -> None:
    """A name in the text that nothing is known of would stand there in braces."""
    assert "{{" not in written(read_figures(), Assumptions())


def test_events_need_cores_partitions_and_disk() -> None:
    """86,400,000 a day are 1,000 a second, 2,000 at this peak; each figure by hand."""
    need = of_events(86_400_000, OF, ASSUMED)
    assert need.a_second == pytest.approx(2_000)
    assert need.collector_cores == pytest.approx(2_000 * 20e-6 / 0.5)
    assert need.ingest_cores == pytest.approx(0.16)
    assert need.profile_cores == pytest.approx(4.0)
    assert need.partitions == 12
    assert need.changelog_mb_s == pytest.approx(2.0)
    assert need.disk_gb == pytest.approx(86.4e6 * 100 * (7 + 3) * 3 / 0.5 / 1e9)


def test_mails_need_cores_patience_and_disk() -> None:
    """One a second, two at the peak, and two decisions for each."""
    need = of_mails(86_400, OF, ASSUMED)
    assert need.recommender_cores == pytest.approx(4 * 10e-3 / 0.5)
    assert need.composer_cores == pytest.approx(4 * 5e-3 / 0.5)
    assert need.connector_cores == pytest.approx(2 * 20e-3 / 0.5)
    assert (need.in_model, need.in_smtp) == pytest.approx((40.0, 1.0))
    assert need.signals_share == pytest.approx(2 / 100)
    record_days = 2 * (3 + 90) + (3 + 7) + 30 + 30
    assert need.disk_gb == pytest.approx(86_400 * 100 * record_days * 3 / 0.5 / 1e9)


def test_persons_need_disk_and_workers_that_take_over_in_time() -> None:
    """2,500,000 are read in 25 s, which is twice as long as is planned."""
    need = of_persons(2_500_000, OF, ASSUMED)
    assert (need.changelog_gb, need.disk_gb) == pytest.approx((15.0, 1.25))
    assert (need.load_s, need.workers) == (25.0, 2)


def test_one_partition_of_signals_ends_where_its_rate_is_half_used() -> None:
    """At 100 records a second, one a mail, twice as many at the peak."""
    assert signals_end(OF, ASSUMED) == pytest.approx(100 * 0.5 / 2 * 86_400)


def test_retention_is_the_topic_tables() -> None:
    """A topic that keeps its records for good is not reckoned by days."""
    assert days("events.raw") * DAY_MS == 604_800_000
    with pytest.raises(ValueError, match="keeps its records for good"):
        days(PROFILE_CHANGELOG.short)
