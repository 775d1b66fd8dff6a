"""The console's workload on a small scale."""

import json

import pytest

from bench.console.workload import QUERIES, main


def test_every_page_is_timed_over_what_was_filled(capsys: pytest.CaptureFixture[str]) -> None:
    """One figure a page, and one of the filling."""
    assert main(["--decisions", "600"]) == 0
    figures = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    pages = {each["subject"]: each["value"] for each in figures if each["metric"] == "page_longest"}
    assert set(QUERIES) < set(pages)
    assert all(value > 0 for value in pages.values())
    assert {each["metric"] for each in figures if each["subject"] == "fill"} == {"decisions", "bytes_per_decision"}
