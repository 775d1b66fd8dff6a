"""Rows 104 and 111 of the bad inputs: which addresses get no mail is a table of policy."""

from pathlib import Path
from typing import Any

import pytest

from schemas.program import AddressPolicy
from services.rules.addresses import DEFAULT, LOCAL_PARTS, AddressRules
from services.runtime.addresses import address_rules_of
from services.runtime.disposable_domains import DisposableDomains
from services.runtime.program import read_program

ROOT = Path(__file__).parents[3]
OWN = frozenset({"academy.example"})
DISPOSABLE = "mailinator.com"
KINDS = ("automatic", "duty", "shared", "disposable", "own")
ADDRESSES = {
    "automatic": "no-reply@shop.example",
    "duty": "abuse@shop.example",
    "shared": "info@shop.example",
    "disposable": f"nora@{DISPOSABLE}",
    "own": "nora@mail.academy.example",
}


def _rules(**policy: Any) -> AddressRules:
    return AddressRules(AddressPolicy(**policy), OWN, DisposableDomains().is_disposable)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_mailed_or_not_as_the_policy_says(kind: str) -> None:
    """One switch each, and no other moves it."""
    mailed: dict[str, Any] = dict.fromkeys(KINDS, "mail")
    assert _rules(**mailed).refused(ADDRESSES[kind]) is None
    assert _rules(**{**mailed, kind: "no_mail"}).refused(ADDRESSES[kind]) == kind
    refused_others: dict[str, Any] = {**dict.fromkeys(KINDS, "no_mail"), kind: "mail"}
    assert _rules(**refused_others).refused(ADDRESSES[kind]) is None


def test_what_nobody_reads_gets_nothing_by_default() -> None:
    """An address that several read may be the only one of a small business; one's own serves to try things out."""
    refused = {kind for kind, address in ADDRESSES.items() if _rules().refused(address)}
    assert refused == {"automatic", "duty", "disposable"}


@pytest.mark.parametrize(
    ("never", "address"),
    [
        (("trap@shop.example",), "trap@shop.example"),
        (("Shop.example",), "nora@sales.shop.example"),
        (("shop.example",), "nora@shop.example"),
    ],
)
def test_the_business_names_addresses_and_domains_of_its_own(never: tuple[str, ...], address: str) -> None:
    """Whatever else is mailed."""
    assert _rules(never=never).refused(address) == "named"
    assert _rules(never=never).refused("nora@other.example") is None


def test_a_name_that_only_holds_such_a_word_is_a_name() -> None:
    """A tag behind a plus is nobody's name; a longer word, a longer domain and a last label are."""
    assert _rules().refused("abuse+lists@shop.example") == "duty"
    for address in ("abusenora@shop.example", f"nora@my{DISPOSABLE}", "nora@com", "infonora@academy.example.net"):
        assert _rules(shared="no_mail", own="no_mail").refused(address) is None
    assert _rules().refused(f"nora@x.{DISPOSABLE}") == "disposable"


def test_no_local_part_is_of_two_kinds() -> None:
    """So that one switch decides."""
    parts = [part for _, each in LOCAL_PARTS for part in each]
    assert len(parts) == len(set(parts))


def test_a_business_that_says_nothing_has_the_default() -> None:
    """Its own domains are those it writes from and links to."""
    brand = read_program(ROOT / "examples" / "academy").brand
    assert brand.addresses == DEFAULT.policy
    assert brand.sender.address.rpartition("@")[2] in address_rules_of(brand).own
    assert set(brand.link_domains) <= address_rules_of(brand).own
    assert DEFAULT.refused(ADDRESSES["duty"]) == "duty"
    assert DEFAULT.refused(ADDRESSES["disposable"]) is None
