"""The commands beside the page: `decision explain|replay|send-time`, and `reconcile`; each ends with an exit status."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path

from schemas.decision import Decision
from schemas.ledger import KeptReply
from schemas.replay import Case, NoCase
from schemas.topics import LLM_REPLIES
from services.console.adapters.case_file import read_cases
from services.console.adapters.command_words import read_words
from services.console.adapters.sqlite_view import SqliteView
from services.console.adapters.stage_processes import StageProcesses
from services.console.core.comparing import Change, Verdict, change, summary, verdict
from services.console.core.measured import Groups
from services.console.core.named import line_of, mentions, named_by
from services.console.core.reconciling import Ledger, Limits, playbooks_of
from services.console.core.said import Said, said_of
from services.console.core.telling import explained
from services.console.core.values import Row
from services.console.explaining import fill_explained, persons_of
from services.console.pipeline import (
    TOPICS,
    TOPICS_MEASURED,
    TOPICS_RECONCILED,
    absorb,
    case_of,
    decided_anew,
    enter,
    from_record,
    hear,
    loose_ends,
    measure,
    tell,
)
from services.runtime.clock import now_ms
from services.runtime.errors import Status
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_find import Wanted, find
from services.runtime.kafka_view import View
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.program import read_program
from services.runtime.settings import KafkaSettings, ProgramSettings, SecretIfAny, load

NOT_THE_SAME = 1
SOME = 1
NOTHING_FOUND = 1
MOST_LISTED = 1_000  # decisions of one person
BY_ADDRESS = (
    ". Of a person with a user id an address is known only from mails of the last 7 days: "
    "`kindling person show ADDRESS` says the id, and then name u:<user id>"
)


def told(arguments: Sequence[str]) -> int:
    """The exit status of the command that the arguments name: `decision …` or `reconcile`."""
    return ended(read_words(arguments))


def ended(words: argparse.Namespace) -> int:
    """The exit status: 1 where a mail is not the same, a line no case, no decision there, or something has no end."""
    try:
        return asyncio.run(_command(words))
    except Misconfigured as error:
        sys.stderr.write(f"kindling: {error}\n")
        return Status.MISCONFIGURED
    except Unavailable as error:
        sys.stderr.write(f"kindling: {error}\n")
        return Status.FENCED


async def _command(words: argparse.Namespace) -> int:
    if words.command == "reconcile":
        return await _reconcile(words)
    if words.command == "send-time":
        return await _measure(words)
    archive = SqliteView.open(":memory:")
    try:
        if words.command == "explain":
            bad, persons = await _fill_explained(archive, words)
            status = await _explain(words, archive, persons)
        else:
            bad = await _fill(archive, words)
            status = await _replay(words, archive)
    finally:
        archive.close()
    return NOT_THE_SAME if bad else status


async def _replay(words: argparse.Namespace, archive: SqliteView) -> int:
    cases = _cases(words, archive)
    first = next(cases, None)
    if first is None:
        sys.stderr.write("kindling: there is no such decision\n")
        return NOT_THE_SAME
    is_anew = words.anew or words.prompt or words.model or words.catalogue
    return await (_anew if is_anew else _again)(words, chain((first,), cases))


async def _reconcile(words: argparse.Namespace) -> int:
    settings = load(ProgramSettings)
    entered, ledger = playbooks_of(read_program(settings.program).playbooks), Ledger()
    view = View(
        kafka_of(settings), TOPICS_RECONCILED, partial(enter, ledger=ledger), lambda _, __: None
    )  # what nobody can read is a dead letter, and told of there
    try:
        await view.read()
    finally:
        await view.stop()
    found = loose_ends(ledger, entered, Limits(words.older_than, words.mails_older_than, words.no_playbook), now_ms())
    for each in found:
        _say(json.dumps(asdict(each)) if words.json else each.line())
    return SOME if any(each.is_failing for each in found) else 0


async def _measure(words: argparse.Namespace) -> int:
    groups = Groups()
    view = View(kafka_of(load(KafkaSettings)), TOPICS_MEASURED, partial(measure, groups=groups))
    try:
        await view.read()
    finally:
        await view.stop()
    for each in groups.measured():
        _say(json.dumps(asdict(each)) if words.json else each.line())
    if not groups.found:
        _tell_progress("no trigger was moved to a better hour, and none was its control")
    return 0 if groups.found else NOTHING_FOUND


async def _fill(archive: SqliteView, words: argparse.Namespace) -> int:
    """The cases of the file, or the topics whole as they are now; how many lines of the file are no cases."""
    if words.file is not None:
        return sum(_put(archive, words.file, each) for each in read_cases(words.file))
    view = View(kafka_of(load(KafkaSettings)), TOPICS, partial(absorb, archive=archive))
    try:
        await view.read()
    finally:
        await view.stop()
    return 0


async def _fill_explained(archive: SqliteView, words: argparse.Namespace) -> tuple[int, tuple[str, ...]]:
    """What may be about whom or what the words name; how many lines of a file are no cases, and the persons."""
    named = named_by(words.decision_id)
    if words.file is not None:
        persons = persons_of(named, load(SecretIfAny)) if named.address is not None else persons_of(named, None)
        return await _fill(archive, words), persons
    return 0, await fill_explained(load(SecretIfAny), archive, named, _tell_progress)


def _tell_progress(line: str) -> None:
    sys.stderr.write(f"kindling: {line}\n")


def _put(archive: SqliteView, path: Path, row: Case | NoCase) -> bool:
    """Whether it is none, which is told."""
    if isinstance(row, NoCase):
        sys.stderr.write(f"kindling: {path}: {row.skipped}\n")
        return True
    archive.put_decision(row.decision)
    if row.mail is not None:
        archive.put_mail(row.mail)
    return False


async def _explain(words: argparse.Namespace, archive: SqliteView, persons: Sequence[str]) -> int:
    decision_id = words.decision_id
    if persons:
        rows = sorted((row for each in persons for row in archive.of_person(each, MOST_LISTED)), key=_newest)
        if not rows:
            hint = BY_ADDRESS if named_by(words.decision_id).address is not None else ""
            sys.stderr.write(f"kindling: there is no decision of {words.decision_id}{hint}\n")
            return NOT_THE_SAME
        if words.all:
            for row in rows:
                _say(json.dumps({**asdict(row), **_times(row)}) if words.json else line_of(row))
            return 0
        decision_id = rows[0].decision_id
    story, case = tell(decision_id, archive), case_of(decision_id, archive)
    if story is None or case is None:
        sys.stderr.write(f"kindling: there is no decision {decision_id}\n")
        return NOT_THE_SAME
    if words.json:
        shown = case if words.with_mail else case.model_copy(update={"mail": None})
        _say(shown.model_dump_json(by_alias=True))
        return 0
    for line in explained(story, dict(words.price), await _said(words, story.dossier.decision)):
        _say(line)
    return 0


def _newest(row: Row) -> tuple[float, str]:
    return -row.ended_at.timestamp(), row.decision_id


def _times(row: Row) -> dict[str, str | None]:
    retry_at = None if row.retry_at is None else row.retry_at.isoformat()
    return {"ended_at": row.ended_at.isoformat(), "retry_at": retry_at}


async def _said(words: argparse.Namespace, decision: Decision) -> Said | None:
    """What the ledger holds of its replies; None where the decision is a file's, or the ledger cannot be read."""
    if words.file is not None or not decision.asked:
        return None
    kept: list[KeptReply] = []
    wanted = Wanted(LLM_REPLIES, lambda record: mentions(record.value, decision.person), decision.person.encode())
    take = partial(hear, person=decision.person, kept=kept)
    try:
        await find(kafka_of(load(KafkaSettings)), (wanted,), take, _tell_progress)
    except (Misconfigured, Unavailable) as error:
        sys.stderr.write(f"kindling: raw replies are as the record has them: {error}\n")
        return None
    return said_of(decision, kept)


def _cases(words: argparse.Namespace, archive: SqliteView) -> Iterator[Case]:
    """The one decision, or those of the range that chose a course, oldest first."""
    if words.decision_id is not None:
        case = case_of(words.decision_id, archive)
        yield from () if case is None else (case,)
        return
    for decision_id in reversed(archive.between(words.since, words.until, words.limit)):
        case = case_of(decision_id, archive)
        if case is not None and case.decision.course is not None:
            yield case


async def _again(words: argparse.Namespace, cases: Iterable[Case]) -> int:
    differing = 0

    def take(then: Case, now: Case) -> None:
        nonlocal differing
        told = verdict(then, now)
        differing += not told.is_same
        _tell(told, is_json=words.json)

    await from_record(cases, StageProcesses(), take)
    return NOT_THE_SAME if differing else 0


async def _anew(words: argparse.Namespace, cases: Iterable[Case]) -> int:
    given = {"--prompt": words.prompt, "--model": words.model, "--catalogue": words.catalogue}
    passed = [part for name, value in given.items() if value is not None for part in (name, str(value))]
    prices = dict(words.price)
    changes: list[Change] = []  # figures only, for the sums

    def take(then: Case, now: Case) -> None:
        changes.append(change(then, now, prices))
        _tell(changes[-1], is_json=words.json)

    await decided_anew(cases, passed, StageProcesses(), take)
    total = summary(changes)
    if words.json:
        _say(json.dumps(total))
    else:
        _say(", ".join(f"{name} {value}" for name, value in total.items()))
    return 0


def _tell(told: Verdict | Change, *, is_json: bool) -> None:
    for line in [json.dumps(asdict(told))] if is_json else told.lines():
        _say(line)
    sys.stdout.flush()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
