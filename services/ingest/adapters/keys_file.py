"""The file of keys, which KINDLING_INGEST_KEYS names: read at the start, and again whenever it has changed.

    write_keys:
      - key: academy-website          # public
        origins: [https://academy.example.com]
        calls_per_s: 200
        burst: 1000
        sends: [track, page, identify]
    server_keys:
      - name: crm-2026
        secret: …                     # or secret_file: the path of a file that holds it
    installation_key: false           # nobody signs by the key that is derived from KINDLING_SECRET

What is left out is as the settings say it for every key. The keys of the settings hold beside those of the file.
A change of a secret_file alone is not seen: write this file again.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, SecretStr, StringConstraints, ValidationError, model_validator

from schemas.values import Value
from services.ingest.adapters.watched_file import WatchedFile, problems, secret_in
from services.ingest.core.keyring import NAME, Keyring, ServerKey, WriteKey, ring_of
from services.ingest.core.rates import Rate
from services.ingest.metrics import KEYS_READ
from services.runtime.outcome import Misconfigured
from services.runtime.yaml_text import read_yaml_file

MOST_SERVER_KEYS = 16  # an unnamed signature is tried by each
MOST_WRITE_KEYS = 1_000
Type: TypeAlias = Literal["track", "page", "screen", "identify", "group", "alias"]
Origin: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z][a-z0-9+.-]*://[^/\s]+)$")]


class Limits(Value):
    """How much one key may send; unset, as the settings say."""

    calls_per_s: float | None = Field(None, gt=0)
    burst: float | None = Field(None, ge=500)

    def rate(self, usual: Rate) -> Rate:
        """The rate, where nothing is said the usual one."""
        return Rate(self.calls_per_s or usual.per_s, self.burst or usual.burst)


class WriteKeyEntry(Limits):
    """One write key."""

    key: Annotated[str, StringConstraints(pattern=r"^[!-9;-~]{1,200}$")]  # printable ASCII without a colon, for Basic
    origins: tuple[Origin, ...] | None = None
    sends: Annotated[tuple[Type, ...], Field(min_length=1)] | None = None


class ServerKeyEntry(Limits):
    """One key of a server, by its value or by the file that holds it."""

    name: Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$")]
    secret: Annotated[SecretStr, Field(min_length=16)] | None = None
    secret_file: Path | None = None

    @model_validator(mode="after")
    def _has_one(self) -> "ServerKeyEntry":
        if (self.secret is None) == (self.secret_file is None):
            raise ValueError("expected either secret or secret_file")
        return self


class KeysFile(Value):
    """The whole file."""

    write_keys: Annotated[tuple[WriteKeyEntry, ...], Field(max_length=MOST_WRITE_KEYS)] = ()
    server_keys: Annotated[tuple[ServerKeyEntry, ...], Field(max_length=MOST_SERVER_KEYS)] = ()
    installation_key: bool = True

    @model_validator(mode="after")
    def _names_each_once(self) -> "KeysFile":
        if len({each.key for each in self.write_keys}) < len(self.write_keys):
            raise ValueError("expected each write key once")
        if len({each.name for each in self.server_keys}) < len(self.server_keys):
            raise ValueError("expected each name of a server key once")
        return self


@dataclass(frozen=True, slots=True)
class Usual:
    """What the settings say: keys that hold beside the file's, and origins and rate of who has none of their own."""

    ring: Keyring
    origins: tuple[str, ...]
    rate: Rate


class FileRing:
    """The keyring of the settings and of a file, as the file was when it last could be read."""

    def __init__(self, path: Path, usual: Usual) -> None:
        self._file = WatchedFile(path, partial(read_keys, usual=usual), "keys", KEYS_READ, _counts)
        self.look = self._file.look
        self.look_for_ever = self._file.look_for_ever

    def ring(self) -> Keyring:
        """The keys that hold now."""
        return self._file.value


def _counts(ring: Keyring) -> dict[str, int]:
    return {"write_keys": len(ring.writing), "server_keys": len(ring.serving)}


def read_keys(path: Path, usual: Usual) -> Keyring:
    """The keys of the settings and those of the file, which count where both have one.

    Raises:
        Misconfigured: the file is not as it should be; it names the field and what was expected, not what stood there.
    """
    said = read_yaml_file(path)
    try:
        file = KeysFile.model_validate(said)
    except ValidationError as error:
        raise Misconfigured(f"{path}: {problems(error)}") from None
    own = {each.key: _write_key(each, usual) for each in file.write_keys}
    servers = {each.name: ServerKey(each.name, _secret(each), each.rate(usual.rate)) for each in file.server_keys}
    writing = (*own.values(), *(each for each in usual.ring.writing if each.key not in own))
    before = usual.ring.serving if file.installation_key else ()
    return ring_of(writing, (*(each for each in before if each.name not in servers), *servers.values()))


def _write_key(entry: WriteKeyEntry, usual: Usual) -> WriteKey:
    key = WriteKey(entry.key, usual.origins if entry.origins is None else entry.origins, entry.rate(usual.rate))
    return key if entry.sends is None else WriteKey(key.key, key.origins, key.rate, frozenset(entry.sends))


def _secret(entry: ServerKeyEntry) -> bytes:
    if entry.secret is not None:
        return entry.secret.get_secret_value().encode()
    path = entry.secret_file or Path()
    secret = secret_in(path)
    if len(secret) < 16:  # noqa: PLR2004 as of a secret that stands in the file itself
        raise Misconfigured(f"{path}: expected a secret of at least 16 bytes")
    return secret
