"""Which text is a URL, which site a request names, and where a redirect may lead."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.recommendation import RecommendationRequest
from services.recommender.adapters.company.free_mail import free_mail_domains
from services.recommender.core.company.sites import doors, refusal, site_of
from services.recommender.core.company.urls import Url, followed, host_of, robots_of, url_of
from services.recommender.core.company.values import Site, Why
from services.runtime.public_suffixes import PublicSuffixes

REGISTRABLE = PublicSuffixes().registrable
FREE = free_mail_domains()
FACT = {"name": "website", "source": "form", "is_verified": False, "said_at": "2026-11-03T09:00:00Z"}
HERE = Url("https", "www.acme.co.uk", "/a/b?c=d")


@pytest.fixture
def site(request_of: Callable[..., RecommendationRequest]) -> Callable[..., Site | Why]:
    """The site of a lead with this website and address."""

    def build(website: str | None, address: str = "ana@acme.com") -> Site | Why:
        facts: list[dict[str, Any]] = [] if website is None else [FACT | {"value": website}]
        recipient = {"address": address, "address_key": "k", "name": "Ana"}
        return site_of(request_of(facts=facts, recipient=recipient))

    return build


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://acme.com", "https://acme.com/"),
        (" HTTP://Acme.COM:80/About?x=1#top ", "http://acme.com/About?x=1"),
        ("https://acme.com:443?x", "https://acme.com/?x"),
        ("https://acme.com./", "https://acme.com/"),
        ("https://münchen.de/ä", "https://xn--mnchen-3ya.de/ä"),
        ("https://bücher.рф", "https://xn--bcher-kva.xn--p1ai/"),
        ("https://sub-1.acme.co.uk/a@b:c", "https://sub-1.acme.co.uk/a@b:c"),
    ],
)
def test_plain_url_is_read(text: str, url: str) -> None:
    """Host in lower case and ASCII, the fragment left aside."""
    assert str(url_of(text)) == url


@pytest.mark.parametrize(
    "text",
    [
        "", "acme.com", "//acme.com", "ftp://acme.com", "file:///etc/passwd", "javascript:alert(1)", "https:acme.com",
        "https://", "https://localhost", "https://acme", "https://acme.com:8080", "http://acme.com:443",
        "https://acme.com:0443", "https://acme.com:99999999", "https://user@acme.com", "https://u:p@acme.com",
        "https://acme.com@evil.com", "https://acme.com\\@evil.com", "https://acme.com%2eevil.com", "https://ac me.com",
        "https://acme.com/a b", "https://acme.com/\\evil", "https://acme.com/\x01", "https://-acme.com",
        "https://acme-.com", "https://ac_me.com", "https://acme..com", "https://.acme.com", "https://a.b.c.1",
        "https://acme.1com", "https://127.0.0.1", "https://0x7f.1", "https://2130706433", "https://[::1]/",
        "https://[v1.x]/", "https://ⓐcme.com", "https://acme\u3002com", "https://acme\uff0ecom", "https://①②⑦.①",
        "https://straße.de", "https://a\u200db.com", "https://" + "a" * 64 + ".com",
        "https://" + "a." * 130 + "com", "https://acme.com/" + "a" * 2_000, "https://acme.com\t/",
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_no_url(text: str) -> None:
    """Other schemes, ports, userinfo, addresses in any spelling, names that have to be mapped first."""
    assert url_of(text) is None


@given(st.text(max_size=80))
def test_any_text_is_a_url_or_none(text: str) -> None:
    """And what is one reads back as itself."""
    for candidate in (text, f"https://{text}", f"https://acme.com/{text}"):
        url = url_of(candidate)
        assert url is None or url_of(str(url)) == url
    assert host_of(text) is None or host_of(text) == host_of(host_of(text) or "")


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/x", "https://www.acme.co.uk/x"),
        ("?x", "https://www.acme.co.uk/a/b?x"),
        ("https://acme.co.uk/", "https://acme.co.uk/"),
        ("http://shop.acme.co.uk", "http://shop.acme.co.uk/"),
        ("https://other.co.uk/", Why.ELSEWHERE),
        ("//evil.com/", Why.ELSEWHERE),
        ("https://co.uk/", Why.ELSEWHERE),
        ("http://169.254.169.254/latest/meta-data/", Why.URL),
        ("file:///etc/passwd", Why.URL),
        ("https://www.acme.co.uk@evil.com/", Why.URL),
        ("https://www.acme.co.uk:8443/", Why.URL),
        ("http://[::1", Why.URL),
    ],
)
def test_redirect_stays_within_the_registrable_domain(location: str, target: str | Why) -> None:
    """By the public suffix list; everything else ends the visit."""
    found = followed(HERE, location, REGISTRABLE)
    assert (found if isinstance(found, Why) else str(found)) == target


def test_customers_of_one_host_are_two_domains() -> None:
    """The private part of the list counts; an unlisted suffix has no domains."""
    at = Url("https", "acme.github.io")
    assert followed(at, "https://evil.github.io/", REGISTRABLE) is Why.ELSEWHERE
    assert followed(Url("https", "a.internal"), "/b", REGISTRABLE) is Why.ELSEWHERE
    assert (REGISTRABLE("metadata.google.internal"), REGISTRABLE("github.io")) == (None, None)


def test_rules_for_robots_are_the_origins() -> None:
    """One file for each scheme and host."""
    assert (str(robots_of(HERE)), HERE.origin) == ("https://www.acme.co.uk/robots.txt", "https://www.acme.co.uk")


def test_named_website_comes_before_the_address(site: Callable[..., Site | Why]) -> None:
    """With or without its scheme; of its path and query nothing is kept."""
    assert site("shop.es/unsubscribe?id=1") == Site("shop.es", "https", "website")
    assert site("http://Shop.es") == Site("shop.es", "http", "website")
    assert site(None) == Site("acme.com", "https", "address")


def test_unreadable_website_leaves_the_address(site: Callable[..., Site | Why]) -> None:
    """Where that has no name either, the reason is the website's."""
    assert site("http://127.0.0.1/") == Site("acme.com", "https", "address")
    assert site("http://127.0.0.1/", "ana@[127.0.0.1]") is Why.URL
    assert site(None, "ana@localhost") is Why.NO_SITE
    assert site(None, "no address") is Why.NO_SITE


def test_mailbox_provider_is_no_employer() -> None:
    """By the address; who names it as the business's site means it."""
    assert refusal(Site("gmail.com", "https", "address"), REGISTRABLE, FREE) is Why.FREE_MAIL
    assert refusal(Site("mx.gmx.de", "https", "address"), REGISTRABLE, FREE) is Why.FREE_MAIL
    assert refusal(Site("gmail.com", "https", "website"), REGISTRABLE, FREE) is None
    assert refusal(Site("acme.com", "https", "address"), REGISTRABLE, FREE) is None
    assert refusal(Site("metadata.google.internal", "http", "website"), REGISTRABLE, FREE) is Why.NOT_PUBLIC


def test_front_page_may_be_next_door() -> None:
    """Many a domain has a server only at its `www`."""
    assert [str(each) for each in doors(Site("acme.com", "https", "address"))] == [
        "https://acme.com/",
        "https://www.acme.com/",
    ]
    assert len(doors(Site("www.acme.com", "http", "website"))) == 1
