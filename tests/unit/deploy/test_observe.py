"""Prometheus beside the demo: its configuration, every rule, and a word where it is not installed."""

import argparse
from pathlib import Path

import pytest
import yaml

from deploy.local import observe
from deploy.local.demo import _prepare
from deploy.local.observe import Observed
from deploy.local.processes import DemoError


@pytest.fixture
def is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name, alone on the path."""
    program = tmp_path / "bin" / "prometheus"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return program


def test_where_it_is_not_installed_one_word_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is emptied or started."""
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = tmp_path / "demo"
    (folder / "mail").mkdir(parents=True)
    words = argparse.Namespace(observe=True, folder=folder, collector_port=0, console_port=0)
    with pytest.raises(DemoError, match=r"install it .*apt-get install prometheus.* or leave --observe out"):
        _prepare(words)
    assert (folder / "mail").exists()
    words.observe = False
    _prepare(words)


def test_each_rule_of_the_house_is_loaded_at_once(is_here: Path, tmp_path: Path) -> None:
    """No group waits for an interval of its own, and no rule is changed or left out."""
    command = observe.command(tmp_path / "it", 9, ["127.0.0.1:1"], Observed(observe.at_once(observe.rules())))
    assert command[0] == str(is_here)
    assert "--web.listen-address=127.0.0.1:9" in command
    config = yaml.safe_load((tmp_path / "it" / "prometheus.yaml").read_text())
    assert config["scrape_configs"] == [{"job_name": "kindling", "static_configs": [{"targets": ["127.0.0.1:1"]}]}]
    loaded = [yaml.safe_load((tmp_path / "it" / name).read_text()) for name in config["rule_files"]]
    groups = [group for each in loaded for group in each["groups"]]
    assert [group["name"] for group in groups if "interval" in group] == []
    kept = [group for each in observe.rules().values() for group in each["groups"]]
    assert [group["rules"] for group in groups] == [group["rules"] for group in kept]
    assert [group["name"] for group in kept if "interval" in group] != []


def test_links_of_alerts_lead_to_the_pages_of_this_checkout(is_here: Path, tmp_path: Path) -> None:
    """As a URL of a file."""
    assert is_here.exists()
    observe.command(tmp_path / "it", 9, [], Observed({}))
    config = yaml.safe_load((tmp_path / "it" / "prometheus.yaml").read_text())
    link = config["global"]["external_labels"]["runbooks"]
    assert Path(link.removeprefix("file://"), "KindlingLagGrows.md").is_file()


def test_where_nobody_answers_nothing_was_scraped() -> None:
    """The demo asks again until it was."""
    assert not observe.has_scraped("http://127.0.0.1:9", 1, 0.0)
