"""What an operator does for somebody who asks what is held of them, or to be forgotten; each act gives its status.

What is written is written as the operator: the console itself writes nothing.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from schemas.identity import address_key, normalised_address
from services.console.core.receipt import Erasure, Gone, Progress, lines_of, receipt_of
from services.console.core.subject import Stored, Subject, stored_of
from services.console.holdings.consents import KafkaConsents
from services.console.holdings.erasure import KafkaErasure, away, requests_of
from services.console.holdings.finding import KafkaHoldings, Rows, nothing_else
from services.console.holdings.naming import subject_named
from services.runtime.clock import now, now_ms
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_clients import Kafka
from services.runtime.outcome import Misconfigured
from services.runtime.private_file import PrivateFile
from services.runtime.settings import SecretIfAny, load

NOBODY = 1
DECLINED = 1
STDIN = "-"
MAX_NAMED = 1_000  # characters of who is named

Confirm = Callable[[str], bool]
More = Rows


@dataclass(frozen=True, slots=True)
class EraseWords:
    """How an erasure is asked for: by whom, how long stages are waited for, and where the receipt goes."""

    by: str
    wait_s: float
    out: Path | None
    confirm: Confirm


def exported(named: str, out: Path, more: More = nothing_else) -> int:
    """Write all that is held of a person or a mailbox to a file; `more` is what is held outside the topics.

    Raises:
        Misconfigured: nobody is named, there is no secret, or the file cannot be written.
        Unavailable: Kafka is away, or has no such topic; no file is left.
    """
    kafka, secret = _asked()
    subject = _subject(named, secret)
    return _written(KafkaHoldings(kafka, _tell).export(subject, more), out)


def consents_exported(named: str | None, out: Path) -> int:
    """Write the proof of consents of a person or a mailbox, of everybody where none is named, to a file.

    Raises:
        Misconfigured: nobody is named, there is no secret, or the file cannot be written.
        Unavailable: Kafka is away, or has no such topic; no file is left.
    """
    kafka, secret = _asked()
    subject = None if named is None else _subject(named, secret)
    return _written(KafkaConsents(kafka, _tell).lines(subject), out)


def erased(named: str, words: EraseWords) -> int:
    """Have a person or a mailbox forgotten, wait for every stage, and give the receipt.

    Raises:
        Misconfigured: nobody is named, there is no secret, or the receipt cannot be written.
        Unavailable: Kafka is away, has no such topic, or a stage did not acknowledge it in time.
    """
    kafka, secret = _asked()
    return asyncio.run(_erased(kafka, named, _subject(named, secret), words))


def finished() -> int:
    """Tombstone the decisions of everybody who was erased, by whomever; prints how many.

    Raises:
        Misconfigured: a setting is wrong.
        Unavailable: Kafka is away, has no such topic, or did not take one.
    """
    erasure = KafkaErasure(kafka_of(load(SecretIfAny)), _tell)

    async def act() -> tuple[int, int]:
        persons = await erasure.erased_persons()
        tombstones, _ = await erasure.tombstone(persons.__contains__)
        return len(persons), tombstones

    persons, tombstones = asyncio.run(act())
    _say(f"erased persons: {persons}; decisions of theirs that were left, and are tombstoned now: {tombstones}")
    return 0


async def _erased(kafka: Kafka, named: str, subject: Subject, words: EraseWords) -> int:
    subject, known = await _reached(kafka, subject)
    homes = {person: stored for person, stored in known.items() if stored is None or stored.forward is None}
    if not subject.is_mailbox and not homes:
        _tell(f"nothing is stored of {named}: expected u:<user id>, a:<browser id>, e:<address key> or an address")
        return NOBODY
    before = [_gone(each, stored) for each, stored in homes.items() if stored is not None and stored.erased]
    own = _own_persons(subject, normalised_address(named))
    asked = {each for each, stored in homes.items() if stored is None or not stored.erased} | (own - known.keys())
    if not words.confirm(_question(asked, subject)):
        return DECLINED
    erasure = KafkaErasure(kafka, _tell)
    progress = Progress(frozenset(asked), frozenset(each[2:] for each in own) if asked else frozenset())
    if asked:
        await erasure.ask(requests_of(sorted(asked | own), words.by, now()), progress, _deadline_ms(words))
        if not progress.is_done:
            raise away(progress, words.wait_s)
    tombstones, ended = await erasure.tombstone(subject.persons.__contains__)
    on_their_way = await erasure.asked_for(subject) - ended
    done = Erasure(
        subject, (*before, *progress.gone.values()), now(), tombstones, tuple(sorted(on_their_way)),
        await erasure.settings(),
    )  # fmt: skip
    _give(receipt_of(done), words.out)
    return 0


async def _reached(kafka: Kafka, subject: Subject) -> tuple[Subject, dict[str, Stored | None]]:
    """Whom an erasure reaches, and what is stored of each: with a person everybody who uses the same mailbox."""
    while True:
        values = await KafkaHoldings(kafka, _tell).values(subject)
        known = {each: stored_of(record.value or b"") for each, record in values.items() if each not in subject.homes}
        wider = subject.widened(known)
        if wider is subject:
            return subject, known
        subject = wider


def _own_persons(subject: Subject, address: str | None) -> frozenset[str]:
    """The persons whom the addresses alone make; none where a person without one is named."""
    if not subject.is_mailbox:
        return frozenset()
    keys = subject.address_keys if address is None else {address_key(subject.key, address)}
    return frozenset(f"e:{each}" for each in keys)


def _question(asked: AbstractSet[str], subject: Subject) -> str:
    if not asked:
        return "nobody is left to erase: put tombstones on what is left of their decisions"
    shared = ", everybody who uses the mailbox" if subject.is_mailbox else ""
    return f"erase {', '.join(sorted(asked))}{shared}"


def _deadline_ms(words: EraseWords) -> int:
    return now_ms() + int(words.wait_s * 1000)


def _gone(person: str, stored: Stored) -> Gone:
    time_ms, receipt = stored.erased or (0, "")
    return Gone(person, datetime.fromtimestamp(time_ms / 1000, UTC), receipt)


def _give(receipt: Mapping[str, object], out: Path | None) -> None:
    if out is not None:
        with PrivateFile(out) as file:
            file.write(json.dumps(receipt, indent=2, ensure_ascii=False).encode() + b"\n")
    for line in lines_of(receipt):
        _say(line)


def _written(lines: AsyncIterator[bytes], out: Path) -> int:
    async def act() -> int:
        count = 0
        with PrivateFile(out) as file:
            async for line in lines:
                file.write(line)
                count += 1
        return count

    count = asyncio.run(act())
    _say(f"{out}: {count} lines, which only you may read")
    return 0


def _asked() -> tuple[Kafka, bytes]:
    settings = load(SecretIfAny)
    if settings.secret is None:
        raise Misconfigured(
            "the keys of addresses and of the links in mails are derived from KINDLING_SECRET: set that, or "
            "KINDLING_SECRET_FILE, as the services have it"
        )
    return kafka_of(settings), settings.secret.get_secret_value().encode()


def _subject(named: str, secret: bytes) -> Subject:
    text = sys.stdin.readline(MAX_NAMED + 1).removesuffix("\n") if named == STDIN else named
    subject = subject_named(text, secret) if len(text) <= MAX_NAMED else None
    if subject is None:
        raise Misconfigured(
            f"expected u:<user id>, a:<browser id>, e:<address key>, an address, or - to read one from standard input; "
            f"came {text[:100]!r}"
        )
    return subject


def _tell(line: str) -> None:
    sys.stderr.write(f"kindling: {line}\n")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
