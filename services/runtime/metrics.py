"""The runtime's metrics, declared once. Labels are bounded: stages, short topic names, reasons of enums."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

RECORDS = Counter("kindling_records_total", "Records handled, by how", ("stage", "topic", "outcome", "reason"))
RECORD_SECONDS = Histogram("kindling_record_seconds", "From taken to finished", ("stage", "topic"), buckets=SECONDS)
IN_FLIGHT = Gauge("kindling_records_in_flight", "Records taken and not yet committed", ("stage",))
TRANSACTION_SECONDS = Histogram(
    "kindling_transaction_seconds", "One transaction, begin to commit", ("stage",), buckets=SECONDS
)
UNAVAILABLE = Counter("kindling_unavailable_total", "Tries that found Kafka or a store away", ("stage",))
PARTITIONS = Gauge("kindling_partitions_owned", "Input partitions this process owns", ("stage",))
VIEW_RECORDS = Counter("kindling_view_records_total", "Records applied to a view", ("topic", "outcome"))
SUPPRESSED_ADDRESSES = Gauge(
    "kindling_suppressed_addresses", "Addresses the view of suppressions knows, lifted ones included"
)

# Names of the GenAI semantic conventions of OpenTelemetry, in Prometheus form.
LLM_SECONDS = Histogram(
    "gen_ai_client_operation_duration_seconds",
    "One question, with its tries",
    ("gen_ai_request_model", "stage", "outcome"),
    buckets=SECONDS,
)
LLM_TOKENS = Counter(
    "gen_ai_client_token_usage_total",
    "Tokens as the endpoint counted them",
    ("gen_ai_request_model", "stage", "gen_ai_token_type"),
)
