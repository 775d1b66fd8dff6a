"""Every metric of the console."""

from prometheus_client import Counter

REQUESTS = Counter(
    "kindling_console_requests_total",
    "Requests answered, by page and HTTP status",
    ["page", "status"],
)
