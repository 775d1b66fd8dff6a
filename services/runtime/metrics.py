"""The runtime's metrics, declared once. Labels are bounded: stages, short topic names, reasons of enums."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

RECORDS = Counter("kindling_records_total", "Records handled, by how", ("stage", "topic", "outcome", "reason"))
RECORD_SECONDS = Histogram("kindling_record_seconds", "From taken to finished", ("stage", "topic"), buckets=SECONDS)
IN_FLIGHT = Gauge("kindling_records_in_flight", "Records taken and not yet committed", ("stage",))
OFFSETS_BACK = Counter(
    "kindling_offsets_back_total", "Committed offsets found behind where this process had left them", ("stage",)
)
PAUSED_SECONDS = Counter(
    "kindling_paused_seconds_total", "Time in which nothing was taken, for as much was in flight as may be", ("stage",)
)
PAUSED = Gauge("kindling_paused", "1 while the operator has paused what this switch is for, else 0", ("switch",))
TRANSACTION_SECONDS = Histogram(
    "kindling_transaction_seconds", "One transaction, begin to commit", ("stage",), buckets=SECONDS
)
UNAVAILABLE = Counter("kindling_unavailable_total", "Tries that found Kafka or a store away", ("stage",))
ASIDE = Gauge("kindling_records_aside", "Records set aside until a time", ("stage", "partition"))
UNREADABLE_POINTERS = Counter(
    "kindling_unreadable_pointers_total",
    "Pointers to records set aside that could not be read: `rebuilt` from their key, or `lost` where it names no place",
    ("topic", "outcome"),
)
PARTITIONS = Gauge("kindling_partitions_owned", "Input partitions this process owns", ("stage",))
FOLD_ROWS = Counter("kindling_fold_rows_total", "Rows a fold wrote of its state", ("stage",))
VIEW_RECORDS = Counter("kindling_view_records_total", "Records applied to a view", ("topic", "outcome"))
SUPPRESSED_ADDRESSES = Gauge(
    "kindling_suppressed_addresses", "Addresses the view of suppressions knows, lifted ones included"
)
RESTARTS = Gauge(
    "kindling_restarts",
    "Times the supervisor started this service again, and the status it had ended with: empty at first, 137 if killed",
    ("last_status",),
)
UNREADABLE_SUPPRESSIONS = Gauge(
    "kindling_unreadable_suppressions",
    "Keys of suppressions whose latest record cannot be read: `address` refuses every mail of its address, "
    "`nobody` names no address; both need the operator",
    ("of",),
)

# Names, buckets and labels of the GenAI semantic conventions of OpenTelemetry, in Prometheus form; `stage` is ours.
LLM_SECONDS = Histogram(
    "gen_ai_client_operation_duration_seconds",
    "One question to one model, with its tries; error_type is empty for an answer",
    ("gen_ai_operation_name", "gen_ai_request_model", "error_type", "stage"),
    buckets=(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92),
)
LLM_TOKENS = Histogram(
    "gen_ai_client_token_usage",
    "Tokens of one question as the endpoint counted them",
    ("gen_ai_operation_name", "gen_ai_request_model", "gen_ai_token_type", "stage"),
    buckets=tuple(4**power for power in range(14)),
)
LLM_COST = Counter(
    "kindling_llm_cost_micros_total", "Paid for models, in millionths of the currency of the prices", ("model", "stage")
)
LLM_RETRIES = Counter("kindling_llm_retries_total", "Questions asked again, by what went wrong", ("model", "fault"))
LLM_BREAKER_OPENINGS = Counter(
    "kindling_llm_breaker_openings_total",
    "Times a model was left alone, by the last fault; insufficient_quota and denied need the operator",
    ("model", "fault"),
)
LLM_ESCALATIONS = Counter(
    "kindling_llm_escalations_total", "Questions that went on to the larger model, by why", ("model", "stage", "why")
)
LLM_OVER_BUDGET = Counter(
    "kindling_llm_over_budget_total", "Questions not asked because a budget was spent", ("stage", "scope")
)
LLM_NO_TIME = Counter(
    "kindling_llm_no_time_total", "Questions not asked because the decision's patience was spent", ("stage",)
)
LLM_FROM_LEDGER = Counter(
    "kindling_llm_from_ledger_total", "Replies that an earlier attempt had paid for", ("model", "stage")
)
