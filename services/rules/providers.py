"""Whose mailboxes a domain is of: a dozen providers by name, so that a bad hour of one is seen as such."""

OTHER, UNKNOWN = "other", "unknown"
_DOMAINS = {
    "gmail": ("gmail.com", "googlemail.com"),
    "outlook": ("outlook.com", "hotmail.com", "live.com", "msn.com"),
    "yahoo": ("yahoo.com", "ymail.com", "rocketmail.com"),
    "aol": ("aol.com", "aim.com"),
    "icloud": ("icloud.com", "me.com", "mac.com"),
    "proton": ("proton.me", "protonmail.com", "pm.me"),
    "gmx": ("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com"),
    "webde": ("web.de",),
    "tonline": ("t-online.de",),
    "orange": ("orange.fr", "wanadoo.fr"),
    "free": ("free.fr",),
    "libero": ("libero.it",),
    "qq": ("qq.com", "foxmail.com"),
    "netease": ("163.com", "126.com"),
    "naver": ("naver.com",),
    "yandex": ("yandex.ru", "yandex.com", "ya.ru"),
    "mailru": ("mail.ru", "bk.ru", "inbox.ru", "list.ru"),
}
_BY_DOMAIN = {domain: name for name, domains in _DOMAINS.items() for domain in domains}
_COUNTRIES = {"hotmail": "outlook", "outlook": "outlook", "live": "outlook", "yahoo": "yahoo", "yandex": "yandex"}
PROVIDERS = (*_DOMAINS, OTHER, UNKNOWN)
"""Every word there is. `other`: a domain of none of these, as a rule a company's own; `unknown`: nobody knows it."""


def provider_of(domain: str | None) -> str:
    """The provider of a domain, whatever its case; those with a domain a country (`yahoo.co.uk`) by its first label."""
    if not domain:
        return UNKNOWN
    name = domain.lower()
    return _BY_DOMAIN.get(name) or _by_country(name) or OTHER


def _by_country(name: str) -> str | None:
    """The provider of a domain such as `hotmail.fr` or `yahoo.com.br`; None of any other."""
    first, _, rest = name.partition(".")
    labels = rest.split(".")
    is_country = len(labels[-1]) == len("uk") and (len(labels) == 1 or labels[:-1] in (["co"], ["com"]))
    return _COUNTRIES.get(first) if is_country else None
