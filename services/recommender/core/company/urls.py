"""URLs that others wrote, read strictly: what two parsers could read in two ways is no URL here."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from services.recommender.core.company.values import Why

MOST_CHARACTERS = 2_000
MOST_HOST, MOST_LABEL = 253, 63  # RFC 1035, 2.3.4
PORTS = {"http": "80", "https": "443"}
# Neither userinfo nor brackets nor percent signs nor backslashes nor white space: a host is names and dots.
_URL = re.compile(r"(https?)://([^\s/?#@:\\%\[\]]+)(?::([0-9]{1,5}))?([/?][^\s\\#]*)?(?:#[^\s\\]*)?", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_LAST = re.compile(r"[a-z]{2,}|xn--[a-z0-9-]+")  # never a number, in any base: RFC 3696, 2
_KEPT = {"Ll", "Lo", "Lm", "Mn", "Mc"}
_DEVIATING = frozenset("ßς")  # one standard of names maps them, the other does not: two different domains


@dataclass(frozen=True, slots=True)
class Url:
    """A URL of the port that belongs to its scheme; the host in lower case, ASCII."""

    scheme: str
    host: str
    path: str = "/"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}"

    @property
    def origin(self) -> str:
        """What has one robots.txt."""
        return f"{self.scheme}://{self.host}"


def url_of(text: str) -> Url | None:
    """The URL, or None for whatever is not plainly one of a name of the internet. Total."""
    stripped = text.strip()
    if len(stripped) > MOST_CHARACTERS or (found := _URL.fullmatch(stripped)) is None:
        return None
    scheme, host, port, path = found[1].lower(), host_of(found[2]), found[3], found[4] or "/"
    if host is None or port not in {None, PORTS[scheme]} or not path.isprintable():
        return None
    return Url(scheme, host, path if path.startswith("/") else f"/{path}")


def host_of(name: str) -> str | None:
    """The name in ASCII and lower case; None where it is an IP address in any spelling, or no name."""
    labels = [_ascii(label) for label in name.removesuffix(".").lower().split(".")]
    host = ".".join(label or "" for label in labels)
    if not all(labels) or len(labels) < 2 or len(host) > MOST_HOST:  # noqa: PLR2004 one label is a machine nearby
        return None
    return host if _LAST.fullmatch(labels[-1] or "") else None


def followed(at: Url, location: str, registrable: Callable[[str], str | None]) -> Url | Why:
    """Where a redirect leads: within the registrable domain, or nowhere."""
    try:
        joined = urljoin(str(at), location.strip())
    except ValueError:
        return Why.URL
    url = url_of(joined)
    if url is None:
        return Why.URL
    domain = registrable(url.host)
    return url if domain is not None and domain == registrable(at.host) else Why.ELSEWHERE


def robots_of(url: Url) -> Url:
    """Where the rules for robots of the URL's origin are."""
    return replace(url, path="/robots.txt")


def _ascii(label: str) -> str | None:
    """The label as the name system has it; None for one that needs to be mapped first, or is none."""
    if not label.isascii():
        if (
            unicodedata.normalize("NFKC", label) != label
            or _DEVIATING & set(label)
            or not all(character in "-0123456789" or unicodedata.category(character) in _KEPT for character in label)
        ):
            return None
        label = "xn--" + label.encode("punycode").decode("ascii")
    return label if len(label) <= MOST_LABEL and _LABEL.fullmatch(label) else None
