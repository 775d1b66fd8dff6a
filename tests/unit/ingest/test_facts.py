"""Facts under one name each, wherever a call states them."""

from services.ingest.core.facts import declared


def test_website_is_kept_from_traits_forms_and_companies() -> None:
    """The recommender may read it; a trait wins over a form, and a company's over neither."""
    assert declared({"website": "https://acme.com"}, {}) == {"website": "https://acme.com"}
    assert declared({}, {"website": "acme.com", "color": "red"}) == {"website": "acme.com"}
    assert declared({"company": {"name": "Acme", "website": "acme.com"}}, {}) == {
        "company": "Acme",
        "website": "acme.com",
    }
    assert declared({"website": "a.com"}, {"website": "b.com"}) == {"website": "a.com"}
