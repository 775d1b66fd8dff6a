"""Every metric of the composer; what becomes of records is counted by the runtime."""

from prometheus_client import Counter, Histogram

REFUSALS = Counter(
    "kindling_gate_refusals_total", "Findings of the gate over a copy, by attempt and rule", ["attempt", "rule"]
)
MAIL_COST = Histogram(
    "kindling_mail_cost_micros",
    "What one finished mail cost of models, of all stages: millionths of the currency of the prices",
    buckets=(0, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000),
)
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
