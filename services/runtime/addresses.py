"""The policy of addresses with all it asks, as an entry hands it to its core."""

from schemas.links import hosts_of
from schemas.program import Brand
from services.rules.addresses import AddressRules
from services.runtime.disposable_domains import DisposableDomains


def address_rules_of(brand: Brand) -> AddressRules:
    """By the brand's policy; its own domains are those it writes from and links to."""
    own = frozenset({brand.sender.address.rpartition("@")[2].lower(), *hosts_of(brand)})
    return AddressRules(brand.addresses, own, DisposableDomains().is_disposable)
