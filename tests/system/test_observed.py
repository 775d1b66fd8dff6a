"""What a real Prometheus says of the demo: panels, rules, the pages' queries, and the metrics of every process."""

import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.grafana.empty import EMPTY_IN_HEALTH
from tests import panels, two_looks
from tests.system.seen_demo import Scraped, SeenDemo

pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.xdist_group("demo"), pytest.mark.timeout(900)]
PROCESSES = 7
RULES = 100  # and more


@pytest.fixture
def scraped(seen_demo: SeenDemo) -> Scraped:
    """What was scraped in the run."""
    if seen_demo.scraped is None:
        pytest.skip("prometheus is not here: install prometheus")
    return seen_demo.scraped


def test_every_panel_shows_something_in_health_but_those_named(scraped: Scraped) -> None:
    """Each expression is taken. Who is named may be filled on a slow machine; an alert that fires fills it surely."""
    empty = {key for key, series in scraped.panels.items() if not series}
    assert empty - set(EMPTY_IN_HEALTH) == set(), "empty"
    assert len(EMPTY_IN_HEALTH) * 5 <= len(scraped.panels)


def test_every_panel_but_those_shows_something_whenever_was_scraped(scraped: Scraped, tmp_path: Path) -> None:
    """Were all of the story between two scrapes, `increase` and `rate` would see it."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not here: install prometheus")
    asking = [each for each in panels.panels() if each.asked and each.key not in EMPTY_IN_HEALTH]
    assert two_looks.unfilled(scraped.before, scraped.after, asking, tmp_path) == ""


def test_no_count_is_born_of_its_first_step(scraped: Scraped) -> None:
    """Before the story each series that it counts is there, but those whose labels come with the data."""
    assert two_looks.born(scraped.before, scraped.after) == []


def test_every_label_of_a_legend_is_one_of_its_series(scraped: Scraped) -> None:
    """A word between braces that no series has would be shown as nothing."""
    for panel in panels.panels():
        there = {
            label for each in scraped.panels.get(panel.key, ()) for label, value in each["metric"].items() if value
        }
        wanted = {word for each in panel.asked for word in panels.labels_of(each.legend)}
        if panel.key not in EMPTY_IN_HEALTH:
            assert wanted - there <= panels.SELDOM, panel.key


def test_every_rule_is_evaluated(scraped: Scraped) -> None:
    """None has an error, and what the pages ask is taken too."""
    assert [(each["name"], each["lastError"]) for each in scraped.rules if each["health"] != "ok"] == []
    assert len(scraped.rules) > RULES
    assert scraped.refused == []


def test_metrics_of_every_process_are_as_promtool_wants_them(scraped: Scraped) -> None:
    """Names, units, types and help by its lint."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not here: install prometheus")
    assert len(scraped.pages) == PROCESSES
    for where, page in scraped.pages.items():
        done = subprocess.run(
            [promtool, "check", "metrics"], input=page, capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.returncode, done.stdout + done.stderr) == (0, ""), where
