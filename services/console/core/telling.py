"""One decision told plainly, line by line, for a terminal: all that led to it, and nothing that names anybody."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from schemas.decision import Decision
from schemas.identity import person_tag
from schemas.recommendation import Asked
from services.console.core.pricing import Prices, cost, money
from services.console.core.said import Said
from services.console.core.story import Story
from services.console.core.words import in_order

SHORT = 12  # characters of a hash: enough to tell two apart


def explained(story: Story, prices: Prices, said: Said | None = None) -> tuple[str, ...]:
    """The lines. Total: what a stage left out is left out, or said to be missing. No address, no name.

    `said`: what the ledger holds of the replies; None where nobody looked.
    """
    decision = story.dossier.decision
    parts = (
        _head(story),
        _known(story),
        _understood(story),
        _found(story),
        _picked(story),
        _told(decision),
        _made(story),
        _asked(decision, said),
        _ended(story, prices),
    )
    return tuple(line for part in parts for line in part)


def _head(story: Story) -> Iterator[str]:
    decision = story.dossier.decision
    trigger, snapshot = decision.trigger, decision.snapshot
    yield f"decision  {decision.decision_id}"
    yield f"ended     {decision.ending} ({decision.reason}) at {_instant(decision.ended_at)} by {decision.stage}"
    if decision.retry_at is not None:
        yield f"          decided again at {_instant(decision.retry_at)}"
    yield f"who       {person_tag(decision.person)} (tag), language {decision.language}"
    yield f"arm       {decision.arm} of {decision.experiment}"
    title = "" if trigger.title is None else f": {trigger.title}"
    yield f"trigger   {trigger.event_name}{title}"
    when = f"{_instant(trigger.occurred_at)}, try {trigger.attempt}"
    yield f"          {trigger.playbook}, event {trigger.event_id}, {when}"
    if story.hour:
        yield f"hour      {story.hour}"
    if story.zone:
        yield f"clock     {story.zone}"
    yield f"profile   version {snapshot.version}, hash {snapshot.hash[:SHORT]}, evidence {snapshot.evidence:.2f}"


def _known(story: Story) -> Iterator[str]:
    snapshot = story.dossier.decision.snapshot
    is_not_asked = story.dossier.decision.ending == "not_asked"
    is_bare = is_not_asked and snapshot.evidence and not (story.signals or story.interests)
    none = "not recorded: the trigger ended where its conversion came" if is_bare else "none"
    yield "signals   " + ("" if story.signals else none)
    for line in story.signals:
        each = line.signal
        about = f"  [{', '.join(each.topics)}]" if each.topics else ""
        yield f"  {each.id:<4}{each.weight:7.2f}  {each.count}x {each.kind}: {each.title}{about}"
    for interest in story.interests:
        yield f"  interest {interest.weight:7.2f}  {interest.name}"
    for fact in snapshot.facts:
        yield f"  fact:{fact.name}: {fact.value} ({fact.source}{', verified' if fact.is_verified else ''})"
    for name, ids in (
        ("taken", [each.course_id for each in snapshot.history]),
        ("completed", snapshot.completed),
        ("recommended", snapshot.recommended),
    ):
        if ids:
            yield f"  {name}: {', '.join(ids)}"


def _understood(story: Story) -> Iterator[str]:
    decision = story.dossier.decision
    if decision.job is not None:
        job = decision.job
        yield f"job       by {_rung(decision, 'job')}: {job.text}"
        yield f"          {job.stage}, confidence {job.confidence:.2f}{_cites(job.cites, story.job_cites)}"
    if decision.imagined is not None:
        imagined = decision.imagined
        yield f"imagined  by {_rung(decision, 'imagine')}: {imagined.title} ({imagined.level})"
        yield f"          {imagined.description}"
        if imagined.skills:
            yield f"          skills: {', '.join(imagined.skills)}"


def _found(story: Story) -> Iterator[str]:
    decision = story.dossier.decision
    if not story.candidates:
        return
    yield f"found     by {_rung(decision, 'retrieve')}: {len(story.candidates)} candidates"
    yield f"          index {decision.generation or '-'}, catalogue {(decision.catalogue or '-')[:SHORT]}"
    heads = "".join(f"{lane[:9]:>10}" for lane in story.lanes)
    yield f"    #   score{heads}  course"
    for line in story.candidates:
        ranks = "".join(f"{rank or '-':>10}" for rank in line.ranks)
        mark = "*" if line.is_chosen else "+" if line.is_shown else " "
        yield f"  {line.place:>3}{mark}{line.score:7.3f}{ranks}  {line.course_id}: {line.title}"


def _picked(story: Story) -> Iterator[str]:
    decision = story.dossier.decision
    if decision.pick is not None:
        pick = decision.pick
        tried = ", to learn about it" if pick.is_exploration else ""
        yield f"pick      by {_rung(decision, 'pick')}: {pick.course_id}, probability {pick.propensity:.3f}{tried}"
        yield f"          {pick.reason}{_cites(pick.cites, story.pick_cites)}"
    if decision.pick is not None and decision.course is not None and decision.course.id != decision.pick.course_id:
        yield f"instead   {decision.course.id}: {decision.course.title}"
    for number, course in enumerate(decision.also):
        yield f"{'' if number else 'also':<10}{course.id}: {course.title}"
    if decision.shadow is not None:
        shadow = decision.shadow
        same = "the same course" if shadow.agrees else f"{shadow.course_id}: {shadow.title}"
        yield f"shadow    without a model: {same}; {shadow.shared} candidates shared"
    if decision.left_out:
        yield f"left out  {', '.join(decision.left_out)}: meant for a machine, and moved no ranking"


def _told(decision: Decision) -> Iterator[str]:
    """What the mail's text was allowed to say, and what was kept from it by which rule."""
    if decision.brief:
        yield f"brief     {len(decision.brief)} facts"
    for name, text in decision.brief.items():
        yield f"  {name}: {_one_line(text)}"
    if decision.not_told:
        yield "not told  by rule"
    for each in decision.not_told:
        yield f"  {each.field}: {each.rule}"


def _made(story: Story) -> Iterator[str]:
    decision = story.dossier.decision
    if decision.rungs:
        yield "rungs     " + ", ".join(f"{stage} {rung}" for stage, rung in in_order(decision.rungs))
    yield "gate      " + ("refused:" if decision.refusals else "refused nothing")
    for refusal in decision.refusals:
        yield f"  {refusal.attempt} {refusal.rule}: {refusal.detail}"
        if refusal.about:
            yield f"    in: {_one_line(refusal.about)}"


def _asked(decision: Decision, said: Said | None) -> Iterator[str]:
    """The questions, each with the raw answer: the ledger's where it still has it, else the record's."""
    replies = (None,) * len(decision.asked) if said is None else said.replies
    for asked, reply in zip(decision.asked, replies, strict=True):
        yield f"asked     {_question(asked)}"
        if reply is None and said is not None:
            yield "          raw reply: no more in llm.replies" + ("; what the record has of it:" if asked.text else "")
        yield from _raw(asked.text if reply is None else reply.text)
    for reply in () if said is None else said.beside:
        told = f"{reply.outcome} ({_one_line(reply.detail)})" if reply.detail else reply.outcome
        yield f"beside    {reply.stage} by {reply.prompt_id}: {reply.model}, {told}; no question's answer"
        yield from _raw(reply.text)


def _raw(text: str) -> Iterator[str]:
    yield from (f"          {_one_line(line)}" for line in text.splitlines())


def _ended(story: Story, prices: Prices) -> Iterator[str]:
    decision = story.dossier.decision
    tokens_in = sum(each.prompt_tokens for each in decision.asked)
    tokens_out = sum(each.completion_tokens for each in decision.asked)
    yield f"tokens    {tokens_in} in, {tokens_out} out; cost {money(cost(decision.asked, prices))}"
    yield "times     " + (", ".join(f"{stage} {seconds:.3f} s" for stage, seconds in story.timings) or "none kept")
    if story.dossier.mail is not None:
        yield f"mail      {story.dossier.mail.message_id}: {story.dossier.mail.subject}"
    for each in story.dossier.feedback:
        yield f"feedback  {each.word} at {_instant(each.occurred_at)} ({each.source})"


def _question(asked: Asked) -> str:
    told = f" ({asked.detail})" if asked.detail else ""
    used = f"{asked.prompt_tokens}+{asked.completion_tokens} tokens, {asked.duration_s:.2f} s"
    used += ", from the ledger" if asked.is_from_ledger else ""
    return f"{asked.stage} by {asked.prompt_id}: {asked.model or 'nobody'}, {asked.outcome}{told}, {used}"


def _one_line(text: str) -> str:
    """Text of others as a terminal may show it."""
    return "".join(each if each.isprintable() else " " for each in text)


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


def _rung(decision: Decision, stage: str) -> str:
    return decision.rungs.get(stage, "an unnamed rung")


def _cites(ids: Sequence[str], titles: Sequence[str]) -> str:
    named = (one if one == title else f"{one} “{title}”" for one, title in zip(ids, titles, strict=True))
    return f"; cites {', '.join(named)}" if ids else ""
