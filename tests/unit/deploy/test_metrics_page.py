"""The page of metrics is what the services declare, and Prometheus's own lint has nothing to say of them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.pages import made
from deploy.pages import metrics as pages

SCRAPED = """
import importlib, sys
from prometheus_client import generate_latest
from prometheus_client.metrics import MetricWrapperBase
for service in sys.argv[1:]:
    for each in vars(importlib.import_module(f"services.{service}.metrics")).values():
        if isinstance(each, MetricWrapperBase) and each._labelnames:
            each.labels(*["a"] * len(each._labelnames))
sys.stdout.buffer.write(generate_latest())
"""


def test_page_is_made_of_what_the_services_declare(capsys: pytest.CaptureFixture[str]) -> None:
    """Made anew it is the same: whoever adds a metric makes the page again."""
    assert pages.main(["--check"]) == made.DONE, capsys.readouterr().err


def test_page_that_is_old_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to do; a word that is none is told, and made again the page is right."""
    old = tmp_path / "metrics.md"
    old.write_text("# Metrics of last year\n", encoding="utf-8")
    monkeypatch.setattr(pages, "PAGE", old)
    assert pages.main(["--check"]) == made.OLD
    assert "run `python -m deploy.pages.metrics`" in capsys.readouterr().err
    assert pages.main(["--chek"]) == made.MISSPELT
    assert pages.main([]) == made.DONE
    assert pages.main(["--check"]) == made.DONE


def test_every_label_has_its_values() -> None:
    """A label of which nobody says what it may be is unbounded until somebody has looked; and no word is left over."""
    every = [
        (each.name, label) for service in pages.SERVICES for each in pages.metrics_of(service) for label in each.labels
    ]
    assert all(pages.values_of(metric, label) for service in pages.SERVICES for metric in pages.metrics_of(service)
               for label in metric.labels)  # fmt: skip
    assert sorted(set(pages.OF_METRIC) - set(every)) == []
    assert sorted(set(pages.LABELS) - {label for _, label in every}) == []


def test_every_service_with_metrics_is_on_the_page(root: Path) -> None:
    """A new service's list is found."""
    declared = {each.parent.name for each in root.glob("services/*/metrics.py")}
    assert declared == set(pages.SERVICES)


def test_prometheus_finds_nothing_to_mend(root: Path) -> None:
    """Names, units and help as Prometheus has them, of every metric there is, with a series of each."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: Debian's package prometheus has it")
    words = [sys.executable, "-c", SCRAPED, *pages.SERVICES]
    scraped = subprocess.run(words, cwd=root, capture_output=True, check=True).stdout
    assert b"kindling_build_info" in scraped
    linted = subprocess.run([promtool, "check", "metrics"], input=scraped, capture_output=True, check=False)
    assert (linted.returncode, linted.stdout + linted.stderr) == (0, b"")


@pytest.fixture
def root() -> Path:
    """The project."""
    return Path(__file__).parents[3]
