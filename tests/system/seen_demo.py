"""One run of the demo with Prometheus beside it, from the command to Ctrl-C, and what was seen of it meanwhile."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.grafana.empty import EMPTY_IN_HEALTH
from deploy.local.ports import free_port
from tests.architecture.prometheus_rules import expressions
from tests.otlp_receiver import Received, receiving
from tests.panels import Asked, answer, got, panels, said_of
from tests.two_looks import Page, page_at

ROOT = Path(__file__).parents[2]
FILLED_WITHIN_S = 30.0


@dataclass(slots=True)
class Scraped:
    """What Prometheus and the processes said after the story: series by panel, rules, pages of metrics.

    `before` and `after` are every series of the processes as scraped before the story and after it.
    """

    panels: Mapping[tuple[str, str], list[Mapping[str, Any]]] = field(default_factory=dict)
    refused: list[tuple[str, Any]] = field(default_factory=list)
    rules: list[Mapping[str, Any]] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    before: Page = field(default_factory=dict)
    after: Page = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenDemo:
    """What the run printed, its status, its folder, the spans it told; `scraped` where there is a Prometheus."""

    lines: list[str]
    status: int
    folder: Path
    spans: Received
    scraped: Scraped | None


def start(folder: Path, *words: str, **environment: str) -> "subprocess.Popen[str]":
    """The demo on free ports, without settings of the house."""
    ports = ["--collector-port", str(free_port()), "--console-port", str(free_port())]
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "KINDLING_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.local.demo", "--folder", str(folder / "demo"), *ports, *words],
        cwd=ROOT, env={**bare, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def see(folder: Path) -> SeenDemo:
    """Run it to the end of the story, look, and end it as who runs it does."""
    began = time.time()
    words = ["--observe"] if shutil.which("prometheus") else []
    with receiving() as received, _ending(start(folder, *words, KINDLING_OTLP_ENDPOINT=received.url)) as demo:
        assert demo.stdout is not None
        lines, ready = [], began
        for line in demo.stdout:
            lines.append(line)
            if "Prometheus at" in line:
                ready = time.time()
            if "everything stays up until Ctrl-C" in line:
                break
        address = re.search(r"Prometheus at (\S+?)/,", "".join(lines))
        scraped = _scraped(address[1], began, ready) if address else None
        demo.send_signal(signal.SIGINT)
        lines += demo.stdout.readlines()
        return SeenDemo(lines, demo.wait(60), folder, received, scraped)


@contextmanager
def _ending(demo: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    """Whatever happens, nothing of it stays: the processes are on its leash."""
    with demo:
        try:
            yield demo
        finally:
            demo.kill()


def _scraped(url: str, began: float, ready: float) -> Scraped:
    """Waits until every panel that has something to show in health does, at most half a minute."""
    seen = Scraped(before=page_at(url, ready))
    asked = [each for each in panels() if each.asked]
    deadline = time.monotonic() + FILLED_WITHIN_S
    while True:
        until = time.time()
        found = {each.key: [one for expr in each.asked for one in answer(url, expr, began, until)] for each in asked}
        if all(found[each.key] or each.key in EMPTY_IN_HEALTH for each in asked) or time.monotonic() > deadline:
            break
    seen.panels, seen.after = found, page_at(url, until)
    for where, expr in expressions():
        said = said_of(url, Asked(expr, "", is_now=True), began, until)
        if said["status"] != "success":
            seen.refused.append((where, said))
    seen.rules = [rule for group in got(f"{url}/api/v1/rules")["data"]["groups"] for rule in group["rules"]]
    targets = [each["scrapeUrl"] for each in got(f"{url}/api/v1/targets")["data"]["activeTargets"]]
    for each in targets:
        with urllib.request.urlopen(each, timeout=FILLED_WITHIN_S) as response:  # noqa: S310 our own loopback address
            seen.pages[each] = response.read().decode()
    return seen
