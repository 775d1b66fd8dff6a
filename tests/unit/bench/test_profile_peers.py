"""The profile's workload beside its peers: what is written and counted, and what is said where a peer cannot run."""

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench import machine
from bench.measurement import Measurement
from bench.node import Place
from bench.peers import java
from bench.peers.java import NoPeer, is_new_enough, java_with_compiler, kafka_streams
from bench.profile import sinks
from bench.profile.agreement import EVENTS_OF, Disagreement, compare
from bench.profile.figures import costs
from bench.profile.kept import Keeping, Kept, kept
from bench.profile.raw import raw_calls
from bench.profile.run import Run
from bench.profile.sinks import SUBJECTS, Parts, Sample, called, chains, packed
from bench.profile.subject import Kind
from bench.profile.traffic import Traffic, events
from bench.profile.workload import planned
from services.ingest.core.clean import Cleaned, clean
from services.ingest.core.source import keys_of
from services.profile.core.person import Person
from services.profile.pipeline import encode
from services.runtime.fake_seal import FakeSeal
from services.runtime.kafka_records import partition_of
from services.runtime.outcome import Misconfigured

END_MS = 1_795_500_000_000
TRAFFIC = Traffic(events=3_000, persons=200, visit=8, end_ms=END_MS, partitions=3)
MODULES = "java.base@21.0.8\njdk.compiler@21.0.8\njdk.jfr@21.0.8\n"
RUN = Run(1.5, 4.0, 8.0, 2.5, 0.75, 300_000_000)
PARTS = Parts((), (), events=100_000, all_events=125_000, persons=10_000)
KEPT = Kept(changelog_bytes=240_000_000, records=80_000, disk_bytes=40_000_000)


def test_raw_calls_become_the_events_of_the_traffic() -> None:
    """So the whole chain folds what the sinks fold: nothing is refused, nothing is a bot's, the rest is as it was."""
    keys = keys_of(b"a secret of the measurement", FakeSeal())
    told = ("id", "person", "kind", "name", "time_ms", "received_ms", "trusted", "language", "path", "title", "url")
    for event, call in zip(events(TRAFFIC), raw_calls(events(TRAFFIC), 3), strict=True):
        record = SimpleNamespace(
            topic=call.topic, partition=call.partition, offset=0, timestamp=call.timestamp_ms, headers=(),
            key=call.key, value=call.value,
        )  # fmt: skip
        found = clean(record, keys)
        assert isinstance(found, Cleaned)
        made = [each for each in found.effects if isinstance(each, dict)]
        assert len(made) == len(found.effects)
        assert [{each: one.get(each) for each in told} for one in made] == [{each: event.get(each) for each in told}]
        assert "bot" not in made[0]


def test_raw_calls_of_one_caller_are_in_one_partition() -> None:
    """As the collector writes them: by the hash of the id."""
    for call in raw_calls(events(TRAFFIC), 3):
        assert call.key is not None
        assert call.partition == partition_of(call.key, 3)


def test_a_fifth_of_the_traffic_warms_and_no_event_is_lost() -> None:
    """What is measured is counted, however the packs are cut."""
    for parts, share in ((packed(TRAFFIC), 0.15), (called(TRAFFIC), 0.0)):
        assert parts.all_events == TRAFFIC.events
        assert parts.persons == len({each["person"] for each in events(TRAFFIC)})
        assert abs(parts.events / TRAFFIC.events - 0.8) <= share
    calls = called(TRAFFIC)
    assert len(calls.warming) + len(calls.measured) == TRAFFIC.events
    assert len(calls.measured) == calls.events


def test_costs_are_medians_of_an_event_that_was_measured() -> None:
    """Seconds of CPU by events, the middle round; the spread is of all rounds."""
    rounds = [Sample(replace(RUN, cpu_s=each), PARTS, KEPT) for each in (4.0, 5.0, 4.4)]
    found = {each.metric: each for each in costs({"kindling": rounds})}
    assert found["cpu_per_event"] == Measurement("profile", "kindling", "cpu_per_event", 44.0, "us")
    assert found["cpu_per_event_least"].value == 40.0
    assert found["cpu_per_event_spread"].value == 0.2273
    assert found["events_per_second"].value == 12_500
    assert found["cpu_share"].value == 0.55
    assert found["machine_share"].value == 0.75
    assert found["load_average"].value == 2.5
    assert found["broker_per_value"] == Measurement("profile", "kindling", "broker_per_value", 3_000, "bytes")
    assert found["values_per_event"].value == 0.64
    assert (found["disk_per_person"].value, found["memory_per_person"].value) == (4_000, 30_000)


def test_ratios_are_of_those_that_ran_and_come_last() -> None:
    """Without a peer there is no ratio to it, and nothing in its place."""
    samples = {
        name: [Sample(replace(RUN, cpu_s=used_s), PARTS, None)]
        for name, used_s in (("kindling", 2.0), ("kafka_streams", 4.0), ("plain", 1.6), ("chain", 3.6))
    }
    found = [(each.subject, each.value, each.unit) for each in costs(samples) if each.metric == "cpu_per_event_ratio"]
    assert found == [
        ("kindling/plain", 1.25, "ratio"), ("kindling/kafka_streams", 0.5, "ratio"),
        ("chain/kafka_streams", 0.9, "ratio"),
    ]  # fmt: skip
    del samples["kafka_streams"]
    assert {each.subject for each in costs(samples) if each.unit == "ratio"} == {"kindling/plain"}


def test_the_ratio_of_the_least_is_of_the_quietest_rounds() -> None:
    """What else runs on the machine only ever adds."""
    samples = {
        name: [Sample(replace(RUN, cpu_s=each), PARTS, None) for each in used_s]
        for name, used_s in (("kindling", (2.0, 9.0, 9.0)), ("plain", (4.0, 3.0, 2.5)))
    }
    found = {each.metric: each.value for each in costs(samples) if each.unit == "ratio"}
    assert found == {"cpu_per_event_least_ratio": 0.8, "cpu_per_event_ratio": 3.0}


def test_subjects_that_count_the_same_agree() -> None:
    """Their persons are told."""
    assert compare({"kindling": {b"u:1": 3, b"u:2": 1}, "kafka_streams": {b"u:2": 1, b"u:1": 3}}) == 2


@pytest.mark.parametrize("other", [{b"u:1": 3, b"u:2": 2}, {b"u:1": 3}, {b"u:1": 3, b"u:2": 1, b"u:3": 1}])
def test_subjects_that_count_otherwise_end_the_run(other: dict[bytes, int]) -> None:
    """One that skips or repeats an event is cheap for no good reason."""
    with pytest.raises(Disagreement, match="kindling and kafka_streams differ in 1 of"):
        compare({"kindling": {b"u:1": 3, b"u:2": 1}, "kafka_streams": other})


def test_both_changelogs_say_how_many_events_were_folded() -> None:
    """Each in its own words; the place of a partition is nobody's."""
    person = Person()
    person.events = 7
    assert EVENTS_OF["kindling"](b"u:1", encode(person)) == 7
    assert EVENTS_OF["kindling"](b"\0applied", b"{}") is None
    assert EVENTS_OF["kafka_streams"](b"u:1", b'{"v":1,"n":7}') == 7


def test_what_is_kept_is_counted_without_indexes(tmp_path: Path) -> None:
    """Of the broker the logs of this topic alone; of the subject its whole folder."""
    for name, size in (
        ("kafka/data/persons-0/00.log", 30), ("kafka/data/persons-1/00.log", 12), ("kafka/data/persons-1/00.index", 99),
        ("kafka/data/others-0/00.log", 99), ("store/1/a.sst", 7), ("store/2/b.log", 5),
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    assert kept(Keeping("persons", "store"), Place("", tmp_path), 9) == Kept(42, 9, 12)


@pytest.mark.parametrize(
    ("modules", "is_enough"),
    [(MODULES, True), (MODULES.replace("21", "17"), True), (MODULES.replace("21", "11"), False),
     (MODULES.replace("jdk.compiler", "java.compiler"), False), ("", False)],
)  # fmt: skip
def test_a_java_is_new_enough_by_its_compiler(modules: str, is_enough: bool) -> None:  # noqa: FBT001
    """The module that compiles, not the one of its interface; from version 17."""
    assert is_new_enough(modules) is is_enough


def test_the_java_of_java_home_comes_first(tmp_path: Path) -> None:
    """Then those of PATH; one without a compiler is passed over."""
    for name, modules in (("home", "java.base@21"), ("one", MODULES), ("two", MODULES)):
        _java(tmp_path / name / "bin", modules)
    path = os.pathsep.join(str(tmp_path / name / "bin") for name in ("one", "two"))
    environment = {"JAVA_HOME": str(tmp_path / "home"), "PATH": path}
    assert java_with_compiler(environment) == tmp_path / "one" / "bin" / "java"
    _java(tmp_path / "home" / "bin", MODULES)
    assert java_with_compiler(environment) == tmp_path / "home" / "bin" / "java"


def test_without_a_java_the_word_says_what_to_do() -> None:
    """A machine without one still measures the rest."""
    with pytest.raises(NoPeer, match=r"of version 17 or later with a compiler .* install a JDK"):
        java_with_compiler({"PATH": ""})


def test_a_peer_that_cannot_run_is_left_out_with_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error; the others are measured in their order."""

    def absent() -> None:
        raise NoPeer("no java here")

    def uncompiled() -> None:
        raise Misconfigured("nothing is compiled")

    monkeypatch.setattr(sinks, "peer_kind", absent)
    monkeypatch.setattr(sinks, "compiled", uncompiled)
    assert [each.name for each in chains(SUBJECTS)] == ["kindling", "plain", "chain"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "native is left out: nothing is compiled\nkafka_streams is left out: no java here\n"


def test_who_can_run_is_measured_in_the_order_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled core right after the interpreted one, so that what the machine does meets both."""
    monkeypatch.setattr(sinks, "peer_kind", lambda: Kind("kafka_streams", lambda _: (), "g"))
    monkeypatch.setattr(sinks, "compiled", dict)
    assert [each.name for each in chains(SUBJECTS)] == list(SUBJECTS)


def test_the_peer_is_run_from_its_source() -> None:
    """One file, compiled as it starts, after the jars it needs."""
    words = kafka_streams(Path("java"), [Path("a.jar"), Path("b.jar")], ("broker:1", "topic"))
    assert words[0] == "java"
    assert words[words.index("-cp") + 1] == os.pathsep.join(("a.jar", "b.jar"))
    assert words[-3:] == (str(java.SOURCE), "broker:1", "topic")
    assert java.SOURCE.exists()


def test_busy_cores_are_those_that_neither_idle_nor_wait() -> None:
    """Guests are counted in others already."""
    before = machine.parsed("cpu  100 0 50 800 50 0 0 0 30 0\ncpu0 1 2 3\n")
    after = machine.parsed("cpu  160 10 70 900 60 0 0 0 60 0\n")
    assert (before.all, before.worked) == (1_000, 150)
    assert after.share_since(before) == 0.45


def test_memory_is_of_the_process_that_is_named() -> None:
    """This one has some, and the machine is not idle for ever."""
    assert machine.resident_bytes(os.getpid()) > 10_000_000
    assert machine.load_average() >= 0
    assert machine.busy().worked > 0


def test_subjects_may_be_chosen() -> None:
    """For a run that compares two only."""
    assert planned([]).subjects == ("kindling", "native", "kafka_streams", "plain", "chain")
    assert planned(["--subjects", "kindling", "plain"]).subjects == ("kindling", "plain")


def _java(folder: Path, modules: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "java").write_text(f"#!/bin/sh\necho '{modules}'\n")
    (folder / "java").chmod(0o755)
