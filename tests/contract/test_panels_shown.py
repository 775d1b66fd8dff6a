"""A panel that is empty in health shows something while its alert fires: promtool plays the alert's own case."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.empty import EMPTY_IN_HEALTH
from tests.architecture import prometheus_rules as rules
from tests.panels import panels

pytestmark = pytest.mark.xdist_group("promtool")
SHOWN = "PanelShown"


def test_each_panel_that_is_empty_in_health_is_filled_by_its_alert(tmp_path: Path) -> None:
    """At the moment at which the alert's case looks."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not here: install prometheus")
    cases = list(_cases(tmp_path))
    assert len(cases) == len(EMPTY_IN_HEALTH)
    path = tmp_path / "cases.yaml"
    path.write_text(yaml.safe_dump(_test_file(cases, tmp_path)), encoding="utf-8")
    done = subprocess.run(
        [promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4_000:]


def _cases(folder: Path) -> Iterator[Mapping[str, Any]]:
    """The case in which each panel's alert fires, with an alert that fires where the panel shows something."""
    asked = {each.key: each.asked for each in panels("5m")}
    made = []
    for number, (key, alert) in enumerate(EMPTY_IN_HEALTH.items()):
        shown = " or ".join(f"({each.expr})" for each in asked[key])
        made.append({"alert": f"{SHOWN}{number}", "expr": f"vector(1) and on () ({shown})"})
        case, moment = _firing(alert)
        expected = [{"eval_time": moment, "alertname": f"{SHOWN}{number}", "exp_alerts": [{"exp_labels": {}}]}]
        yield {**case, "name": f"{key}: {case['name']}", "alert_rule_test": expected}
    groups = {"groups": [{"name": "shown", "rules": made}]}
    (folder / "shown.yaml").write_text(yaml.safe_dump(groups), encoding="utf-8")


def _firing(alert: str) -> tuple[Mapping[str, Any], str]:
    """The first case in which an alert fires, and when it looks."""
    return next(
        (test, each["eval_time"])
        for path in sorted(rules.HERE.glob("tests/*.yaml"))
        for test in rules.parsed(path)["tests"]
        for each in test["alert_rule_test"]
        if each["alertname"] == alert and each["exp_alerts"]
    )


def _test_file(cases: list[Mapping[str, Any]], folder: Path) -> Mapping[str, Any]:
    """With the rules that the panels and their alerts need alone: what promtool takes is the number of rules."""
    wanted = [each for each in rules.rules() if each.get("alert") in set(EMPTY_IN_HEALTH.values())]
    needed = {name for each in wanted for name in rules.named(each["expr"])}
    asked = [one for each in panels() if each.key in EMPTY_IN_HEALTH for one in each.asked]
    needed |= {name for each in asked for name in rules.named(each.expr)}
    recorded = [each for each in rules.rules() if each.get("record") in needed]
    groups = [{"name": "recorded", "rules": recorded}, {"name": "alerts", "rules": wanted}]
    (folder / "needed.yaml").write_text(yaml.safe_dump({"groups": groups}), encoding="utf-8")
    return {
        "rule_files": [str(folder / "needed.yaml"), str(folder / "shown.yaml")],
        "evaluation_interval": "1m",
        "group_eval_order": ["recorded", "alerts", "shown"],
        "tests": cases,
    }
