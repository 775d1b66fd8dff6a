"""The dashboards in the order in which somebody on call reads them; each module is one."""

from deploy.grafana.board import Board
from deploy.grafana.boards import decisions, mail, model, overview, pipeline, profile, runtime

BOARDS: tuple[Board, ...] = (
    overview.BOARD,
    pipeline.BOARD,
    profile.BOARD,
    decisions.BOARD,
    mail.BOARD,
    model.BOARD,
    runtime.BOARD,
)
