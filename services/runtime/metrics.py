"""The runtime's metrics, declared once, and those that several services count. Labels are bounded: see `labels.py`.

`stage` is collector, ingest, profile, recommender, standing (the fold of course statistics), composer, connector or
console; of what is said of models it is the question asked: company, job+imagine, pick, copy, reader.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from schemas.topics import Topic

disable_created_metrics()  # type: ignore[no-untyped-call] # a third of all series, for what nobody asks

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

LONG_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400)


class Path(StrEnum):
    """A way through the services that is measured from end to end."""

    ACCEPTED_TO_PROFILE = "accepted_to_profile"
    DUE_TO_MAIL = "due_to_mail"
    FEEDBACK_TO_DECISION = "feedback_to_decision"


BUILD_INFO = Gauge(
    "kindling_build_info",
    "Which version runs, as which service, on which Python: always 1",
    ("version", "service", "python"),
)
RECORDS = Counter("kindling_records_total", "Records handled, by how", ("stage", "topic", "outcome", "reason"))
RECORD_SECONDS = Histogram(
    "kindling_record_seconds",
    "How long a record takes: seconds from taken to committed; of one that was set aside, of its last look",
    ("stage", "topic"),
    buckets=SECONDS,
)
TIME_LAG = Histogram(
    "kindling_time_lag_seconds",
    "How old what is handled is: seconds from a record's own time to its commit, 0 of a time to come. In ingest, "
    "profile and standing one observation a batch, of its oldest record; nothing of what was set aside",
    ("stage", "topic"),
    buckets=LONG_SECONDS,
)
LAG_RECORDS = Gauge(
    "kindling_lag_records",
    "Records of an owned input partition that are not handled yet, those in flight among them; asked every few "
    "seconds, in the profile as its last fetch said",
    ("stage", "topic", "partition"),
)
LAST_PROGRESS = Gauge(
    "kindling_last_progress_timestamp_seconds",
    "When a stage last committed, or had nothing to do: unix time. While it stands and there is lag, nothing gets on",
    ("stage",),
)
END_TO_END = Histogram(
    "kindling_end_to_end_seconds",
    "What a person waits for: seconds on one path. accepted_to_profile: from when the collector took an event until "
    "it is folded, the oldest of a step; due_to_mail: from when a mail might go until a mail server took it; "
    "feedback_to_decision: from when feedback was taken until the profile that decides next stands on it",
    ("path",),
    buckets=LONG_SECONDS,
)
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
TRANSACTIONS = Counter(
    "kindling_transactions_total",
    "Transactions by how they ended: committed, or aborted (refused, or called off; the process ends, or begins anew)",
    ("stage", "outcome"),
)
FENCES = Counter(
    "kindling_fences_total",
    "Partitions taken over: each refuses the owner before. Who was refused ends with 75, which kindling_restarts tells",
    ("stage",),
)
DEAD_LETTERS = Counter(
    "kindling_dead_letters_total",
    "Records that nobody could handle, in the dead letters of a stage",
    ("stage", "reason"),
)
ENDINGS = Counter(
    "kindling_endings_total",
    "Triggers and mails by how a stage ended them, and by which rule; waiting ends an attempt, delivered is the mail "
    "server's word",
    ("stage", "ending", "reason"),
)
RUNGS = Counter(
    "kindling_rungs_total",
    "Which rung answered a step of a decision: llm, or one that needs none",
    ("stage", "step", "rung"),
)
CACHE = Counter(
    "kindling_cache_total",
    "Look-ups by whether the cache had it: person, llm_ledger, query_texts, vectors, company",
    ("cache", "result"),
)
RECOVERY_SECONDS = Gauge(
    "kindling_recovery_seconds",
    "Seconds that the last recovery took: reading what has to be known before work",
    ("stage",),
)
RECOVERING_RECORDS = Gauge(
    "kindling_recovering_records", "Records that a recovery still has to read; 0 when it is done", ("stage",)
)
DISK_FREE = Gauge(
    "kindling_disk_free_bytes", "Bytes free where this process keeps data, by the setting that names it", ("folder",)
)
DISK_SIZE = Gauge("kindling_disk_size_bytes", "Bytes of the disk where this process keeps data", ("folder",))
CLOCK_OFFSET = Gauge(
    "kindling_clock_offset_seconds",
    "How far this machine's clock is before the broker's: seconds, to within half of the way to it and back, as the "
    "broker dated what was just written to it; NaN of a process that writes no topic that it dates",
)
UNAVAILABLE = Counter("kindling_unavailable_total", "Tries that found Kafka or a store away", ("stage",))
ASIDE = Gauge("kindling_records_aside", "Records set aside until a time", ("stage", "partition"))
ASIDE_OLDEST = Gauge(
    "kindling_aside_oldest_seconds",
    "How long what waits longest was set aside: seconds; 0 where nothing is",
    ("stage",),
)
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
SUPPRESSION_VIEW_AGE = Gauge(
    "kindling_suppression_view_age_seconds",
    "How old what is known of refusals is: seconds since the view was last known to be at its end",
    ("stage",),
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
LLM_BREAKER_OPEN = Gauge(
    "kindling_llm_breaker_open",
    "1 while a model is left alone after its faults, by the service that asks",
    ("model", "stage"),
)
LLM_BUDGET_LEFT = Gauge(
    "kindling_llm_budget_left_ratio",
    "What is left of a budget, of its tokens or cost the smaller share, 0 to 1, by the service that asks; 1 where none "
    "is set",
    ("stage", "scope"),
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

CLOCK_OFFSET.set(float("nan"))  # nobody has looked


def got_on(stage: str) -> None:
    """Note that a stage got on, or has nothing to do."""
    LAST_PROGRESS.labels(stage).set_to_current_time()


def begin(stage: str) -> None:
    """Let what alarms ask of transactions be there before the first: what is absent does not increase."""
    for outcome in ("committed", "aborted"):
        TRANSACTIONS.labels(stage, outcome)
    for each in (TRANSACTION_SECONDS, FENCES, OFFSETS_BACK):
        each.labels(stage)
    got_on(stage)


def begin_topics(stage: str, topics: Iterable[Topic]) -> None:
    """The same of how old what a stage takes from its topics is."""
    for topic in topics:
        TIME_LAG.labels(stage, topic.short)


def begin_records(stage: str, topics: Iterable[Topic]) -> None:
    """The same of a stage that handles record by record; reasons come with the records."""
    for each in (PAUSED_SECONDS, UNAVAILABLE):
        each.labels(stage)
    for topic in topics:
        RECORD_SECONDS.labels(stage, topic.name)
        RECORDS.labels(stage, topic.name, "emit", "")


def begin_fold(stage: str, source: Topic, undecodable: str) -> None:
    """The same of a stage that folds its one topic; `undecodable` is the reason of what it cannot read."""
    FOLD_ROWS.labels(stage)
    for outcome, reason in (("emit", ""), ("reject", undecodable)):
        RECORDS.labels(stage, source.name, outcome, reason)


def begin_letters(stage: str, reasons: Iterable[str]) -> None:
    """The same of the reasons of a stage's dead letters."""
    for reason in reasons:
        DEAD_LETTERS.labels(stage, reason)


def begin_rungs(stage: str, rungs: Mapping[str, Iterable[str]]) -> None:
    """The same of the rungs that may answer each step of a stage."""
    for step, words in rungs.items():
        for rung in words:
            RUNGS.labels(stage, step, rung)


def begin_endings(stage: str, endings: Iterable[tuple[str, str]]) -> None:
    """The same of the endings of a stage, each with its reason."""
    for ending, reason in endings:
        ENDINGS.labels(stage, ending, reason)
