"""Domains of services that make addresses for a while, by the list that the library brings along."""

from disposable_email_domains import blocklist


class DisposableDomains:
    """The list as the wheel has it; nothing is downloaded at run time."""

    def __init__(self) -> None:
        self._list = frozenset(blocklist)

    def is_disposable(self, domain: str) -> bool:
        """True where the list names the domain itself."""
        return domain in self._list
