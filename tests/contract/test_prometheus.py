"""The tools' own word on deploy/prometheus: it loads, and each alert fires and stays silent as its cases say."""

import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.prometheus import sloth

HERE = Path(__file__).parents[2] / "deploy" / "prometheus"
CASES = sorted(each.name for each in (HERE / "tests").glob("*.yaml"))
pytestmark = pytest.mark.xdist_group("promtool")


def _run(tool: str, package: str, *words: str) -> str:
    """What the tool printed; it has to end with 0."""
    found = shutil.which(tool)
    if found is None:
        pytest.skip(f"{tool} is not here: install {package}")
    done = subprocess.run([found, *words], cwd=HERE, capture_output=True, text=True, check=False, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-4_000:]
    return said


def test_example_of_prometheus_loads_with_every_rule() -> None:
    """Its rule files are found, and each of their expressions parses."""
    said = _run("promtool", "prometheus", "check", "config", "prometheus.yaml")
    loaded = [line for line in said.splitlines() if line.strip().startswith("Checking ")]
    rules = [*HERE.glob("rules/*.yaml"), *HERE.glob("slo/generated/*.yaml")]
    assert len(loaded) == 1 + len(rules)
    assert said.count("rules found") == len(rules)


def test_example_of_alertmanager_loads() -> None:
    """A page and a ticket have a receiver each."""
    assert "2 receivers" in _run("amtool", "prometheus-alertmanager", "check-config", "alertmanager.yaml")
    for severity, receiver in ("page", "pager"), ("ticket", "tickets"):
        words = ("config", "routes", "test", "--config.file=alertmanager.yaml", f"severity={severity}")
        assert _run("amtool", "prometheus-alertmanager", *words).splitlines()[0].strip() == receiver


@pytest.mark.parametrize("name", CASES)
def test_alerts_fire_and_stay_silent_as_their_cases_say(name: str) -> None:
    """Each case is one alert in one state of the world, with the words it is told in."""
    assert "SUCCESS" in _run("promtool", "prometheus", "test", "rules", f"tests/{name}")


def test_committed_rules_are_what_sloth_makes_of_the_objectives() -> None:
    """Where Sloth was compiled into the cache; that the queries are those of the objectives is held without it."""
    if not sloth.BINARY.exists():
        pytest.skip(
            "Sloth is not in .cache: `python -m deploy.prometheus.sloth install` compiles it, where there is Go"
        )
    assert sloth.made() == sloth.MADE.read_text(encoding="utf-8")
