"""Rules in a faster world: their durations are shorter, and nothing else is changed."""

from typing import Any

import pytest

from deploy.prometheus.hurried import hurried


def _file(**rule: Any) -> dict[str, Any]:
    return {"groups": [{"name": "g", "interval": "30s", "rules": [rule]}]}


def test_windows_offsets_for_and_interval_are_shorter() -> None:
    """By the same number, to a millisecond."""
    rule = {"expr": "rate(a_total[1h]) > 2 * b offset 10m and c < 300", "for": "15m", "alert": "A"}
    assert hurried(_file(**rule), 240) == {
        "groups": [
            {
                "name": "g",
                "interval": "125ms",
                "rules": [
                    {"expr": "rate(a_total[15000ms]) > 2 * b offset 2500ms and c < 300", "for": "3750ms", "alert": "A"}
                ],
            }
        ]
    }


def test_rule_without_durations_is_as_it_was() -> None:
    """Words and figures stay."""
    rule = {"record": "a:b:c", "expr": 'max(a{le="10.0"}) > 3600', "labels": {"severity": "page"}}
    assert hurried({"groups": [{"name": "g", "rules": [rule]}]}, 60) == {"groups": [{"name": "g", "rules": [rule]}]}


def test_duration_of_two_units_is_refused() -> None:
    """Rather than half of it being taken."""
    with pytest.raises(ValueError, match="expected one number and one unit"):
        hurried(_file(expr="a", **{"for": "1h30m"}), 60)
