"""Every metric of the connector; what becomes of records is counted by the runtime."""

from prometheus_client import Counter, Histogram

from services.rules.providers import PROVIDERS

ANSWERS = Counter(
    "kindling_connector_answers_total",
    "Letters by what the mail server made of them: accepted, declined, deferred, lost, held (by us), barred, away; and "
    "by whose mailbox it is, a provider by name or other",
    ["answer", "domain"],
)
for _answer in ("accepted", "declined", "deferred", "lost", "held", "barred", "away"):
    for _provider in PROVIDERS:
        ANSWERS.labels(_answer, _provider)
DEFERRALS = Counter(
    "kindling_connector_deferrals_total",
    "Letters the mail server did not take for now, by cause: what its reply is about, or broken_off",
    ["cause"],
)
SEND_SECONDS = Histogram(
    "kindling_connector_send_duration_seconds",
    "Seconds from connecting to the mail server to its last word on one letter",
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
)
CLAIMS = Counter(
    "kindling_connector_claims_total",
    "Message ids by what the ledger knew of them: taken (free), open (claimed, no end), end (ended before)",
    ["standing"],
)
