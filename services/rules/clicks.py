"""Who clicked: a person, or a machine that looks behind the links of a mail before the person may.

Proofpoint, Barracuda, Mimecast, Microsoft's Safe Links and their like fetch every link as a mail comes in. What gives
them away is published, and the figures differ (read in November 2026):

- Mautic takes two seconds after the sending (`bot_helper_time_email_threshold`, its EmailBundle), others 1.5;
- Marketo Engage takes more than two actions within two seconds ("Filtering Email Bot Activity");
- who audits the logs of ESPs names five to ten seconds after delivery as faster than people read, every link of a mail
  clicked, `HEAD` requests, and the scanners' user agents.

We follow the two seconds of the two products for `yes`, and the ten seconds of the others for `suspected`, which
counts as little. What counts is what a mail taught: a person who is that quick is rare, and their later click counts,
while a scanner clicks in every mail to its company. No link is hidden in a mail to trap them: filters and screen
readers mind it. A scanner that waits for minutes, and then follows one link as a browser does, no row tells from a
person.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

INSTANT_MS = 2_000  # after delivery, and between the clicks of a burst
SOON_MS = 10_000
BURST = 3  # distinct links: Marketo's "more than two"
SEVERAL = 2  # links of a mail of which "every one" says something
MOST_AGENT = 500  # characters looked at; what comes after tells nothing more
_SCANNER = re.compile(
    r"(?<!cu)bot\b|crawl|spider|scanner|headless|phantomjs|proofpoint|urldefense|mimecast|barracuda|cudasvc|ironport|"
    r"ciscosecure|messagelabs|symantec|trendmicro|fireeye|forcepoint|fortimail|fortiguard|sophos|safelinks|"
    r"existence discovery|curl/|wget/|python-requests|python-urllib|go-http-client|java/\d",
    re.IGNORECASE,
)


class Verdict(StrEnum):
    """Whether a machine did it."""

    NO = "no"
    SUSPECTED = "suspected"
    YES = "yes"


class Click(NamedTuple):
    """What is known of who followed a link, or opened a mail.

    `vendor`: what the ESP says of a machine; a word that nobody here knows is a suspicion. `method` and `agent`: of the
    request; empty where nobody says. `after_ms`: since delivery, below 0 before it; None where nobody knows. `at_once`
    and `soon`: distinct links of the mail that were followed within two and ten seconds, this one among them. `links`:
    those that the mail is known to have.
    """

    word: str = "clicked"
    vendor: str = ""
    method: str = ""
    agent: str = ""
    after_ms: int | None = None
    at_once: int = 1
    soon: int = 1
    links: int = 1


class Row(NamedTuple):
    """One rule by its name: its verdict where it holds, and why."""

    name: str
    verdict: Verdict
    why: str
    holds: Callable[[Click], bool]


ROWS: tuple[Row, ...] = (
    Row("vendor", Verdict.YES, "the ESP says so: it sees whose network it was", lambda each: each.vendor == "yes"),
    Row("head", Verdict.YES, "a browser fetches a page; who asks for its head alone reads nothing",
        lambda each: each.method.upper() == "HEAD"),
    Row("agent", Verdict.YES, "it calls itself a scanner or a program", lambda each: _is_scanner(each.agent)),
    Row("instant", Verdict.YES, "nobody reads a mail in two seconds, or before it is there",
        lambda each: each.after_ms is not None and each.after_ms < INSTANT_MS),
    Row("burst", Verdict.YES, "nobody follows three links in two seconds", lambda each: each.at_once >= BURST),
    Row("every", Verdict.YES, "nobody follows all links of a mail in two seconds",
        lambda each: SEVERAL <= each.links <= each.at_once),
    Row("soon", Verdict.SUSPECTED, "few read a mail in ten seconds",
        lambda each: each.after_ms is not None and each.after_ms < SOON_MS),
    Row("every_soon", Verdict.SUSPECTED, "few follow all links of a mail in ten seconds",
        lambda each: SEVERAL <= each.links <= each.soon),
    Row("vendor_suspects", Verdict.SUSPECTED, "the ESP is not sure", lambda each: each.vendor not in {"", "no"}),
    Row("open", Verdict.SUSPECTED, "Apple and others fetch a mail's images unread", lambda each: each.word == "opened"),
)  # fmt: skip
"""The first that holds counts, so the surer stand first. A vendor's `no` is no row: it did not see what we see."""


def row_of(click: Click) -> Row | None:
    """The first row that holds; None where none does."""
    return next((row for row in ROWS if row.holds(click)), None)


def verdict(click: Click) -> Verdict:
    """Whether a machine did it: no, where no row holds."""
    row = row_of(click)
    return Verdict.NO if row is None else row.verdict


def _is_scanner(agent: str) -> bool:
    return _SCANNER.search(agent[:MOST_AGENT]) is not None
