"""Where a mail may lead. A pure rule, asked where a course is imported and where a mail is judged."""

from urllib.parse import urlsplit

from schemas.program import Brand


def hosts_of(brand: Brand) -> frozenset[str]:
    """The hosts a link may lead to: the brand's own, and where ingest serves the unsubscribe link."""
    return frozenset({*brand.link_domains, urlsplit(brand.public_url).netloc})


def is_allowed_link(url: str, hosts: frozenset[str]) -> bool:
    """True for plain https to an allowed host: printable ASCII, no user, no port, no look-alike domain."""
    if not url.isascii() or not url.isprintable() or any(each in url for each in " \\\"'<>`"):
        return False
    try:
        parts = urlsplit(url)
        is_plain = parts.port is None and parts.username is None and parts.password is None
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    return parts.scheme == "https" and is_plain and host == parts.netloc.lower() and host in hosts
