"""Codes in the words of people who never read code. An unknown code is shown readably, never hidden."""

from collections.abc import Iterable, Mapping

from schemas.recommendation import Asked

ENDINGS = {
    "sent": ("Email written", "good"),
    "waiting": ("Held", "calm"),
    "held_out": ("Held out", "calm"),
    "not_asked": ("No email", "plain"),
    "expired": ("Too late", "plain"),
    "refused": ("Stopped by the checks", "warn"),
    "dead_lettered": ("Broken record", "warn"),
}
REASONS = {
    "composed": "An email was written and passed every check",
    "erased": "The person asked to be erased",
    "suppressed": "The address is suppressed",
    "bouncing": "The last emails came back, and it is too early to try again",
    "no_consent": "There is no consent for this kind of email",
    "no_address": "No address is known",
    "shared_id": "More than one person seems to use this id",
    "address_unproven": "Only a browser gave the address",
    "purpose_taken": "An email for this purpose was already sent",
    "too_little_evidence": "Too little is known to recommend anything",
    "budget_spent": "The budget of decisions for the day is spent",
    "cap_reached": "The person has had as many emails as the cap allows",
    "paused": "The person asked for a pause of email",
    "holdout": "The person is in the group that gets no emails, for comparison",
    "unknown_arm": "The person is in a group that this version does not know",
    "too_old": "The event came too late to act on",
    "playbook_gone": "Its playbook is no longer in use",
    "gate": "No text passed every check",
    "render": "The email could not be rendered",
    "no_candidate": "There is no course left that may be recommended",
    "nothing_fits": "No course in the catalogue fits",
    "address_named": "The address is on the business's own list of those that get no mail",
    "address_automatic": "Nobody reads mail at this address",
    "address_duty": "The address serves a duty of its domain, such as abuse@",
    "address_shared": "Several people read this address, and the business mails none such",
    "address_disposable": "The address is of a service that throws mail away",
    "address_own": "The address is under the business's own domain, which gets no mail",
    "expired": "The email would have gone out too late",
}
BY_MODEL = "llm"
RUNGS = {
    BY_MODEL: "language model",
    "rules": "rules",
    "composed": "composed from interests",
    "lanes": "words and meaning",
    "words": "words alone",
    "said": "words of the job",
    "popular": "popular courses",
    "posterior": "what helped others, and search",
    "otherwise": "the playbook, as no course fits",
    "template": "template",
    "none": "none",
}
STAGES = {
    "company": "company",
    "job": "job to be done",
    "imagine": "imagined course",
    "retrieve": "finding courses",
    "pick": "choosing one",
    "copy": "writing",
    "reader": "second reading",
}
BUYING = {
    "problem": "has a problem",
    "exploring": "is exploring",
    "comparing": "is comparing",
    "ready": "is ready",
}
UNKNOWN = "\N{EN DASH}"
TEN = 10.0
STATES = {
    "unknown": ("not known", "plain"),
    "paused": ("paused", "calm"),
    "still": ("stands still", "warn"),
    "behind": ("catching up", "calm"),
    "working": ("working", "good"),
    "idle": ("nothing to do", "plain"),
}
FEEDBACK = {
    "queued": "Queued",
    "sent": "Sent",
    "rejected": "Rejected",
    "failed": "Failed",
    "bounced": "Bounced",
    "deferred": "Deferred",
    "delivered": "Delivered",
    "opened": "Opened",
    "clicked": "Clicked",
    "complained": "Marked as spam",
    "unsubscribed": "Unsubscribed",
    "converted": "Converted",
    "not_sent": "Not sent",
    "unknown": "May have arrived",
}


def ending_words(ending: str) -> str:
    """What happened, in a word or two."""
    return ENDINGS[ending][0] if ending in ENDINGS else readable(ending)


def tone(ending: str) -> str:
    """The colour of the ending: good, calm, plain or warn."""
    return ENDINGS[ending][1] if ending in ENDINGS else "plain"


def reason_words(reason: str) -> str:
    """The reason as a sentence without its full stop."""
    return REASONS.get(reason, readable(reason))


def rung_words(rung: str) -> str:
    """Which fallback answered."""
    return RUNGS.get(rung, readable(rung).lower())


def stage_words(stage: str) -> str:
    """What a stage asks for."""
    return STAGES.get(stage, readable(stage).lower())


def in_order(rungs: Mapping[str, str]) -> list[tuple[str, str]]:
    """The rungs in the order of the path; stages nobody listed come last, by name."""
    order = list(STAGES)
    return sorted(rungs.items(), key=lambda each: (order.index(each[0]) if each[0] in order else len(order), each[0]))


def answered_by(rungs: Mapping[str, str], asked: Iterable[Asked]) -> list[tuple[str, str]]:
    """Stage and rung of each in words, in the order of the path; a model's rung with its name, where that is known."""
    models = {stage: each.model for each in asked if each.model for stage in each.stage.split("+")}
    named = {stage: f" {models[stage]}" for stage, rung in rungs.items() if rung == BY_MODEL and stage in models}
    return [(stage_words(stage), rung_words(rung) + named.get(stage, "")) for stage, rung in in_order(rungs)]


def rung_choice(value: str) -> str:
    """A filter's `copy:template` in words."""
    stage, _, rung = value.partition(":")
    return f"{stage_words(stage)}: {rung_words(rung)}"


def rate_words(rate: float | None) -> str:
    """Records a second as one reads them."""
    if rate is None:
        return UNKNOWN
    return f"{rate:,.0f}/s" if rate >= TEN or not rate else f"{rate:.1f}/s"


def known(number: int | None) -> str:
    """A number, or that nobody knows it."""
    return UNKNOWN if number is None else f"{number:,}"


def state_words(state: str) -> str:
    """How a stage gets on."""
    return STATES[state][0] if state in STATES else readable(state).lower()


def state_tone(state: str) -> str:
    """The colour of a state: good, calm, plain or warn."""
    return STATES[state][1] if state in STATES else "plain"


def buying_words(stage: str) -> str:
    """Where the person stands, as the end of "The person ..."."""
    return BUYING.get(stage, readable(stage).lower())


def feedback_words(word: str) -> str:
    """What became of the mail."""
    return FEEDBACK.get(word, readable(word))


def readable(code: str) -> str:
    """A code with spaces and a capital: `bad_header` is `Bad header`."""
    words = code.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]
