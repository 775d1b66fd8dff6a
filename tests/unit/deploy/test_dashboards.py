"""The committed dashboards: what is generated, and laid out so that Grafana loads it and people find their way."""

import itertools
import json
from pathlib import Path

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana import make
from deploy.grafana.board import Board, Kind, Panel, Query, Row, graph, quantiles
from deploy.grafana.boards import BOARDS
from deploy.grafana.draw import RUNBOOKS, drawn, widths
from deploy.grafana.empty import EMPTY_IN_HEALTH
from tests.panels import Drawn, dashboards, panels

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
MOST = 12
COLUMNS = 24


def test_committed_dashboards_are_the_generated_ones() -> None:
    """Who changes a board runs the generator."""
    assert make.kept() == make.made()


def test_check_says_which_is_old_and_writing_mends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of nobody's is old too, and goes."""
    (tmp_path / "gone.json").write_text("{}")
    assert make.main(["--check"], tmp_path) == 1
    said = capsys.readouterr().out.splitlines()
    assert "gone.json is old: run python -m deploy.grafana.make" in said
    assert len(said) == len(BOARDS) + 1
    assert make.main([], tmp_path) == 0
    assert make.main(["--check"], tmp_path) == 0
    assert make.kept(tmp_path) == make.made()


def test_a_misspelt_word_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Rather than taken for the writing of files."""
    assert make.main(["--chekc"]) == 2
    assert "[--check]" in capsys.readouterr().err


def test_uids_are_unique_and_titles_within_a_dashboard() -> None:
    """Links are made of them."""
    assert len({board.uid for board in BOARDS}) == len(BOARDS) == 7
    keys = [each.key for each in panels()]
    assert len(keys) == len(set(keys))


def test_a_dashboard_loads_wherever_a_prometheus_is() -> None:
    """Its source is a variable, nothing is to be filled in, and each leads to the others by their tag."""
    for name, each in dashboards().items():
        assert name == f"{each['uid']}.json"
        assert "__inputs" not in each
        assert [(one["name"], one["type"]) for one in each["templating"]["list"]] == [
            ("datasource", "datasource"),
            ("runbooks", "constant"),
        ]
        assert each["tags"] == [link for one in each["links"] for link in one["tags"]] == ["kindling"]
        assert each["description"]
    for panel in _asking():
        sources = [panel.json["datasource"], *(each["datasource"] for each in panel.json["targets"])]
        assert {(each["type"], each["uid"]) for each in sources} == {("prometheus", "${datasource}")}


def test_grafanas_own_model_reads_each_whole() -> None:
    """What it makes of the JSON is the JSON: no word of it is unknown to the model."""
    register_default_plugins()
    for each in dashboards().values():
        read = JSONEncoder(sort_keys=True).encode(Dashboard.from_json(each))
        assert json.loads(read) == each


def test_a_panel_is_a_question_with_unit_description_and_a_colour_where_a_bound_is() -> None:
    """Its links are to pages that are there."""
    for panel in _asking():
        assert panel.title.endswith("?"), panel.key
        assert panel.json["description"].endswith("."), panel.key
        defaults = panel.json["fieldConfig"]["defaults"]
        assert defaults["unit"], panel.key
        values = [step["value"] for step in defaults["thresholds"]["steps"]]
        assert values[0] is None
        assert values[1:] == sorted(values[1:]), panel.key
        for link in panel.json["links"]:
            page = link["url"].removeprefix("${runbooks}/")
            assert (ROOT / "docs" / "runbooks" / page).is_file(), (panel.key, page)


def test_every_alert_that_has_a_page_is_reached_from_a_panel() -> None:
    """Who looks at a dashboard finds what to do."""
    pages = {each.stem for each in (ROOT / "docs" / "runbooks").glob("*.md")}
    linked = {name for board in BOARDS for panel in board.panels() for name in panel.runbooks}
    assert pages - linked == set()


def test_panels_do_not_overlap_and_stay_on_the_grid() -> None:
    """At most 12 ask something."""
    for name in dashboards():
        drawn_here = [each for each in panels() if f"{each.uid}.json" == name]
        assert 0 < len([each for each in drawn_here if each.asked]) <= MOST
        for each in drawn_here:
            assert 0 <= each.place[0] < each.place[1] <= COLUMNS, each.key
        assert [(a.key, b.key) for a, b in itertools.combinations(drawn_here, 2) if _overlap(a, b)] == []


def test_panels_of_a_row_fill_its_lines() -> None:
    """And a row that would leave a gap is refused."""
    three = (graph("A?", "A.", {"": "a"}, "s"),) * 3
    table = Panel("B?", "B.", (Query("b"),), "s", kind=Kind.TABLE)
    assert widths(Row("Row?", (*three, table))) == [8, 8, 8, 24]
    assert widths(Row("Row?", three[:1])) == [24]
    with pytest.raises(ValueError, match="expected panels that fill their lines; came 5"):
        widths(Row("Row?", (*three, *three[:2])))


def test_quantiles_are_asked_of_the_histogram_with_its_selector() -> None:
    """By the labels that are told apart, and in words."""
    assert quantiles('a_seconds{b="c"}', "d") == {
        "{{d}} half within": (
            'histogram_quantile(0.5, sum by (d, le) (rate(a_seconds_bucket{b="c"}[$__rate_interval])))'
        ),
        "{{d}} 99 % within": (
            'histogram_quantile(0.99, sum by (d, le) (rate(a_seconds_bucket{b="c"}[$__rate_interval])))'
        ),
    }


def test_a_board_is_drawn_the_same_each_time() -> None:
    """Committed files change only where a board does."""
    board = Board("u", "T", "D.", (Row("Row?", (graph("A?", "A.", {"{{b}}": "a"}, "s"),)),))
    assert drawn(board) == drawn(board)


def test_panel_named_as_empty_is_there() -> None:
    """With an alert that has a page."""
    assert set(EMPTY_IN_HEALTH) <= {each.key for each in _asking()}
    for alert in EMPTY_IN_HEALTH.values():
        assert (ROOT / "docs" / "runbooks" / f"{alert}.md").is_file()


def test_runbooks_are_where_the_alerts_say() -> None:
    """One address: who changes it in one place is told of the other."""
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text(encoding="utf-8"))
    assert config["global"]["external_labels"]["runbooks"] == RUNBOOKS


def test_compose_tells_grafana_where_they_are() -> None:
    """The provider's folder is the one that is mounted."""
    provider = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/kindling.yaml").read_text(encoding="utf-8"))
    [path] = [each["options"]["path"] for each in provider["providers"]]
    grafana = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]["grafana"]
    source, target, _ = grafana["volumes"][0].split(":")
    assert (DEPLOY / source / path.removeprefix(f"{target}/")).resolve() == make.FOLDER.resolve()
    assert grafana["environment"]["GF_PATHS_PROVISIONING"] == f"{target}/provisioning"


def _asking() -> list[Drawn]:
    return [each for each in panels() if each.asked]


def _overlap(a: Drawn, b: Drawn) -> bool:
    left, right, top, bottom = a.place
    return left < b.place[1] and b.place[0] < right and top < b.place[3] and b.place[2] < bottom
