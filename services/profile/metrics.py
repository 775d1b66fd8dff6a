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
CONVERSIONS_OPENED = Counter(
    "kindling_conversions_opened_total", "Conversions that opened a trigger: what mails are to come of"
)
WITHOUT_END = Counter(
    "kindling_conversions_without_end_total",
    "Mails asked for whose time ended, and two minutes more, without a word of what became: counted by the owner of "
    "the partition at that moment, not while it is behind",
)
PERSONS = Gauge(
    "kindling_persons",
    "Persons stored in the partitions of this process, as the store estimates: one that was written again since the "
    "last compaction may count more than once",
)
STATE_BYTES = Gauge(
    "kindling_state_bytes", "Bytes that the store holds of the partitions of this process, in memory and on disk"
)
FEEDBACK = Counter(
    "kindling_feedback_total",
    "Feedback of mails that was folded, once each: by its word, and by whose mailbox it is, a provider by name, other, "
    "or unknown where the person has no address",
    ["type", "domain"],
)
ARMS = Counter(
    "kindling_arms_total", "Triggers asked for or held out, by the arm of the experiment that the person is in", ["arm"]
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
            if reason is Became.OPENED:
                CONVERSIONS_OPENED.inc(number)
        else:
            OUTCOMES.labels(str(reason)).inc(number)
