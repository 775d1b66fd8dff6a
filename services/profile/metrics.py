"""Every metric of the profile service; the Faust adapter counts after each commit."""

from collections.abc import Mapping

from prometheus_client import Counter

OUTCOMES = Counter(
    "kindling_profile_outcomes_total",
    "Events, records and triggers by what became of them: folded, repeats, links, asked, and each reason not to ask",
    ["reason"],
)


def count(counts: Mapping[str, int]) -> None:
    """Add the counts of a committed step."""
    for reason, number in counts.items():
        OUTCOMES.labels(str(reason)).inc(number)
