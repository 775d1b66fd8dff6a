"""Which part of a name somebody registered, by the public suffix list that the library brings along."""

from publicsuffixlist import PublicSuffixList


class PublicSuffixes:
    """The list with its private part, so that two customers of one hosting service are two domains."""

    def __init__(self) -> None:
        self._list = PublicSuffixList(accept_unknown=False)

    def registrable(self, host: str) -> str | None:
        """`acme.co.uk` of `www.acme.co.uk`; None for a suffix itself, and under a suffix nobody listed."""
        domain: str | None = self._list.privatesuffix(host)
        return domain

    def suffix_of(self, host: str) -> str | None:
        """`co.uk` of `www.acme.co.uk` and of itself; None under a suffix nobody listed."""
        suffix: str | None = self._list.publicsuffix(host)
        return suffix
