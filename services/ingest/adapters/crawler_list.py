"""Whose user agent is a crawler's, by the list that the library brings along."""

from crawleruseragents import is_crawler


class CrawlerList:
    """The list as the wheel has it, some 1,500 patterns: about 100 µs an agent, nothing is downloaded."""

    def __call__(self, agent: str) -> bool:
        """True where a pattern of the list is in the agent."""
        return bool(is_crawler(agent))
