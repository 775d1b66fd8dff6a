"""Who is no person: crawlers, monitors, headless browsers and mail scanners, by what they call themselves."""

import re
from functools import lru_cache

# The words of the IAB's and crawler-user-agents' lists that cover their bulk; a bot that lies is told by its behaviour.
_BOT = re.compile(
    r"bot\b|bot[/;_-]|crawl|spider|slurp|headless|phantomjs|puppeteer|playwright|selenium|webdriver|lighthouse|pingdom|"
    r"uptime|statuscake|gtmetrix|facebookexternalhit|embedly|preview|validator|scanner|proofpoint|mimecast|barracuda|"
    r"curl/|wget/|python-requests|go-http-client|okhttp/0",
    re.IGNORECASE,
)
MAX_AGENT_LENGTH = 500  # what comes after tells nothing more
KNOWN_AGENTS = 4_096  # a site sees few thousand different ones; 2 MB at most


def is_bot(agent: object) -> bool:
    """True for a user agent that says it is a machine."""
    return isinstance(agent, str) and _says_bot(agent[:MAX_AGENT_LENGTH])


@lru_cache(maxsize=KNOWN_AGENTS)
def _says_bot(agent: str) -> bool:
    return _BOT.search(agent) is not None
