"""Every service's card says what the topic table says, and every maker and reader of the table exists."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from schemas import groups, topics

SERVICES = ("ingest", "profile", "recommender", "composer", "connector", "console")
LINES = ("Consumes", "Produces", "State", "On failure")
OUTSIDE = frozenset({"trackers", "back office", "operator"})  # makers and readers that are no code of ours
COMMANDS = {
    "import command": "services/recommender/",
    "content import": "services/profile/",
}  # makers that are a command of a service
CONSTANTS = {
    topic.short: name for name, topic in vars(topics).items() if isinstance(topic, topics.Topic) and name.isupper()
}


@pytest.fixture(scope="session")
def cards(trees: Mapping[str, ast.Module]) -> Mapping[str, Mapping[str, str]]:
    """The lines of each service's card, by their first words."""
    found = {}
    for service in SERVICES:
        card = ast.get_docstring(trees[f"services/{service}/__init__.py"]) or ""
        lines = re.sub(r"\n +", " ", card)  # what goes on is indented
        found[service] = dict(re.findall(rf"^({'|'.join(LINES)}): (.+)$", lines, re.MULTILINE))
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_card_has_its_four_lines(service: str, cards: Mapping[str, Mapping[str, str]]) -> None:
    """What it consumes, what it produces, what it keeps, and what happens when something fails; in this order."""
    assert list(cards[service]) == list(LINES)


@pytest.mark.parametrize("service", SERVICES)
def test_card_consumes_what_the_table_says(service: str, cards: Mapping[str, Mapping[str, str]]) -> None:
    """A service reads the topics that name it as their reader."""
    expected = {topic.short for topic in topics.ALL if service in topic.readers}
    assert _shorts(cards[service]["Consumes"]) == expected


@pytest.mark.parametrize("service", SERVICES)
def test_card_produces_what_the_table_says(service: str, cards: Mapping[str, Mapping[str, str]]) -> None:
    """A service writes the topics that name it as their maker."""
    expected = {topic.short for topic in topics.ALL if service in topic.makers}
    assert _shorts(cards[service]["Produces"]) == expected


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_looked_for_on_the_broker_is_what_the_card_names(
    service: str, cards: Mapping[str, Mapping[str, str]]
) -> None:
    """The card as a value is the table's; as prose it says the same."""
    named = _shorts(cards[service]["Consumes"]) | _shorts(cards[service]["Produces"])
    assert {topic.short for topic in topics.card_of(service)} == named


def test_every_service_has_a_card(root: Path) -> None:
    """No service is missing from these tests."""
    assert {path.parent.name for path in root.glob("services/*/__init__.py")} == {*SERVICES, "cli", "rules", "runtime"}


@pytest.mark.parametrize("topic", topics.ALL, ids=lambda topic: topic.short)
def test_topic_has_makers_and_readers_that_exist(topic: topics.Topic, root: Path) -> None:
    """Nothing is written that nobody reads, or read that nobody writes."""
    assert topic.makers
    assert topic.readers
    ours = {*topic.makers, *topic.readers} - OUTSIDE
    assert [each for each in sorted(ours) if not (root / _folder(each)).is_dir()] == []


@pytest.mark.parametrize("topic", [each for each in topics.ALL if each.short in CONSTANTS], ids=lambda each: each.short)
def test_maker_and_reader_name_their_topic(topic: topics.Topic, names: Mapping[str, frozenset[str]]) -> None:
    """The code of each maker and reader speaks of the topic by its constant, or by that of the group that reads it."""
    ours = {*topic.makers, *topic.readers} - OUTSIDE
    silent = {
        each
        for each in ours
        if not any(path.startswith(_folder(each)) and read & _spoken(topic, each) for path, read in names.items())
    }
    assert silent == set()


def _spoken(topic: topics.Topic, service: str) -> set[str]:
    """The constant of the topic, and those of the service's groups that read it."""
    reading = [each for each in groups.groups_of(service) if topic in each.topics]
    return {CONSTANTS[topic.short], *(name for name, each in vars(groups).items() if each in reading)}


def _folder(name: str) -> str:
    return COMMANDS.get(name, f"services/{name}/")


def _shorts(line: str) -> set[str]:
    return set() if line == "none" else {each.strip() for each in line.split(",")}
