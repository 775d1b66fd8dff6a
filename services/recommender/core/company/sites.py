"""Which site is the business's: the one the person named, else the domain of the work address."""

from collections.abc import Callable

from schemas.recommendation import RecommendationRequest
from services.recommender.core.company.urls import Url, host_of, url_of
from services.recommender.core.company.values import Site, Why

WEBSITE = "website"
WWW = "www."


def site_of(request: RecommendationRequest) -> Site | Why:
    """The site to read. Of the recipient's address nothing is used but its domain; of a URL, scheme and host.

    The front page is all that is ever asked for: a form cannot make Kindling request a path with an effect.
    """
    named = next((each.value for each in request.snapshot.facts if each.name == WEBSITE), "")
    url = url_of(named if "://" in named else f"https://{named}")
    if url is not None:
        return Site(url.host, "http" if url.scheme == "http" else "https", "website")
    _, at, domain = request.recipient.address.rpartition("@")
    host = host_of(domain) if at else None
    if host is not None:
        return Site(host, "https", "address")
    return Why.URL if named else Why.NO_SITE


def refusal(site: Site, registrable: Callable[[str], str | None], free_mail: frozenset[str]) -> Why | None:
    """Why the site is not to be read at all: nobody's own domain, or the provider of the person's mailbox."""
    domain = registrable(site.host)
    if domain is None:
        return Why.NOT_PUBLIC
    if site.source == "address" and not free_mail.isdisjoint({site.host, domain}):
        return Why.FREE_MAIL
    return None


def doors(site: Site) -> tuple[Url, ...]:
    """The front pages to try: the host's, and its `www` where only that has a server."""
    first = Url(site.scheme, site.host)
    return (first,) if site.host.startswith(WWW) else (first, Url(site.scheme, WWW + site.host))
