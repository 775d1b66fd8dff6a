"""A board as Grafana reads it, through its own builders: the one file that knows `grafana-foundation-sdk`."""

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as c
from grafana_foundation_sdk.models import dashboard as d
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.board import Board, Kind, Panel, Row

WIDE = 24  # columns of Grafana's grid
A_LINE = {Kind.FIGURE: 4, Kind.TABLE: 1, Kind.GRAPH: 3}
HIGH = {Kind.FIGURE: 4, Kind.TABLE: 6, Kind.GRAPH: 8}
RUNBOOKS = "https://example.com/kindling/docs/runbooks"  # as in prometheus.yaml: put where yours are served
SOURCE = d.DataSourceRef(type_val="prometheus", uid="${datasource}")
PAGE_OF_ALERT = "${runbooks}/${__data.fields.alertname}.md"
TAG = "kindling"
SINCE = "now-6h"
AGAIN = "30s"

Builder = timeseries.Panel | stat.Panel | table.Panel


def drawn(board: Board) -> str:
    """The dashboard's JSON, to be committed."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags([TAG])
        .readonly()
        .time(SINCE, "now")
        .refresh(AGAIN)
        .tooltip(d.DashboardCursorSync.CROSSHAIR)
        .with_variable(
            dashboard.DatasourceVariable("datasource")
            .label("Prometheus")
            .type("prometheus")
            .current(d.VariableOption(text="default", value="default"))
        )
        .with_variable(dashboard.ConstantVariable("runbooks").label("Where docs/runbooks is served").value(RUNBOOKS))
        .link(
            dashboard.DashboardLink("Kindling")
            .type(d.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .icon("external link")
            .keep_time(keep_time=True)
            .include_vars(include_vars=True)
        )
    )
    for row in board.rows:
        made.with_row(dashboard.Row(row.title))
        for panel, width in zip(row.panels, widths(row), strict=True):
            made.with_panel(_panel(panel, width))
    built = made.build()
    for number, each in enumerate(built.panels or [], 1):
        each.id_val = number
    return JSONEncoder(sort_keys=True, indent=1).encode(built) + "\n"


def widths(row: Row) -> list[int]:
    """Columns of each panel: those of one kind that follow each other share lines of full width.

    Raises:
        ValueError: so many do not fill their lines.
    """
    found: list[int] = []
    while len(found) < len(row.panels):
        rest = row.panels[len(found) :]
        kind = rest[0].kind
        count = next((place for place, each in enumerate(rest) if each.kind is not kind), len(rest))
        in_line = next((each for each in range(A_LINE[kind], 0, -1) if count % each == 0), 1)
        if in_line == 1 < count and kind is not Kind.TABLE:
            raise ValueError(f"{row.title}: expected panels that fill their lines; came {count} of {kind}")
        found += [WIDE // in_line] * count
    return found


def _panel(panel: Panel, width: int) -> Builder:
    made = _of_kind(panel)
    made.title(panel.title).description(panel.description).unit(panel.unit).datasource(SOURCE)
    made.height(HIGH[panel.kind]).span(width)
    made.thresholds(_thresholds(panel))
    for number, query in enumerate(panel.queries):
        asked = prometheus.Dataquery().expr(query.expr).ref_id("ABCDEFGH"[number]).datasource(SOURCE)
        asked.legend_format(query.legend or "__auto")
        if panel.kind is Kind.TABLE:
            asked.instant().format(PromQueryFormat.TABLE)
        else:
            asked.range()
        made.with_target(asked)
    made.links([_runbook(name) for name in panel.runbooks])
    return made


def _of_kind(panel: Panel) -> Builder:
    match panel.kind:
        case Kind.FIGURE:
            latest = common.ReduceDataOptions().calcs(["lastNotNull"])
            return stat.Panel().color_mode(c.BigValueColorMode.BACKGROUND).reduce_options(latest)
        case Kind.TABLE:
            link = dashboard.DashboardLink("What to do").url(PAGE_OF_ALERT).target_blank(target_blank=True)
            tidy = d.DataTransformerConfig("organize", options={"excludeByName": {"Time": True}})
            return (
                table.Panel()
                .show_header(show_header=True)
                .with_transformation(tidy)
                .override_by_name("alertname", [d.DynamicConfigValue("links", [link.build()])])
            )
        case Kind.GRAPH:
            mode = c.GraphTresholdsStyleMode  # spelt so by the library
            shown = mode.DASHED if panel.steps else mode.OFF
            return (
                timeseries.Panel()
                .fill_opacity(8)
                .show_points(c.VisibilityMode.NEVER)
                .thresholds_style(common.GraphThresholdsStyleConfig().mode(shown))
                .tooltip(common.VizTooltipOptions().mode(c.TooltipDisplayMode.MULTI).sort(c.SortOrder.DESCENDING))
            )


def _thresholds(panel: Panel) -> dashboard.ThresholdsConfig:
    steps = [d.Threshold(None, panel.below), *(d.Threshold(float(value), colour) for value, colour in panel.steps)]
    return dashboard.ThresholdsConfig().mode(d.ThresholdsMode.ABSOLUTE).steps(steps)


def _runbook(name: str) -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink(f"Runbook: {name}")
        .type(d.DashboardLinkType.LINK)
        .url(f"${{runbooks}}/{name}.md")
        .target_blank(target_blank=True)
    )
