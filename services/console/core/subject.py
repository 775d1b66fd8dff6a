"""Who somebody asks about: one person with all their ids, or everybody who uses a mailbox. Pure.

One person is the ids that the profile joined: whom a value was absorbed from, and where a value points to. That two
persons have one address joins them only where the address is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self, TypeAlias

import msgspec
import orjson

from schemas.identity import address_key, former_key, normalised_address
from schemas.mailbox import mailbox_of

PREFIXES = frozenset({"u:", "e:", "a:"})
LINK_FIELDS = 4  # of a link's token: message, person, address key, purpose; a sealed one tells the language too

Opens: TypeAlias = Callable[[str], tuple[str, ...] | None]
"""The fields of a token of a mail's link, None where it is none of ours."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What of a stored person says who they are. `erased` is when and the receipt."""

    forward: str | None = None
    past: tuple[str, ...] = ()
    address: str | None = None
    address_key: str | None = None
    consent_keys: tuple[str, ...] = ()
    erased: tuple[int, str] | None = None


@dataclass(slots=True)
class Subject:
    """Whose records are looked for; it grows while they are read. `key` derives the key of an address.

    `is_mailbox`: everybody whose value holds one of the addresses belongs to it.
    `decision_ids` and `message_ids` are of what was decided for them, `places` where records lie that are theirs.
    """

    key: bytes
    opens: Opens
    is_mailbox: bool
    persons: set[str] = field(default_factory=set)
    address_keys: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    decision_ids: set[str] = field(default_factory=set)
    message_ids: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    _needles: tuple[bytes, ...] = ()

    @property
    def homes(self) -> frozenset[str]:
        """The keys under which the profile keeps what is the mailbox's own; of a person none, since it names others."""
        return frozenset(map(mailbox_of, self.address_keys)) if self.is_mailbox else frozenset()

    def is_in(self, raw: bytes) -> bool:
        """True of bytes that may name them, as our services write JSON; what has nothing of it is not parsed."""
        keys = self.address_keys if self.is_mailbox else frozenset[str]()
        if len(self._needles) != len(self.persons) + len(keys):  # neither ever shrinks
            self._needles = tuple(orjson.dumps(each)[1:-1] for each in (*self.persons, *keys))
        return any(each in raw for each in self._needles)

    def joined(self, values: Mapping[str, Stored | None]) -> tuple[str, ...]:
        """Those of the persons who are the subject's, by all that their values say; they count as theirs from now on.

        `values` by person; None is a value that nobody can read, whose key alone counts.
        """
        theirs: tuple[str, ...] = ()
        while len(found := tuple(each for each, stored in values.items() if self._takes(each, stored))) > len(theirs):
            theirs = found
        return theirs

    def _takes(self, person: str, stored: Stored | None) -> bool:
        """True if this stored person is theirs; who they are then counts for the others."""
        if stored is None:
            return person in self.persons
        is_theirs = person in self.persons or stored.forward in self.persons
        if not is_theirs and not (self.is_mailbox and stored.address_key in self.address_keys):
            return False
        self.persons |= {person, *stored.past, *([stored.forward] if stored.forward else ())}
        if not self.is_mailbox:
            self.address_keys |= {each for each in (stored.address_key, *stored.consent_keys) if each}
        if stored.address and (not self.is_mailbox or stored.address_key in self.address_keys):
            self.addresses.add(stored.address)
        return True

    def widened(self, values: Mapping[str, Stored | None]) -> Self:
        """Everybody who uses the mailbox that these values, which are a person's, have now; else the same subject.

        An erasure is of a mailbox: whoever uses it is forgotten with whom it was asked for.
        """
        keys = {stored.address_key for stored in values.values() if stored is not None and stored.address_key}
        if self.is_mailbox or not keys:
            return self
        return replace(self, is_mailbox=True, address_keys=keys, persons={*self.persons}, addresses={*self.addresses})

    def is_address(self, text: object) -> bool:
        """True if the text is an address of theirs, however it is written."""
        return bool(self.key_of(text) & self.address_keys)

    def key_of(self, text: object) -> frozenset[str]:
        """The keys of an address, none where the text is no plain one."""
        address = normalised_address(text[:400]) if isinstance(text, str) and "@" in text else None
        if address is None:
            return frozenset()
        return frozenset(each for each in (address_key(self.key, address), former_key(self.key, address)) if each)

    def is_token(self, token: object) -> bool:
        """True if the text is the token of a mail's link that was theirs."""
        fields = self.opens(token) if isinstance(token, str) else None
        return fields is not None and len(fields) >= LINK_FIELDS and fields[1] in self.persons


def subject_of(named: str, key: bytes, opens: Opens) -> Subject | None:
    """Whom a text names: `u:`, `a:` or `e:` and an id, or an address; None where it is neither.

    An address is a mailbox: of all who use it. So is `e:` with the key of one, which says no more.
    """
    if named[:2] in PREFIXES:
        if not named[2:] or not named.isprintable():
            return None
        keys = {named[2:]} if named.startswith("e:") else set[str]()
        return Subject(key, opens, bool(keys), persons={named}, address_keys=keys)
    address = normalised_address(named)
    if address is None:
        return None
    found = Subject(key, opens, is_mailbox=True, addresses={address})
    found.address_keys |= found.key_of(address)
    found.persons |= {f"e:{each}" for each in found.address_keys}
    return found


def stored_of(raw: bytes) -> Stored | None:
    """Who a stored value says that its person is; None where it is none that is known here."""
    try:
        value = _VALUES.decode(raw)
    except msgspec.MsgspecError:
        return None
    identity = value.identity
    forward, gone = identity.forward or value.fwd, identity.erased or value.gone
    address = value.traits.address or value.addr
    return Stored(
        forward,
        (*identity.past, *value.past),
        None if address is None else address.value,
        None if address is None else address.key,
        tuple(sorted({key for held in (*value.consents.rows.values(), *value.cons.values()) for key in held} - {""})),
        None if gone is None else (gone.time_ms, gone.receipt),
    )  # fmt: skip


class _Address(msgspec.Struct, array_like=True):
    rank: int
    time_ms: int
    value: str
    key: str


class _Erased(msgspec.Struct, array_like=True):
    time_ms: int
    receipt: str


class _Identity(msgspec.Struct):
    forward: str | None = None
    past: list[str] = []
    erased: _Erased | None = None


class _Traits(msgspec.Struct):
    address: _Address | None = None


_Rows: TypeAlias = dict[str, dict[str, msgspec.Raw]]


class _Consents(msgspec.Struct):
    rows: _Rows = {}


class _Value(msgspec.Struct):
    """What both versions of a stored person call these parts; all else of it is passed over."""

    identity: _Identity = msgspec.field(default_factory=_Identity)
    traits: _Traits = msgspec.field(default_factory=_Traits)
    consents: _Consents = msgspec.field(default_factory=_Consents)
    fwd: str | None = None
    past: list[str] = []
    addr: _Address | None = None
    cons: _Rows = {}
    gone: _Erased | None = None


_VALUES = msgspec.json.Decoder(_Value)
