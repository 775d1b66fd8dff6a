"""`docs/capacity.md`: the tables from the committed figures, with each formula, and what is not measured."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.capacity.figures import Figure
from bench.capacity.needs import (
    TAKEOVER_S,
    Assumptions,
    days,
    of_events,
    of_mails,
    of_persons,
    signals_a_mail,
    signals_end,
)

PAGE = Path(__file__).parents[2] / "docs" / "capacity.md"
TEXT = Path(__file__).with_name("capacity.md.txt")
EVENTS = (1_000_000, 10_000_000, 100_000_000)
MAILS = (10_000, 100_000, 1_000_000, 10_000_000)
PERSONS = (1_000_000, 10_000_000, 100_000_000)
ROWS = (10_000, 100_000, 1_000_000, 10_000_000)
VIEWS = (
    ("memory suppressions", "`email.suppressions`", "composer, connector", "addresses that refuse"),
    ("memory catalogue", "`catalog.courses`", "recommender", "courses"),
    ("memory statistics", "`catalog.standing`", "recommender", "courses that were taken"),
    ("content", "`catalog.content`", "profile", "pieces"),
)
PROCESSES = (
    ("collector", "`KINDLING_INGEST_BYTES_IN_FLIGHT`, 64 MB unless set"),
    ("consumer", "its window of repeats, 20 MB a partition at most"),
    ("profile", "`KINDLING_PROFILE_CACHE_MB` and `KINDLING_PROFILE_CONTENT_MB`, 256 MB each unless set, and RocksDB"),
    ("recommender", "courses and their statistics, below; an embedded index; what is in flight with a model"),
    ("composer", "addresses that refuse, below"),
    ("connector", "addresses that refuse, below"),
    ("console", "its view is a file"),
)
KEPT = ("events.raw", "events.clean", "recommendation.requests", "recommendations", "email.outbound", "decisions",
        "email.feedback", "courses.signals")  # fmt: skip
MB = 1e6


def written(figures: Mapping[str, Figure], assumed: Assumptions) -> str:
    """The whole page."""
    of = {name: each.value for name, each in figures.items()}
    parts = {
        "measured": _table(("figure", "value", "of", "from", "when, on what"), _measured(figures)),
        "assumed": _table(("assumption", "value"), _assumed(assumed)),
        "events": _table(EVENT_COLUMNS, _events(of, assumed)),
        "mails": _table(MAIL_COLUMNS, _mails(of, assumed)),
        "persons": _table(PERSON_COLUMNS, _persons(of, assumed)),
        "kept": _table(("topic", "bytes a record", "days", "of all brokers for a million a day"), _kept(of, assumed)),
        "processes": _table(("process", "resident", "and up to"), _processes(of)),
        "views": _table(("table", "whole in each process of", "a row", *map(_count, ROWS)), _views(of)),
        "signals_end": _count(_down(signals_end(of, assumed))),
        "signals_rate": _count(_down(of["signals rate"])),
        "takeover": str(TAKEOVER_S),
        "takeover_persons": _count(_down(of["persons loaded"] * TAKEOVER_S)),
        "connector_rate": f"{1e6 / of['connector'] * assumed.busy:.0f}",
        "connector_alone": f"{of['connector rate']:.0f}",
        "signals_a_mail": _number(signals_a_mail(assumed)),
    }
    text = TEXT.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"{{{{ {name} }}}}", part)
    return text


EVENT_COLUMNS = ("events a day", "a second at the peak", "cores: collector", "ingest", "profile", "P at least",
                 "changelog, MB/s", "raw and clean on all brokers")  # fmt: skip
MAIL_COLUMNS = ("mails a day", "a second at the peak", "cores: recommender", "composer", "connector",
                "decisions that wait for a model", "connections to the mail server", "of the one partition's rate",
                "mail topics on all brokers")  # fmt: skip
PERSON_COLUMNS = ("persons kept", "changelog on all brokers", "profile's disks", "read by one worker in",
                  "workers at least, so that a lost disk is read in time")  # fmt: skip


def _events(of: Mapping[str, float], assumed: Assumptions) -> Iterator[Sequence[str]]:
    for each in (of_events(count, of, assumed) for count in EVENTS):
        cores = (each.collector_cores, each.ingest_cores, each.profile_cores)
        yield (_count(each.a_day), _count(each.a_second), *map(_number, cores), str(each.partitions),
               _number(each.changelog_mb_s), _bytes(each.disk_gb))  # fmt: skip


def _mails(of: Mapping[str, float], assumed: Assumptions) -> Iterator[Sequence[str]]:
    for each in (of_mails(count, of, assumed) for count in MAILS):
        cores = (each.recommender_cores, each.composer_cores, each.connector_cores)
        yield (_count(each.a_day), _number(each.a_second), *map(_number, cores), _number(each.in_model),
               _number(each.in_smtp), f"{each.signals_share:.1%}", _bytes(each.disk_gb))  # fmt: skip


def _persons(of: Mapping[str, float], assumed: Assumptions) -> Iterator[Sequence[str]]:
    for each in (of_persons(count, of, assumed) for count in PERSONS):
        yield (_count(each.persons), _bytes(each.changelog_gb), _bytes(each.disk_gb), f"{_count(each.load_s)} s",
               str(each.workers))  # fmt: skip


def _kept(of: Mapping[str, float], assumed: Assumptions) -> Iterator[Sequence[str]]:
    for short in KEPT:
        size, kept = of[f"bytes {short}"], days(short)
        gb = size * 1e6 * kept / 1e9 * assumed.replication / assumed.disk
        yield f"`{short}`", _count(size), f"{kept:.0f}", _bytes(gb)


def _processes(of: Mapping[str, float]) -> Iterator[Sequence[str]]:
    for name, more in PROCESSES:
        yield name, f"{_count(of[f'resident {name}'])} MB", more


def _views(of: Mapping[str, float]) -> Iterator[Sequence[str]]:
    for name, table, who, rows in VIEWS:
        yield (f"{table}, by {rows}", who, f"{_count(of[name])} B", *(f"{_number(of[name] * each / MB)} MB"
               for each in ROWS))  # fmt: skip


def _measured(figures: Mapping[str, Figure]) -> Iterator[Sequence[str]]:
    for name, each in figures.items():
        value = f"{each.value:,.10g} {each.unit}".strip()
        yield name, value, each.what, f"`{each.source}`", f"{each.when}, {each.machine}"


def _assumed(assumed: Assumptions) -> Iterator[Sequence[str]]:
    yield "the busiest seconds of a day, over its mean", _number(assumed.peak)
    yield "share of a core that is busy at the peak; the rest catches up after an outage", f"{assumed.busy:.0%}"
    yield "replicas of each topic", str(assumed.replication)
    yield "share of a broker's disk that is full", f"{assumed.disk:.0%}"
    yield "decisions for each mail that goes", _number(assumed.decisions_a_mail)
    yield "records of feedback for each mail", _number(assumed.feedback_a_mail)
    yield "share of calls that come to the collector in batches", f"{assumed.batch:.0%}"
    yield "a decision waits for models, in all its questions", f"{_number(assumed.model_s)} s"
    yield "a mail takes at the mail server", f"{_number(assumed.smtp_s)} s"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(each)} |" for each in lines)


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _number(value: float) -> str:
    """Two digits that mean something: more would say more than was measured."""
    return f"{float(f'{value:.2g}'):,.10g}"


def _down(value: float) -> int:
    """Two digits, and no more than was measured."""
    unit: int = 10 ** (len(str(int(value))) - 2)
    return int(value) // unit * unit


def _bytes(gb: float) -> str:
    return f"{_number(gb / 1000)} TB" if gb >= 1000 else f"{_number(gb)} GB"  # noqa: PLR2004 the unit itself
