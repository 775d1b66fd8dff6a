"""A recommender's fold of statistics alone, for its kill plan: what is slow to start (embedder, index) is left out.

Its transactions are small, so that a blow falls between two of one burst; its session is the shortest a broker grants,
since a plan only waits for its end.
"""

import sys

from schemas.groups import STANDING
from schemas.topics import CATALOG_STANDING, COURSES_SIGNALS
from services.recommender.adapters.catalogue.catalogue import TOPICS, ViewedCatalogue
from services.recommender.adapters.catalogue.statistics_fold import StatisticsFold
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_fold import FoldPolicy, run_fold
from services.runtime.kafka_view import View
from services.runtime.process import Process, run
from services.runtime.settings import ServiceSettings

POLICY = FoldPolicy(
    stage="standing", group=STANDING.name, source=COURSES_SIGNALS, output=CATALOG_STANDING,
    letters="recommender", most=20, linger_s=0.05, session_s=6.0,
)  # fmt: skip


async def serve(settings: ServiceSettings, process: Process) -> None:
    """Read the catalogue, then fold until told to stop."""
    catalogue = ViewedCatalogue()
    view = View(kafka_of(settings), TOPICS, catalogue.apply)
    try:
        await view.start(process.tasks)
        await run_fold(POLICY, kafka_of(settings), lambda: StatisticsFold(catalogue.courses_topics), process)
    finally:
        await view.stop()


if __name__ == "__main__":
    sys.exit(run("statistics", ServiceSettings, serve))
