"""The keys of profile.changelog: a person's is their id, anything else begins with a byte below the space.

A person's id begins with a letter (`schemas.clean`), so no two kinds meet; whoever walks over persons passes the rest.
"""

from schemas.mailbox import PREFIX

CHECKPOINT_KEY = b"\0applied"
"""Of what is applied of each input. Byte 0 is the partition's own; 1 is of mailboxes, those up to 31 are free."""
HOME_KIND = 1
FIRST_OF_PERSONS = 0x20
LAST_OF_KINDS = FIRST_OF_PERSONS - 1


def is_person(key: bytes) -> bool:
    """True for the key of a person's value."""
    return bool(key) and key[0] >= FIRST_OF_PERSONS


def key_of_kind(kind: int, name: str) -> bytes:
    """The key of a value that is no person's: the kind's byte, then the name.

    Raises:
        ValueError: a kind that is the partition's own, or a person's first letter.
    """
    if not 1 <= kind <= LAST_OF_KINDS:
        raise ValueError(f"expected a kind from 1 to {LAST_OF_KINDS}; came {kind}")
    return bytes((kind,)) + name.encode()


def home_key(mailbox: str) -> bytes:
    """The key of the value of a mailbox's home; its partition is that of the mailbox's own key."""
    return key_of_kind(HOME_KIND, mailbox)


def mailbox_in(key: bytes) -> str | None:
    """Whose home's value has this key; None of any other."""
    home = key_of_kind(HOME_KIND, PREFIX)
    return key[1:].decode("utf-8", "replace") if key.startswith(home) else None
