"""The file of webhooks, which KINDLING_INGEST_WEBHOOKS names: an entry an ESP, read anew whenever it has changed.

    webhooks:
      - esp: sendgrid
        secrets: [MFkwEwYHKoZI…]          # its verification key; a second one beside it, to roll it
      - esp: postmark
        basic: ["kindling:a password"]    # in the address that Postmark gets: https://kindling:a%20password@…
      - esp: amazon_ses
        topics: [arn:aws:sns:eu-west-1:123456789012:mails]
      - esp: mandrill
        secrets_file: /run/secrets/mandrill     # one a line
        url: https://collector.example.com/webhooks/mandrill
        calls_per_s: 500
        burst: 5000

An ESP that signs needs `secrets` or `basic`; where both are there, both have to be right.
A change of a secrets_file alone is not seen: write this file again.
"""

from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints, ValidationError, field_validator, model_validator

from schemas.values import Value
from services.ingest.adapters.key_checks import is_public_key
from services.ingest.adapters.watched_file import WatchedFile, problems, secret_in
from services.ingest.core.hook import SIGNING, Esp, Hook
from services.ingest.core.proof import svix_key
from services.ingest.core.rates import Rate
from services.ingest.metrics import HOOKS_READ
from services.runtime.outcome import Misconfigured
from services.runtime.yaml_text import read_yaml_file

MOST_SECRETS = 4  # of one ESP; two are enough to roll one
SHORTEST = 8
BY_PUBLIC_KEY = frozenset({Esp.POSTAL, Esp.SENDGRID})
Secret = Annotated[SecretStr, Field(min_length=SHORTEST, max_length=2_000)]
Password = Annotated[SecretStr, Field(min_length=10, max_length=500)]
Arn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]{1,40}:[0-9]{1,20}:[A-Za-z0-9_.-]{1,260}$")
]


class HookEntry(Value):
    """The webhook of one ESP."""

    esp: Esp
    secrets: Annotated[tuple[Secret, ...], Field(max_length=MOST_SECRETS)] = ()
    secrets_file: Path | None = None
    basic: Annotated[tuple[Password, ...], Field(max_length=MOST_SECRETS)] = ()
    topics: Annotated[tuple[Arn, ...], Field(max_length=16)] = ()
    url: Annotated[str, StringConstraints(pattern=r"^https://[!-~]{1,500}$")] | None = None
    calls_per_s: float | None = Field(None, gt=0)
    burst: float | None = Field(None, ge=500)

    @field_validator("esp")
    @classmethod
    def _is_foreign(cls, esp: Esp) -> Esp:
        if esp is Esp.KINDLING:
            raise ValueError("our own webhook is always there: it is signed by a server key")
        return esp

    @field_validator("basic")
    @classmethod
    def _has_a_name(cls, basic: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not all(":" in each.get_secret_value() for each in basic):
            raise ValueError("expected user:password")
        return basic

    @model_validator(mode="after")
    def _has_proofs(self) -> "HookEntry":
        has_secrets = bool(self.secrets) or self.secrets_file is not None
        is_amazon = self.esp is Esp.AMAZON_SES
        if is_amazon != bool(self.topics):
            raise ValueError("expected topics, the ARNs of SNS, of amazon_ses and of no other")
        if has_secrets and (self.esp not in SIGNING or is_amazon):
            raise ValueError("expected no secrets: this ESP signs with none; use basic")
        if not (has_secrets or self.basic or is_amazon):
            raise ValueError("expected secrets, or basic with user:password")
        if (self.esp is Esp.MANDRILL and has_secrets) != (self.url is not None):
            raise ValueError("expected url of mandrill, as it was told there, and of no other")
        return self


class HooksFile(Value):
    """The whole file."""

    webhooks: tuple[HookEntry, ...] = ()

    @model_validator(mode="after")
    def _names_each_once(self) -> "HooksFile":
        if len({each.esp for each in self.webhooks}) < len(self.webhooks):
            raise ValueError("expected each ESP once")
        return self


class FileHooks:
    """The webhooks of a file, as the file was when it last could be read."""

    def __init__(self, path: Path, usual: Rate) -> None:
        self._file = WatchedFile(path, partial(read_hooks, usual=usual), "webhooks", HOOKS_READ, _counts)
        self.look = self._file.look
        self.look_for_ever = self._file.look_for_ever

    def book(self) -> dict[Esp, Hook]:
        """The webhooks that hold now."""
        return self._file.value


def read_hooks(path: Path, usual: Rate) -> dict[Esp, Hook]:
    """The webhooks of the file; where an entry names no rate, it has the usual one.

    Raises:
        Misconfigured: the file is not as it should be; it names the field and what was expected, not what stood there.
    """
    said = read_yaml_file(path)
    try:
        file = HooksFile.model_validate(said)
    except ValidationError as error:
        raise Misconfigured(f"{path}: {problems(error)}") from None
    return {each.esp: _hook(each, usual, path) for each in file.webhooks}


def _hook(entry: HookEntry, usual: Rate, path: Path) -> Hook:
    secrets = tuple(each.get_secret_value().encode() for each in entry.secrets)
    if entry.secrets_file is not None:
        lines = secret_in(entry.secrets_file).split()
        if not lines or len(lines) > MOST_SECRETS or min(map(len, lines)) < SHORTEST:
            expected = f"expected at most {MOST_SECRETS} lines, a secret of at least {SHORTEST} characters in each"
            raise Misconfigured(f"{entry.secrets_file}: {expected}")
        secrets += tuple(lines)
    if entry.esp in BY_PUBLIC_KEY and not all(map(is_public_key, secrets)):
        raise Misconfigured(f"{path}: {entry.esp}: expected secrets to be public keys, the base64 within a PEM")
    if entry.esp is Esp.RESEND and not all(len(svix_key(each)) >= SHORTEST for each in secrets):
        raise Misconfigured(f"{path}: resend: expected secrets of base64, behind whsec_")
    return Hook(
        esp=entry.esp,
        rate=Rate(entry.calls_per_s or usual.per_s, entry.burst or usual.burst),
        secrets=secrets,
        basic=tuple(each.get_secret_value().encode() for each in entry.basic),
        topics=frozenset(entry.topics),
        url=entry.url or "",
    )


def _counts(book: dict[Esp, Hook]) -> dict[str, int]:
    return {"webhooks": len(book)}
