"""Every metric of the profile service; the Faust adapter counts after each commit."""

from collections.abc import Mapping

from prometheus_client import Counter, Gauge

from services.profile.core.reasons import Became
from services.profile.core.waiting import AGES

OUTCOMES = Counter(
    "kindling_profile_outcomes_total",
    "Events, records and triggers by what became of them: folded, repeats, links and waits for them, asked, and each "
    "reason not to ask",
    ["reason"],
)
CONVERSIONS = Counter(
    "kindling_profile_conversions_total",
    "Conversions that came, each by one word: opened, joined, ended or no_playbook where it was folded; else rekeyed "
    "(it comes again where it is folded), repeat, bot or rejected; none of a record that is no JSON",
    ["became"],
)
WAITING = Gauge(
    "kindling_profile_waiting_triggers",
    "Triggers that wait in the partitions of this process, by how long ago their conversion came",
    ["age"],
)
OLDEST = Gauge(
    "kindling_profile_oldest_waiting_trigger_seconds",
    "How long ago the conversion of the oldest waiting trigger came, up to a minute more; 0 where none waits",
)
CONTENT_PIECES = Gauge(
    "kindling_profile_content_pieces", "Pieces of content that titles are looked up among, of file and topic"
)
CONTENT_LEFT_OUT = Counter(
    "kindling_profile_content_left_out_total",
    "Records of catalog.content that were left out, since KINDLING_PROFILE_CONTENT_MB has no room for them",
)

for _became in Became:  # there before the first: an alarm on what is absent would never end
    CONVERSIONS.labels(_became.word)
for _age in AGES:
    WAITING.labels(_age)


def count(counts: Mapping[str, int]) -> None:
    """Add the counts of a committed step."""
    for reason, number in counts.items():
        if isinstance(reason, Became):
            CONVERSIONS.labels(reason.word).inc(number)
        else:
            OUTCOMES.labels(str(reason)).inc(number)
