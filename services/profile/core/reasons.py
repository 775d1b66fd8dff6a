"""Why a trigger ended, why a record was refused, and what became of an event: each is stored or counted."""

from enum import StrEnum


class Reason(StrEnum):
    """Why no mail is asked for; the order of the rules in `decide`."""

    ERASED = "erased"
    SHARED_ID = "shared_id"
    SHARED_MAILBOX = "shared_mailbox"
    SUPPRESSED = "suppressed"
    BOUNCING = "bouncing"
    NO_CONSENT = "no_consent"
    NO_ADDRESS = "no_address"
    ADDRESS_UNPROVEN = "address_unproven"
    PURPOSE_TAKEN = "purpose_taken"
    TOO_LITTLE_EVIDENCE = "too_little_evidence"
    BUDGET_SPENT = "budget_spent"
    PAUSED = "paused"
    CAP_REACHED = "cap_reached"
    HOLDOUT = "holdout"
    TOO_OLD = "too_old"
    PLAYBOOK_GONE = "playbook_gone"


class Refusal(StrEnum):
    """Why a record goes to the dead letters."""

    UNDECODABLE = "undecodable"
    BROKEN_EVENT = "broken_event"
    UNKNOWN_TOPIC = "unknown_topic"


class Became(StrEnum):
    """What became of one conversion that came: each coming has one of these words, but for two that hold none.

    A record at a place that is done is not looked into (`repeat_record`: all its events had their words when it was
    applied), and of one that is no JSON nobody knows what it held.

    Where it is folded, of several playbooks the first that holds: `opened`, at least one trigger waits by it; `joined`,
    its purposes had one already; `ended`, each ended at once (too old, person erased); `no_playbook`, it enters none,
    as one of whom nobody believes it.
    Else it was sent on (`rekeyed`: it comes again where it is folded) or is lost to us: `repeat`, `bot`, `rejected`.
    What does not decode is `rejected` by the kind it names. Law: conversions that came = all of these; conversions that
    were folded = the first four.
    """

    OPENED = "conversion_opened"
    JOINED = "conversion_joined"
    ENDED = "conversion_ended"
    NO_PLAYBOOK = "conversion_no_playbook"
    REKEYED = "conversion_rekeyed"
    REPEAT = "conversion_repeat"
    BOT = "conversion_bot"
    REJECTED = "conversion_rejected"

    @property
    def word(self) -> str:
        """Without what tells it from other counts of a step."""
        return self.value.removeprefix("conversion_")


class Count(StrEnum):
    """What became of an event or a record.

    `another_address`: a browser gave one beside the one that stands. `consent_unheard`: said by whom the table of
    claims does not hear, or doubts. `link_shared`: to an id that is held to be shared.
    `clicked`, `click_suspected`, `click_machine`: a click was judged, whether a machine made it: no, perhaps, yes.
    `suppressed`: those who send were told of the address that is known. Of triggers: `link_awaited`, one that was due
    began to wait for the state that a link sends; `link_overdue`, it was decided without.
    `reserving`, its mailbox's home was asked; `reserved`, `refused_home`, `waits_home`, what the home answered;
    `answer_late`, an answer for which nothing waits any more. `mailbox_told`: the home heard of what a person tells it;
    `heard_home`: a person heard of the home what another of the mailbox refuses. `send_time_moved`: it waits for an
    hour in which the person reads; `_control`, it would have and was drawn not to; `_no_better`, no hour is worth it;
    `_too_little`, too little is known of the person's hours.
    """

    FOLDED = "folded"
    BOT = "bot"
    UNKNOWN_KIND = "unknown_kind"
    ANOTHER_ADDRESS = "another_address"
    CONSENT_UNHEARD = "consent_unheard"
    REPEAT_RECORD = "repeat_record"
    REPEAT_COORDINATES = "repeat_coordinates"
    REPEAT_ID = "repeat_id"
    AFTER_ERASURE = "after_erasure"
    ERASURE = "erasure"
    EXPORT = "export"
    OPTED_OUT = "opted_out"
    LIFTED = "lifted"
    LINKED = "linked"
    LINK_REPEATED = "link_repeated"
    LINK_SHARED = "link_shared"
    LINK_REFUSED = "link_refused"
    LINK_AWAITED = "link_awaited"
    LINK_OVERDUE = "link_overdue"
    REKEYED = "rekeyed"
    ABSORBED = "absorbed"
    FORWARDED = "forwarded"
    OPENED = "opened"
    HEARD = "heard"
    GIVEN_BACK = "given_back"
    RESERVING = "reserving"
    RESERVED = "reserved"
    REFUSED_HOME = "refused_home"
    WAITS_HOME = "waits_home"
    ANSWER_LATE = "answer_late"
    MAILBOX_TOLD = "mailbox_told"
    HEARD_HOME = "heard_home"
    CLICKED = "clicked"
    CLICK_SUSPECTED = "click_suspected"
    CLICK_MACHINE = "click_machine"
    TOLD = "told"
    UNKNOWN_TOUCH = "unknown_touch"
    REJECTED = "rejected"
    SHRUNK = "shrunk"
    SUPPRESSED = "suppressed"
    ASKED = "asked"
    HELD_OUT = "held_out"
    WAITING = "waiting"
    QUIET_HOURS = "quiet_hours"
    SEND_TIME_MOVED = "send_time_moved"
    SEND_TIME_CONTROL = "send_time_control"
    SEND_TIME_NO_BETTER = "send_time_no_better"
    SEND_TIME_TOO_LITTLE = "send_time_too_little"
    NOT_ASKED = "not_asked"
