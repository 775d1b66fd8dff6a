"""Each alert has its words, its cases and its page; each page names only what there is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from deploy.prometheus import sloth
from services.runtime.errors import Status
from tests.architecture import prometheus_rules as rules

ROOT = Path(__file__).parents[2]
PAGES = {each.stem: each for each in (ROOT / "docs" / "runbooks").glob("*.md") if each.stem != "README"}
EXITS = {f"exit-{int(each)}" for each in Status}
HEADINGS = [
    "What it means", "What the reader of mails sees", "Where to look", "What to do", "How to know that it is over",
]  # fmt: skip
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d")  # of Sloth, for a month
ALERTS = rules.alerts()
NAMES = sorted({each.name for each in ALERTS})


@pytest.mark.parametrize("alert", ALERTS, ids=lambda each: f"{each.name}-{each.labels['severity']}")
def test_alert_says_how_bad_it_is_and_where_its_page_is(alert: rules.Alert) -> None:
    """Severity, summary, description, and a link to the page of its own name."""
    assert alert.labels["severity"] in {"page", "ticket"}
    assert alert.annotations["summary"]
    assert alert.annotations["description"]
    assert alert.annotations["runbook_url"] == f"{{{{ $externalLabels.runbooks }}}}/{alert.name}.md"


@pytest.mark.parametrize("name", NAMES)
def test_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent(name: str) -> None:
    """Each case says in its name which it is."""
    own = [each for each in rules.cases() if each.alert == name]
    assert {each.fires for each in own} == {True, False}
    assert [
        each.name for each in own if each.name.startswith(f"{name} {'fires' if each.fires else 'is silent'}: ")
    ] == [each.name for each in own]


def test_case_is_of_an_alert_that_exists() -> None:
    """What was renamed takes its cases with it: promtool finds nothing wrong with silence about nothing."""
    assert {each.alert for each in rules.cases()} == set(NAMES)


def test_every_alert_and_exit_status_has_a_page_and_every_page_is_of_one() -> None:
    """Both ways."""
    assert set(PAGES) == set(NAMES) | EXITS


def test_index_leads_to_every_page_once_with_its_severity() -> None:
    """As the rules say it."""
    index = (ROOT / "docs" / "runbooks" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\) \| ([a-z, ]+) \|", index, re.MULTILINE)
    said = {name: severity for name, target, severity in rows if name == target}
    severities = {
        name: ", ".join(sorted({each.labels["severity"] for each in ALERTS if each.name == name})) for name in NAMES
    }
    assert said == severities
    assert len(rows) == len(said)
    assert {f"exit-{number}" for number in re.findall(r"^\| \[(\d+)\]", index, re.MULTILINE)} == EXITS


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_answers_the_same_five_questions(name: str) -> None:
    """In order, each with something to say."""
    text = PAGES[name].read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    assert parts[1::2] == HEADINGS
    assert [heading for heading, body in zip(parts[1::2], parts[2::2], strict=True) if len(body.split()) < 2] == []
    if name not in EXITS:
        assert parts[0].startswith(f"# {name}\n")
        severities = {each.labels["severity"] for each in ALERTS if each.name == name}
        assert set(re.findall(r"\*(page|ticket)\*", parts[0])) == severities


@pytest.mark.parametrize("name", [*sorted(PAGES), "README"])
def test_link_of_a_page_leads_somewhere(name: str) -> None:
    """To another page beside it."""
    text = (ROOT / "docs" / "runbooks" / f"{name}.md").read_text(encoding="utf-8")
    assert [each for each in re.findall(r"\]\(([^)#:]+)\)", text) if not (ROOT / "docs/runbooks" / each).exists()] == []


def test_rules_of_the_objectives_are_made_of_the_queries_that_stand_beside_them() -> None:
    """Each objective's error by its total, for each of Sloth's windows; a spec that was changed alone is found."""
    spec, made = rules.parsed(sloth.SPEC), rules.parsed(sloth.MADE)
    found = {
        (rule["labels"]["sloth_slo"], rule["labels"]["sloth_window"]): rule["expr"].split()
        for group in made["groups"]
        for rule in group["rules"]
        if rule.get("record", "").startswith("slo:sli_error:ratio_rate")
    }
    assert found == {
        (slo["name"], window): f"({events['error_query']}) / ({events['total_query']})".replace(
            "{{.window}}", window
        ).split()
        for slo in spec["slos"]
        for events in [slo["sli"]["events"]]
        for window in WINDOWS
    }
    budgets = {
        rule["labels"]["sloth_slo"]: float(rule["expr"].removeprefix("vector(").rstrip(")\n"))
        for group in made["groups"]
        for rule in group["rules"]
        if rule.get("record") == "slo:objective:ratio"
    }
    assert budgets == pytest.approx({slo["name"]: slo["objective"] / 100 for slo in spec["slos"]})


def test_command_of_a_page_is_one_of_kindling() -> None:
    """What somebody types at three in the morning is understood: verb, and each option by name."""
    app = pytest.importorskip("services.cli.app", reason="the command `kindling` is not merged yet")
    tree = get_command(app.app)
    found = {
        (name, command)
        for name in [*PAGES, "README"]
        for command in _commands((ROOT / "docs" / "runbooks" / f"{name}.md").read_text(encoding="utf-8"))
    }
    assert {each for each in found if not _is_understood(tree, each[1])} == set()
    assert len({command for _, command in found}) > 10


def _commands(text: str) -> Iterator[tuple[str, ...]]:
    """The words of each command behind `kindling`, of blocks and of code within a line; a comment is none."""
    lines = [line for block in re.findall(r"```\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    lines += re.findall(r"`(kindling [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for line in lines:
        if line.startswith("kindling "):
            yield tuple(line.partition(" #")[0].split()[1:])


def _is_understood(tree: Any, words: tuple[str, ...]) -> bool:
    """True if the words lead to a command, and each option behind it is one of it."""
    command, left = tree, list(words)
    while hasattr(command, "commands"):
        command = command.commands.get(left.pop(0)) if left else None
        if command is None:
            return False
    options = {option for each in command.params for option in each.opts}
    return all(each in options for each in left if each.startswith("--"))
