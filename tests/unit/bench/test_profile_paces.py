"""How long events and mails take, and what a fold costs where: the parts of it that need neither broker nor service."""

from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest

from bench.profile import mailing
from bench.profile.curves import AXES, QUICK_AXES, Cost, Point, cost_at
from bench.profile.figures import curves, durations, mails
from bench.profile.latency import Latency, Pace
from bench.profile.mailing import Mailbox, Mailing
from bench.profile.paced import Awaited, ticks
from bench.profile.picture import draw, drawn
from bench.profile.traffic import Traffic, person_of
from bench.profile.workload import planned
from schemas.codec import decode
from schemas.topics import EVENTS_CLEAN
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.source import keys_of
from services.profile.pipeline import compiled
from services.runtime.fake_seal import FakeSeal
from services.runtime.kafka_records import partition_of
from services.runtime.program import read_program

END_MS = 1_795_500_000_000
TRAFFIC = Traffic(events=1_000, persons=50, visit=1, end_ms=END_MS, partitions=3)
TOOK_S = [each / 1_000 for each in range(1, 101)]
COSTS = {
    "persons": [Cost(Point(persons=10), 40e-6, 2_000.0), Cost(Point(persons=100), 44e-6, 2_100.0)],
    "packs": [Cost(Point(packs=1), 60e-6, 2_000.0)],
}


def test_an_event_takes_from_its_sending_to_its_value() -> None:
    """A value of somebody who is not awaited, or of before, tells nothing."""
    awaited = Awaited()
    awaited.seen(b"a", 0.5)
    awaited.sent([b"a", b"b"], 1.0)
    awaited.seen(b"b", 1.25)
    awaited.seen(b"b", 9.0)
    assert awaited.took_s == [0.25]
    assert awaited.missing == 1


def test_an_event_that_is_overtaken_is_missing() -> None:
    """Which of the two a value holds is not known: the first is given up, the second is measured."""
    awaited = Awaited()
    awaited.sent([b"a"], 1.0)
    awaited.sent([b"a"], 2.0)
    awaited.seen(b"a", 2.5)
    assert (awaited.took_s, awaited.missing) == ([0.5], 1)


def test_ticks_hold_a_pace_and_persons_in_turn() -> None:
    """Fifty events a second in each fiftieth; nobody twice before all were there; each pack of its partition."""
    made = list(islice(ticks(TRAFFIC, 500, 500), 5))
    persons = [sorted(person for pack in tick for person in pack.persons) for tick in made]
    assert [len(each) for each in persons] == [10] * 5
    assert len({person for each in persons for person in each}) == 50
    assert sorted(person_of(rank).encode() for rank in range(10)) == persons[0]
    for pack in made[0]:
        assert [each["person"].encode() for each in decode(EVENTS_CLEAN, pack.raw)["events"]] == pack.persons
        assert {partition_of(each, 3) for each in pack.persons} == {pack.partition}


def test_ticks_go_on_behind_what_was_written() -> None:
    """Else a subject would skip them as events it has had."""
    first = next(ticks(TRAFFIC, 500, 500))
    assert min(each["at"][2] for pack in first for each in orjson.loads(pack.raw)["events"]) == 500 // 4


def test_durations_are_percentiles_by_pace() -> None:
    """In milliseconds, with what did not come and what the machine did."""
    found = durations("kindling", [Latency(Pace(1_000, 20), TOOK_S, 3, 0.4, 0.8, 2.5)])
    assert {each.slice for each in found} == {"1000 events/s"}
    assert {each.metric: each.value for each in found} == {
        "durable_p50": 51, "durable_p99": 100, "durable_events": 100, "durable_missing": 3,
        "durable_cpu_share": 0.4, "durable_machine_share": 0.8, "durable_load_average": 2.5,
    }  # fmt: skip


def test_of_nothing_there_is_no_percentile() -> None:
    """A subject that fell behind says so by what is missing."""
    found = durations("kindling", [Latency(Pace(5_000, 20), [], 100, 0.4, 0.8, 2.5)])
    assert "durable_p50" not in {each.metric for each in found}
    assert {each.value for each in found if each.metric == "durable_missing"} == {100}


def test_mails_are_percentiles_too() -> None:
    """Of those that came."""
    found = {each.metric: (each.value, each.unit) for each in mails(Mailing(TOOK_S, 2, 0.9, 3.0))}
    assert found == {
        "mail_p50": (51, "ms"), "mail_p99": (100, "ms"), "mails": (100, "mails"), "mails_missing": (2, "mails"),
        "mail_machine_share": (0.9, "share"), "mail_load_average": (3.0, "processes"),
    }  # fmt: skip


async def test_the_first_mail_to_an_address_counts() -> None:
    """A second one is another try."""
    mailbox = Mailbox()
    for _ in range(2):
        assert await mailbox.handle_DATA(None, None, SimpleNamespace(rcpt_tos=["a@leads.example"])) == "250 noted"
        first = mailbox.came_s["a@leads.example"]
    assert mailbox.came_s == {"a@leads.example": first}


def test_a_lead_reads_and_then_a_server_tells_of_address_and_consent() -> None:
    """What a trigger needs to be asked for; ingest takes every call."""
    keys = keys_of(b"a secret of the measurement", FakeSeal())
    calls = [*mailing._history(7, 3), mailing._conversion(7, 3, END_MS / 1_000)]
    made = []
    for call in calls:
        record = SimpleNamespace(
            topic=call.topic, partition=call.partition, offset=0, timestamp=END_MS, headers=(), key=call.key,
            value=call.value,
        )  # fmt: skip
        found = clean(record, keys)
        assert isinstance(found, Cleaned)
        made += [each for each in found.effects if isinstance(each, dict)]
    assert [each["kind"] for each in made[: mailing.PAGES]] == ["page"] * mailing.PAGES
    conversion = next(each for each in made if each["kind"] == "conversion")
    assert conversion["person"] == made[0]["person"] == "u:lead-7"
    assert conversion["address"]["value"] == "lead-7@leads.example"
    assert [each["given"] for each in conversion["consent"]] == [True]
    assert conversion["received_ms"] == END_MS


@pytest.mark.parametrize("point", [Point(persons=300), Point(300, 30), Point(300, 3, 2)])
def test_a_point_of_a_curve_costs_something(point: Point) -> None:
    """All together, of persons who have some bytes."""
    rules = compiled(read_program(Path(__file__).parents[3] / "examples" / "academy"))
    cost = cost_at(point, rules, END_MS, 600)
    assert cost.all_s > 0
    assert cost.value_bytes > 300


def test_each_curve_varies_one_thing() -> None:
    """The others stay at their usual values; quick ones are short and small."""
    for axis, points in AXES.items():
        assert len({getattr(each, axis) for each in points}) == len(points)
        for other in AXES.keys() - {axis}:
            assert {getattr(each, other) for each in points} == {getattr(Point(), other)}
    assert max(each.persons for points in QUICK_AXES.values() for each in points) <= 30_000


def test_curves_are_figures_by_point() -> None:
    """One cost, and the bytes of a value."""
    found = {(each.slice, each.metric): each.value for each in curves(COSTS, 1.5)}
    assert found["10 persons", "all_per_event"] == 40
    assert found["100 persons", "all_per_event"] == 44
    assert found["1 packs", "value"] == 2_000
    assert found[None, "load_average"] == 1.5


def test_the_picture_has_every_axis(tmp_path: Path) -> None:
    """Same costs, same file."""
    draw(COSTS, tmp_path / "one.svg")
    draw(COSTS, tmp_path / "two.svg")
    text = (tmp_path / "one.svg").read_text()
    assert text == (tmp_path / "two.svg").read_text()
    assert all(label in text for label in ("persons", "packs folded at once", "µs of CPU an event"))


def test_the_picture_has_room_for_the_greatest_cost() -> None:
    """On whichever axis it lies; the least is 0."""
    figure = drawn(COSTS)
    assert [axes.get_ylim()[0] for axes in figure.axes] == [0, 0]
    greatest = max(each.all_s for costs in COSTS.values() for each in costs) * 1_000_000
    assert all(axes.get_ylim()[1] > greatest for axes in figure.axes)


def test_parts_and_curves_may_be_chosen() -> None:
    """All parts without a word; the curves and the ladder instead of them."""
    assert planned([]).parts == ("cost", "recovery", "latency", "mail")
    assert planned(["--parts", "cost"]).parts == ("cost",)
    assert planned(["--curves", "a.svg"]).curves == Path("a.svg")
    quick = planned(["--quick"])
    assert (quick.parts, quick.seconds, quick.curves) == (("cost", "recovery", "latency"), 2, None)
    assert planned(["--quick", "--parts", "mail"]).parts == ("mail",)
