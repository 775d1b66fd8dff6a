"""Who is no person: crawlers, monitors, headless browsers and mail scanners, by what they call themselves.

A list that others maintain says most of it; it comes in from outside. The few words here are what it lacks.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

Listed: TypeAlias = Callable[[str], bool]
"""True for the user agent of a crawler that the list knows."""

MAX_AGENT_LENGTH = 500  # what comes after tells nothing more
KNOWN_AGENTS = 4_096  # a site sees few thousand different ones: 3 MB at most, and an unknown one costs some 100 µs
# Robots that no list knows yet, by the word that robots go by: a CUBOT is a phone, and its owner a person.
_OWN = re.compile(
    r"(?<!cu)bot(?![a-z])|crawl|spider|headless|webdriver|preview|validator|scanner|"
    r"proofpoint|mimecast|barracuda|fireeye|trend ?micro|undici|postmanruntime|^java/",
    re.IGNORECASE,
)


def nobody(agent: str) -> bool:
    """An empty list."""
    del agent
    return False


def judge(listed: Listed) -> Callable[[object], bool]:
    """What says of a user agent that it is a machine's: by the list, or by our own few words. Remembered by agent."""

    @lru_cache(maxsize=KNOWN_AGENTS)
    def says_bot(agent: str) -> bool:
        return _OWN.search(agent) is not None or listed(agent)

    def is_bot(agent: object) -> bool:
        return isinstance(agent, str) and says_bot(agent[:MAX_AGENT_LENGTH])

    return is_bot
