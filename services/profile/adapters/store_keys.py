"""The keys of a partition's values: a person's is their id, anything else begins with a byte below the space.

A person's id begins with a letter (`schemas.clean`), so no two kinds meet; whoever walks over persons passes the rest.
"""

CHECKPOINT_KEY = b"\0applied"
"""Of what is applied of each input. Byte 0 is the partition's own; 1 is of mailboxes (`schemas.mailbox`), those up
to 31 are free for other kinds."""
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
