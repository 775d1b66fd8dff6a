"""Which addresses get no mail by the business's own policy, whatever their owner agreed to."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from schemas.program import AddressPolicy

Kind: TypeAlias = Literal["named", "automatic", "duty", "shared", "disposable", "own"]
"""What an address is: named by the business itself, read by no one, a duty of the domain (RFC 2142), read by several,
of a service that throws mail away, or under a domain that the business writes from or links to."""
IsDisposable: TypeAlias = Callable[[str], bool]
"""True for a domain of such a service."""

AUTOMATIC = frozenset({
    "bounce", "bounces", "daemon", "devnull", "do-not-reply", "donotreply", "mailer-daemon", "no-reply", "no.reply",
    "no_reply", "nobody", "noreply", "null",
})  # fmt: skip
DUTY = frozenset({
    "abuse", "dmarc", "hostmaster", "noc", "postmaster", "root", "security", "spam", "trouble", "usenet", "uucp",
    "webmaster", "www",
})  # fmt: skip
SHARED = frozenset({
    "accounting", "accounts", "admin", "all", "billing", "booking", "career", "careers", "contact", "contacto",
    "contato", "enquiries", "everyone", "finance", "hallo", "hello", "help", "hi", "hr", "info", "inquiries",
    "invoices", "it", "jobs", "kontakt", "mail", "marketing", "newsletter", "office", "orders", "press", "presse",
    "rechnung", "reception", "sales", "service", "staff", "support", "team", "vendas", "ventas",
})  # fmt: skip
LOCAL_PARTS: tuple[tuple[Kind, frozenset[str]], ...] = (("automatic", AUTOMATIC), ("duty", DUTY), ("shared", SHARED))


@dataclass(frozen=True, slots=True)
class AddressRules:
    """The policy, the business's domains, and who knows the domains of disposable addresses."""

    policy: AddressPolicy
    own: frozenset[str]
    is_disposable: IsDisposable

    def refused(self, address: str) -> Kind | None:
        """The kind for which this normalised address gets no mail; None where it may.

        Law: under a policy that mails every kind and names none, nothing is refused.
        """
        return next((kind for kind in self._kinds(address) if self._is_refused(kind)), None)

    def _kinds(self, address: str) -> Iterator[Kind]:
        local, _, domain = address.lower().rpartition("@")
        domains = frozenset(_parents(domain))
        if {f"{local}@{domain}", *domains} & {each.lower() for each in self.policy.never}:
            yield "named"
        bare = local.partition("+")[0]
        yield from (kind for kind, parts in LOCAL_PARTS if bare in parts)
        if any(self.is_disposable(each) for each in domains):
            yield "disposable"
        if domains & self.own:
            yield "own"

    def _is_refused(self, kind: Kind) -> bool:
        return kind == "named" or getattr(self.policy, kind) == "no_mail"


DEFAULT = AddressRules(AddressPolicy(), frozenset(), lambda _: False)
"""The policy of a business that says nothing, where nobody knows of disposable domains."""


def _parents(domain: str) -> Iterable[str]:
    """The domain, and each domain it is under, but for the last label."""
    labels = domain.split(".")
    return (".".join(labels[place:]) for place in range(max(1, len(labels) - 1)))
