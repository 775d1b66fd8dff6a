"""Whose mailboxes a domain is of, in few words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.providers import PROVIDERS, provider_of


@pytest.mark.parametrize(
    ("domain", "provider"),
    [
        ("gmail.com", "gmail"),
        ("GoogleMail.com", "gmail"),
        ("hotmail.fr", "outlook"),
        ("yahoo.co.uk", "yahoo"),
        ("yahoo.com.br", "yahoo"),
        ("yahoo.example.uk", "other"),
        ("yahoo.evil", "other"),
        ("t-online.de", "tonline"),
        ("acme.example", "other"),
        ("uk", "other"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_domain_is_of_a_provider(domain: str | None, provider: str) -> None:
    """By its name, or by its first label before a country; a company's own is of none."""
    assert provider_of(domain) == provider


@given(st.text())
def test_no_domain_makes_a_word_of_its_own(domain: str) -> None:
    """Whatever a stranger writes, it is one of the list."""
    assert provider_of(domain) in PROVIDERS
