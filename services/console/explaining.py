"""What is read to explain a decision: of the topics only what may be about it, or about whom somebody names.

A decision's key is its person and its id, so its partition is known by neither alone: the keys of all are looked at,
and what has another is not decoded. Its mail and its raw replies lie in the one partition of its person.
"""

from collections.abc import Callable
from functools import partial

from schemas.email import OutboundEmail
from schemas.identity import address_key, derived_key, normalised_address
from schemas.topics import DECISIONS, EMAIL_FEEDBACK, EMAIL_OUTBOUND
from services.console.core.named import Named, is_of_decision, is_of_person, mentions
from services.console.pipeline import absorb
from services.console.ports import Archive
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_find import Wanted, find
from services.runtime.outcome import Message, Misconfigured
from services.runtime.settings import SecretIfAny

Tell = Callable[[str], None]


def persons_of(named: Named, settings: SecretIfAny | None) -> tuple[str, ...]:
    """The persons that are named: the key itself, or the one that an address alone makes.

    Raises:
        Misconfigured: there is no secret, from which the key of an address is derived.
    """
    if named.address is None:
        return () if named.person is None else (named.person,)
    if settings is None or settings.secret is None:
        raise Misconfigured(
            "decisions hold no address, but a key that is derived from it by KINDLING_SECRET: set that, or "
            "KINDLING_SECRET_FILE, or name the person as u:<user id>"
        )
    key = derived_key(settings.secret.get_secret_value().encode(), "address")
    return (f"e:{address_key(key, named.address)}",)


async def fill_explained(settings: SecretIfAny, archive: Archive, named: Named, tell: Tell) -> tuple[str, ...]:
    """Keep what may be about whom or what is named; the persons, none where a decision is.

    Raises:
        Misconfigured: an address is named, and there is no secret.
        Unavailable: Kafka is away, or has no such topic.
    """
    kafka, persons = kafka_of(settings), persons_of(named, settings)
    if named.address is not None:
        persons = (*persons, *await _written_to(kafka, named.address, tell))
    seen: list[str] = []

    def keep(message: Message) -> None:
        absorb(message, archive)
        if message.event is not None:
            seen.append(message.event.decision_id)

    if named.decision_id is None:
        wanted = Wanted(DECISIONS, lambda record: any(is_of_person(record.key, each) for each in persons))
    else:
        decision_id = named.decision_id
        wanted = Wanted(DECISIONS, lambda record: is_of_decision(record.key, decision_id))
    await find(kafka, (wanted,), keep, tell)
    await _fill_rest(kafka, archive, tuple(dict.fromkeys(seen)), tell)
    return tuple(dict.fromkeys(persons))


async def _written_to(kafka: Kafka, address: str, tell: Tell) -> list[str]:
    """The persons that mails to the address were written for, as long as those are kept."""
    persons: list[str] = []

    def take(message: Message) -> None:
        mail = message.event
        if isinstance(mail, OutboundEmail) and normalised_address(mail.to.address) == address:
            persons.append(mail.person)

    await find(kafka, (Wanted(EMAIL_OUTBOUND, lambda record: mentions(record.value, address)),), take, tell)
    return list(dict.fromkeys(persons))


async def _fill_rest(kafka: Kafka, archive: Archive, decision_ids: tuple[str, ...], tell: Tell) -> None:
    """The mails of these decisions, each from its person's partition, and the feedback, which may lie anywhere."""
    dossiers = [each for each in map(archive.dossier, decision_ids) if each is not None]
    if not dossiers:
        return
    persons = {each.decision.person for each in dossiers}
    ids = (*decision_ids, *(each.decision.message_id for each in dossiers))
    mails = [
        Wanted(EMAIL_OUTBOUND, lambda record, of=person: bool(record.key == of.encode()), person.encode())  # type: ignore[misc]
        for person in sorted(persons)
    ]
    feedback = Wanted(EMAIL_FEEDBACK, lambda record: mentions(record.value, *ids))
    await find(kafka, (*mails, feedback), partial(absorb, archive=archive), tell)
