"""The figures: one JSON object a line, and the arithmetic on samples that a run gave."""

import json

import pytest

from bench.__main__ import main
from bench.cpu import cpu_s, parsed
from bench.measurement import Measurement
from bench.profile.figures import recoveries
from bench.profile.recovery import Recovery
from bench.profile.workload import planned


def test_a_line_is_one_object_of_five_members() -> None:
    """Whoever reads the lines finds the same names in each, in this order."""
    line = Measurement("profile", "plain", "cpu_per_event", 28.5, "us").line()
    expected = {"workload": "profile", "subject": "plain", "metric": "cpu_per_event", "value": 28.5, "unit": "us"}
    assert json.loads(line) == expected
    assert list(json.loads(line)) == list(expected)
    assert "\n" not in line


def test_a_recovery_names_each_of_its_parts() -> None:
    """What was recovered, and the seconds of each part, the greater ones holding the smaller."""
    found = recoveries(Recovery(100_000, 1_162, 5.365, 1.367, 2.801, 2.13, 160_000_000, 130_000_000, 45_000_000, 2.5))
    assert {each.metric: (each.value, each.unit) for each in found} == {
        "recovered_persons": (100_000, "persons"),
        "recovered_value": (1_162, "bytes"),
        "recovery_ready": (5.365, "s"),
        "recovery_takeover": (2.801, "s"),
        "recovery_load": (1.367, "s"),
        "recovery_cpu": (2.13, "s"),
        "recovered_broker_per_person": (1_600, "bytes"),
        "recovered_disk_per_person": (1_300, "bytes"),
        "recovered_memory_per_person": (450, "bytes"),
        "recovery_load_average": (2.5, "processes"),
    }


def test_cpu_is_user_and_system_whatever_the_command_is_called() -> None:
    """A command with brackets and spaces moves no field."""
    stat = "77 (py) (thon 3) S 1 77 77 0 -1 4194304 900 0 0 0 984 36 5 7 20 0 9 0 5000 100 200"
    assert parsed(stat, 100) == 10.2


def test_a_process_that_has_ended_has_no_cpu() -> None:
    """The error names it, and is no missing file."""
    with pytest.raises(ProcessLookupError, match="process 4194305"):
        cpu_s(4_194_305)


def test_without_words_the_workloads_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Name and meaning, and nothing runs."""
    assert main([]) == 0
    assert "profile" in capsys.readouterr().out


def test_an_unknown_workload_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, so that standard output holds figures only."""
    assert main(["profil"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "'profil'; there is capacity, console, decide, decisions, endpoint, gate, golden, index" in captured.err


def test_quick_is_one_round_of_a_tenth() -> None:
    """And never of nothing."""
    plan = planned(["--quick", "--events", "50000", "--persons", "5", "--rounds", "4"])
    assert (plan.events, plan.persons, plan.rounds) == (5_000, 1, 1)


@pytest.mark.parametrize("word", ["0", "-3", "many"])
def test_a_run_of_nothing_is_refused(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Zero events have no cost each."""
    with pytest.raises(SystemExit) as end:
        planned(["--events", word])
    assert end.value.code == 2
    assert "--events" in capsys.readouterr().err
