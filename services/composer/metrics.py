"""Every metric of the composer; what becomes of records is counted by the runtime."""

from prometheus_client import Counter, Histogram

ENDINGS = Counter("kindling_composer_endings_total", "Triggers ended here, by ending and reason", ["ending", "reason"])
RUNGS = Counter("kindling_composer_rungs_total", "Copies by the rung that wrote them: llm, template, none", ["rung"])
REFUSALS = Counter("kindling_composer_refusals_total", "Findings of the gate, by attempt and rule", ["attempt", "rule"])
READINGS = Counter(
    "kindling_composer_readings_total",
    "Copies read a second time, by what came: answer, invalid, or a fault",
    ["outcome"],
)
COMPOSE_SECONDS = Histogram(
    "kindling_composer_compose_duration_seconds",
    "Seconds from a recommendation to its end, questions included",
    buckets=(0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60),
)
RENDER_SECONDS = Histogram(
    "kindling_composer_render_duration_seconds",
    "Seconds to render one letter into both parts",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.03, 0.1),
)
