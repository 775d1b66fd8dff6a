"""A list of few crawlers: for tests."""

KNOWN = ("Googlebot", "bingbot", "AhrefsBot", "HeadlessChrome", "Chrome-Lighthouse")


class FakeCrawlers:
    """A verified fake: what it knows the list knows too."""

    def __call__(self, agent: str) -> bool:
        """True where one of `KNOWN` is in the agent."""
        return any(each in agent for each in KNOWN)
