"""Consumer groups stand in one table: what a service joins is what doctor, console, pause and rights look for."""

import ast
from collections.abc import Iterator
from pathlib import Path

from schemas import groups
from schemas.groups import groups_of
from schemas.topics import STAGES
from tests.source_trees import parsed, tree_of

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "schemas" / "groups.py"
OURS = ("schemas", "services", "deploy")
NAMES = frozenset(each.name for each in groups.ALL)
BY_KEYWORD = frozenset({"group", "group_id"})
BY_CALL = frozenset({"Group", "ConsumerGroup", "Reading"})


def _spelled(tree: ast.AST) -> Iterator[str]:
    """The texts of a source that name a group: those of our prefix anywhere, any that is given as a group's name."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if text in NAMES and text.startswith("kindling."):
                yield text
            case ast.keyword(arg=str(word), value=ast.Constant(value=str(text))) if word in BY_KEYWORD:
                yield text
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text)), *_]) if name in BY_CALL:
                yield text
            case ast.Assign(targets=[ast.Name(id="GROUP")], value=ast.Constant(value=str(text))):
                yield text
            case _:
                pass


def test_no_other_place_spells_a_group() -> None:
    """Who needs a name takes the table's."""
    paths = [path for folder in OURS for path in (ROOT / folder).rglob("*.py") if path != TABLE]
    assert [(path.name, text) for path in paths for text in _spelled(tree_of(path))] == []
    assert set(_spelled(tree_of(TABLE))) == NAMES


def test_who_spells_one_is_found() -> None:
    """However it is given."""
    for line in ('GROUP = "profile"', 'policy(group="ingest")', 'Reading("ingest", RAW)', 'x = ["kindling.composer"]'):
        assert len(list(_spelled(parsed(line)))) == 1, line


def test_group_reads_what_the_table_of_topics_gives_its_service() -> None:
    """Each topic by one group alone."""
    read = [topic for each in groups.ALL for topic in each.topics]
    assert all(each.service in topic.readers for each in groups.ALL for topic in each.topics)
    assert len(read) == len({topic.name for topic in read})


def test_names_are_for_life() -> None:
    """Offsets and transactions of every installation stand under them."""
    assert {each.name for each in groups.ALL} == {
        "ingest", "profile", "kindling.recommender", "kindling.recommender.standing", "kindling.composer",
        "kindling.connector",
    }  # fmt: skip
    assert tuple(dict.fromkeys(each.service for each in groups.ALL)) == STAGES
    assert [each.name for each in groups_of("recommender")] == ["kindling.recommender", "kindling.recommender.standing"]
