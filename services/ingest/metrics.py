"""The metrics of ingest, each with its meaning."""

from prometheus_client import Counter, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Counter("kindling_ingest_requests_total", "Requests answered, by route and status", ["route", "status"])
REQUEST_SECONDS = Histogram(
    "kindling_ingest_request_seconds", "From the last byte of a request to its answer", ["route"], buckets=SECONDS
)
RECORDS = Counter("kindling_ingest_records_total", "Raw records handled, by source topic", ["topic"])
EVENTS = Counter(
    "kindling_ingest_events_total",
    "What batches held: events packed, repeats left out, bots; clamped times, placeholder ids, withdrawals in "
    "doubt, pieces of content published or withdrawn",
    ["outcome"],
)
REJECTS = Counter("kindling_ingest_rejects_total", "Records to dlq.ingest, by reason", ["reason"])
PACKS = Counter("kindling_ingest_packs_total", "Packs written to events.clean")
BATCH_SECONDS = Histogram(
    "kindling_ingest_batch_seconds", "From taken records to their committed offsets", buckets=SECONDS
)
TRIES = Counter("kindling_ingest_unavailable_total", "Times Kafka was away when something was to be kept or read")
KEYS_READ = Counter(
    "kindling_ingest_keys_read_total",
    "Times the file of keys was looked at and had changed, or was `broken`: then the keys of before hold",
    ["outcome"],
)
HOOKS_READ = Counter(
    "kindling_ingest_webhooks_read_total",
    "Times the file of webhooks was looked at and had changed, or was `broken`: then the webhooks of before hold",
    ["outcome"],
)
HOOK_EVENTS = Counter(
    "kindling_ingest_webhook_events_total",
    "Events that ESPs told: kept, not ours, of an address that is suppressed, of mail that came in, unread",
    ["esp", "fate"],
)
