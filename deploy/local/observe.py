"""Prometheus beside the demo: it scrapes each process of the services, with the rules of `deploy/prometheus`."""

import json
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy.local.processes import DemoError

ROOT = Path(__file__).parents[2]
HERE = ROOT / "deploy" / "prometheus"
RUNBOOKS = ROOT / "docs" / "runbooks"
EVERY = "1s"  # a demo lasts minutes: every figure is wanted at once

Rules = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Observed:
    """With which rules Prometheus looks, and how old a figure may be and still be the latest."""

    rules: Rules
    back: str = "10s"


def prometheus() -> str:
    """Where Prometheus is.

    Raises:
        DemoError: it is not on the path.
    """
    found = shutil.which("prometheus")
    if found is None:
        raise DemoError(
            "--observe expects `prometheus` on the path; there is none: install it (Debian, Ubuntu: "
            "`apt-get install prometheus`; else https://prometheus.io/download), or leave --observe out"
        )
    return found


def rules() -> Rules:
    """Every rule file of the house by name, as parsed."""
    paths = sorted([*HERE.glob("rules/*.yaml"), *HERE.glob("slo/generated/*.yaml")])
    return {
        f"{path.parent.name}-{path.name}": yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for path in paths
    }


def at_once(found: Rules) -> Rules:
    """The same, evaluated at each scrape rather than at the interval that a group has for itself."""
    return {name: {"groups": [_without_interval(group) for group in each["groups"]]} for name, each in found.items()}


def command(folder: Path, port: int, targets: Iterable[str], observed: Observed) -> list[str]:
    """What starts Prometheus on a port of 127.0.0.1; its configuration, rules and data are in the folder, made here.

    Raises:
        DemoError: there is no Prometheus.
    """
    program = prometheus()
    folder.mkdir(parents=True)
    for name, each in observed.rules.items():
        (folder / name).write_text(yaml.dump(each, Dumper=yaml.CSafeDumper), encoding="utf-8")
    config = folder / "prometheus.yaml"
    config.write_text(yaml.safe_dump(_configuration(targets, observed.rules)), encoding="utf-8")
    return [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--query.lookback-delta={observed.back}",
    ]


def has_scraped(url: str, count: int, since_s: float) -> bool:
    """True if so many processes answered a scrape after `since_s`, in unix time.

    Prometheus learns its targets about 5 s after its start.
    """
    query = urllib.parse.urlencode({"query": f"count(timestamp(up == 1) > {since_s:.3f}) == {count}"})
    try:
        with urllib.request.urlopen(f"{url}/api/v1/query?{query}", timeout=2) as response:  # noqa: S310 our own loopback
            return bool(json.load(response)["data"]["result"])
    except (urllib.error.URLError, OSError):
        return False


def _without_interval(group: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in group.items() if key != "interval"}


def _configuration(targets: Iterable[str], names: Iterable[str]) -> dict[str, Any]:
    return {
        "global": {
            "scrape_interval": EVERY,
            "scrape_timeout": EVERY,
            "evaluation_interval": EVERY,
            "external_labels": {"runbooks": RUNBOOKS.as_uri()},
        },
        "rule_files": list(names),
        "scrape_configs": [{"job_name": "kindling", "static_configs": [{"targets": list(targets)}]}],
    }
