"""The records of a decision: the request for one email, or the decision that ends a trigger or an attempt here."""

import uuid
from dataclasses import dataclass

from schemas.arms import arm
from schemas.decision import Decision, Ending
from schemas.names import first_name
from schemas.program import NO_EXPERIMENT, Experiment
from schemas.recommendation import (
    Arm,
    ConsentProof,
    LocalZone,
    Recipient,
    RecommendationRequest,
    SendTime,
    Snapshot,
    Trigger,
)  # fmt: skip
from schemas.signing import canonical
from schemas.speaker import speaker
from schemas.topics import Topic
from schemas.trace import of_call
from services.profile.core.facets.consents import MAX_KEY, Consent
from services.profile.core.person import Person
from services.profile.core.rules import Rules
from services.profile.core.snapshot import bare, snapshot
from services.profile.core.times import at
from services.profile.core.trigger import SendTime as FoundTime
from services.profile.core.trigger import Trigger as Waiting
from services.runtime.outcome import Send

NAMESPACE = uuid.UUID("5d1b5b6a-6f7c-5a53-9f0e-6b696e646c67")  # of every decision id; never changes
NO_CONSENT = Consent(0, is_given=True, source="", text_version="", rank=0)


@dataclass(frozen=True, slots=True)
class Case:
    """One waiting trigger of one person, and the moment it is looked at."""

    person: str
    state: Person
    trigger: Waiting
    rules: Rules
    now_ms: int


def with_trigger(case: Case, trigger: Waiting) -> Case:
    """The case with its trigger as it is now."""
    return Case(case.person, case.state, trigger, case.rules, case.now_ms)


def decision_id(case: Case) -> str:
    """UUIDv5 of person, playbook, opening event and attempt: a replay gives the same."""
    trigger = case.trigger
    named = canonical([case.person, trigger.playbook, trigger.event, trigger.tries])
    return str(uuid.uuid5(NAMESPACE, named.decode()))


def mailbox_key(person: str, state: Person) -> str:
    """The key of the person's address: as they said it, else as they are known by it; empty where neither is so."""
    address = state.traits.address
    if address is not None:
        return address.key
    return person[2:] if person.startswith("e:") and len(person) <= len("e:") + MAX_KEY else ""


def arm_of(case: Case) -> Arm:
    """The arm of the trigger's experiment: drawn by the address, so that all who use it are in one; else the person."""
    return arm(experiment_of(case), mailbox_key(case.person, case.state) or case.person)


def experiment_of(case: Case) -> Experiment:
    """The experiment of the trigger's playbook; `none` where the playbook is gone."""
    playbook = case.rules.playbooks.get(case.trigger.playbook)
    return NO_EXPERIMENT if playbook is None else playbook.experiment


def request(case: Case) -> RecommendationRequest:
    """The request for one email; the caller has decided that there may be one."""
    state, now_ms = case.state, case.now_ms
    playbook = case.rules.playbooks[case.trigger.playbook]
    address = state.traits.address
    if address is None:
        raise ValueError("a request needs an address; `decide` asks for none without one: our bug")
    permission = state.consents.permission(playbook.consent, address.key) or NO_CONSENT
    return RecommendationRequest(
        decision_id=decision_id(case),
        person=case.person,
        trigger=_trigger(case),
        experiment=playbook.experiment.name,
        arm=arm_of(case),
        language=_language(case),
        snapshot=snapshot(state, now_ms, case.rules, case.person),
        recipient=Recipient(address=address.value, address_key=address.key, name=_name(state)),
        consent=ConsentProof(
            purpose=playbook.consent,
            proof=f"{permission.source} {permission.text_version}".strip(),
            captured_at=at(permission.time_ms),
        ),
        created_at=at(now_ms),
        not_before=at(now_ms),
        expires_at=at(now_ms + 1000 * playbook.expires_after_s),
    )


def sent(topic: Topic, event: RecommendationRequest | Decision, case: Case) -> Send:
    """The record of a decision, on the trace of the call that opened its trigger."""
    return Send(topic, event, traceparent=case.trigger.trace or of_call(case.trigger.event))


def ended_at_once(case: Case, reason: str) -> Decision:
    """The record of a trigger that ended where its conversion came, or with its person."""
    return _decision(case, "not_asked", reason, bare(case.state, case.now_ms, case.rules))


def decision(case: Case, ending: Ending, reason: str, *, retry_ms: int | None = None) -> Decision:
    """The record that ends the trigger, or this attempt at it, without a mail."""
    taken = snapshot(case.state, case.now_ms, case.rules, case.person)
    return _decision(case, ending, reason, taken, retry_ms)


def _decision(case: Case, ending: Ending, reason: str, taken: Snapshot, retry_ms: int | None = None) -> Decision:
    experiment = experiment_of(case)
    return Decision(
        decision_id=decision_id(case),
        person=case.person,
        stage="profile",
        ending=ending,
        reason=reason,
        trigger=_trigger(case),
        experiment=experiment.name,
        arm=arm_of(case),
        language=_language(case),
        snapshot=taken,
        retry_at=None if retry_ms is None else at(retry_ms),
        ended_at=at(case.now_ms),
    )


def _trigger(case: Case) -> Trigger:
    trigger = case.trigger
    piece = case.rules.registered(trigger.item, trigger.title)
    return Trigger(
        playbook=trigger.playbook,
        purpose=trigger.purpose,
        event_id=trigger.event,
        event_name=trigger.name,
        item=trigger.item,
        title=piece.title if piece else trigger.title,
        content=piece.id if piece else None,
        occurred_at=at(trigger.time_ms),
        opened_at=at(trigger.opened_ms),
        due_at=at(trigger.due_ms),
        attempt=trigger.tries,
        speaker=speaker(trigger.speaker, is_trusted=True).value,
        send_time=None if trigger.send_time is None else _send_time(trigger.send_time),
    )


def _send_time(found: FoundTime) -> SendTime:
    return SendTime(
        reason=found.reason,
        experiment=found.experiment,
        was_due=at(found.was_due_ms),
        best_at=None if found.best_ms is None else at(found.best_ms),
        zone=LocalZone(name=found.zone, source=found.zone_source),
        evidence=found.evidence,
        score_due=found.score_due,
        score_best=found.score_best,
    )


def _name(state: Person) -> str | None:
    """The first name; a state may hold one from before it was judged."""
    return None if state.traits.name is None else first_name(state.traits.name.value)


def _language(case: Case) -> str:
    """The person's language where the business writes it, else the business's first; what they chose goes before."""
    languages, chosen, heard = case.rules.languages, case.state.choices.language, case.state.traits.language
    if chosen is not None and chosen.code in languages:
        return chosen.code
    language = "" if heard is None else heard.value.replace("_", "-").partition("-")[0]
    return language if language in languages else languages[0]
