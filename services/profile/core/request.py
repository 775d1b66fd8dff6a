"""The records of a decision: the request for one email, or the decision that ends a trigger or an attempt here."""

import uuid
from dataclasses import dataclass

from schemas.decision import Decision, Ending
from schemas.names import first_name
from schemas.program import Experiment
from schemas.recommendation import ConsentProof, Recipient, RecommendationRequest, Trigger
from schemas.signing import canonical
from schemas.speaker import speaker
from services.profile.core.arms import arm
from services.profile.core.declared import permission
from services.profile.core.pending import Entry
from services.profile.core.rules import Rules
from services.profile.core.snapshot import at, snapshot
from services.profile.core.state import State

NAMESPACE = uuid.UUID("5d1b5b6a-6f7c-5a53-9f0e-6b696e646c67")  # of every decision id; never changes
NO_EXPERIMENT = Experiment(name="none")


@dataclass(frozen=True, slots=True)
class Case:
    """One waiting trigger of one person, and the moment it is looked at."""

    person: str
    state: State
    entry: Entry
    rules: Rules
    now_ms: int


def decision_id(case: Case) -> str:
    """UUIDv5 of person, playbook, opening event and attempt: a replay gives the same."""
    entry = case.entry
    return str(
        uuid.uuid5(NAMESPACE, canonical([case.person, entry["playbook"], entry["event"], entry["tries"]]).decode())
    )


def experiment_of(case: Case) -> Experiment:
    """The experiment of the trigger's playbook; `none` where the playbook is gone."""
    playbook = case.rules.playbooks.get(case.entry["playbook"])
    return NO_EXPERIMENT if playbook is None else playbook.experiment


def request(case: Case) -> RecommendationRequest:
    """The request for one email; the caller has decided that there may be one."""
    state, now_ms = case.state, case.now_ms
    playbook = case.rules.playbooks[case.entry["playbook"]]
    _, _, address, key = state["addr"]
    time_ms, _, source, version, _ = permission(state, playbook.consent, key) or (0, True, "", "", 0)
    return RecommendationRequest(
        decision_id=decision_id(case),
        person=case.person,
        trigger=_trigger(case),
        experiment=playbook.experiment.name,
        arm=arm(playbook.experiment, case.person),
        language=_language(case),
        snapshot=snapshot(state, now_ms, case.rules, case.person),
        recipient=Recipient(address=address, address_key=key, name=_name(state)),
        consent=ConsentProof(purpose=playbook.consent, proof=f"{source} {version}".strip(), captured_at=at(time_ms)),
        created_at=at(now_ms),
        not_before=at(now_ms),
        expires_at=at(now_ms + 1000 * playbook.expires_after_s),
    )


def decision(case: Case, ending: Ending, reason: str, *, retry_ms: int | None = None) -> Decision:
    """The record that ends the trigger, or this attempt at it, without a mail."""
    experiment = experiment_of(case)
    return Decision(
        decision_id=decision_id(case),
        person=case.person,
        stage="profile",
        ending=ending,
        reason=reason,
        trigger=_trigger(case),
        experiment=experiment.name,
        arm=arm(experiment, case.person),
        language=_language(case),
        snapshot=snapshot(case.state, case.now_ms, case.rules, case.person),
        retry_at=None if retry_ms is None else at(retry_ms),
        ended_at=at(case.now_ms),
    )


def _trigger(case: Case) -> Trigger:
    entry = case.entry
    piece = case.rules.registered(entry["item"], entry["title"])
    return Trigger(
        playbook=entry["playbook"],
        purpose=entry["purpose"],
        event_id=entry["event"],
        event_name=entry["name"],
        item=entry["item"],
        title=piece.title if piece else entry["title"],
        content=piece.id if piece else None,
        occurred_at=at(entry["time"]),
        opened_at=at(entry["opened"]),
        due_at=at(entry["due"]),
        attempt=entry["tries"],
        speaker=speaker(entry.get("speaker"), is_trusted=True).value,
    )


def _name(state: State) -> str | None:
    """The first name; a state may hold one from before it was judged."""
    return first_name(state["name"][2]) if "name" in state else None


def _language(case: Case) -> str:
    """The person's language where the business writes it, else the business's first."""
    languages = case.rules.languages
    said = case.state["lang"][2].replace("_", "-").partition("-")[0] if "lang" in case.state else ""
    return said if said in languages else languages[0]
