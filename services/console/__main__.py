"""`kindling`, which is `python -m services.console`: the web page, or `decision explain` and `decision replay`."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial

from schemas.replay import Case
from services.console.adapters.case_file import read_cases
from services.console.adapters.command_words import read_words
from services.console.adapters.sqlite_view import SqliteView
from services.console.adapters.stage_processes import StageProcesses
from services.console.adapters.web import application, listen
from services.console.core.comparing import change, summary, verdict
from services.console.core.telling import explained
from services.console.pipeline import TOPICS, absorb, case_of, decided_anew, from_record, tell
from services.console.settings import ConsoleSettings
from services.runtime.errors import Status
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_view import View
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.process import Process, run
from services.runtime.settings import KafkaSettings, load

SERVICE = "console"
NOT_THE_SAME = 1

log = logging.getLogger("services.console")  # __name__ is "__main__" here, which the log settings do not know


async def serve(settings: ConsoleSettings, process: Process) -> None:
    """Build the view, serve it meanwhile, follow the topics until told to stop."""
    archive = SqliteView.open(settings.console_view)
    view = View(kafka_of(settings), TOPICS, partial(absorb, archive=archive))
    try:
        runner = await listen(application(archive), settings.console_host, settings.console_port)
        try:
            async with view.followed("view", process):
                log.info("serving", extra={"console_port": runner.addresses[0][1]})
                await process.stop.wait()
        finally:
            await runner.cleanup()
    finally:
        archive.close()


def kindling() -> int:
    """The command of that name."""
    return main(sys.argv[1:])


def main(arguments: Sequence[str]) -> int:
    """The exit status: 1 where a replayed mail is not the same, or there is no such decision."""
    words = read_words(arguments)
    if words.command is None:
        return run(SERVICE, ConsoleSettings, serve)
    try:
        return asyncio.run(_command(words))
    except Misconfigured as error:
        sys.stderr.write(f"kindling: {error}\n")
        return Status.MISCONFIGURED
    except Unavailable as error:
        sys.stderr.write(f"kindling: {error}\n")
        return Status.FENCED


async def _command(words: argparse.Namespace) -> int:
    archive = SqliteView.open(":memory:")
    try:
        await _fill(archive, words)
        if words.command == "explain":
            return _explain(words, archive)
        cases = tuple(_cases(words, archive))
    finally:
        archive.close()
    if not cases:
        sys.stderr.write("kindling: there is no such decision\n")
        return NOT_THE_SAME
    is_anew = words.anew or words.prompt or words.model or words.catalogue
    return await (_anew if is_anew else _again)(words, cases)


async def _fill(archive: SqliteView, words: argparse.Namespace) -> None:
    """The cases of the file, or the topics whole as they are now."""
    if words.file is not None:
        for each in read_cases(words.file):
            archive.put_decision(each.decision)
            if each.mail is not None:
                archive.put_mail(each.mail)
        return
    view = View(kafka_of(load(KafkaSettings)), TOPICS, partial(absorb, archive=archive))
    try:
        await view.read()
    finally:
        await view.stop()


def _explain(words: argparse.Namespace, archive: SqliteView) -> int:
    story, case = tell(words.decision_id, archive), case_of(words.decision_id, archive)
    if story is None or case is None:
        sys.stderr.write(f"kindling: there is no decision {words.decision_id}\n")
        return NOT_THE_SAME
    if words.json:
        shown = case if words.with_mail else case.model_copy(update={"mail": None})
        _say(shown.model_dump_json(by_alias=True))
        return 0
    for line in explained(story, dict(words.price)):
        _say(line)
    return 0


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


async def _again(words: argparse.Namespace, cases: Sequence[Case]) -> int:
    replayed = await from_record(cases, StageProcesses())
    verdicts = [verdict(then, now) for then, now in zip(cases, replayed, strict=True)]
    for each in verdicts:
        for line in [json.dumps(asdict(each))] if words.json else each.lines():
            _say(line)
    return 0 if all(each.is_same for each in verdicts) else NOT_THE_SAME


async def _anew(words: argparse.Namespace, cases: Sequence[Case]) -> int:
    given = {"--prompt": words.prompt, "--model": words.model, "--catalogue": words.catalogue}
    passed = [part for name, value in given.items() if value is not None for part in (name, str(value))]
    decided = await decided_anew(cases, passed, StageProcesses())
    prices = dict(words.price)
    changes = [change(then, now, prices) for then, now in zip(cases, decided, strict=True)]
    for each in changes:
        for line in [json.dumps(asdict(each))] if words.json else each.lines():
            _say(line)
    total = summary(changes)
    if words.json:
        _say(json.dumps(total))
    else:
        _say(", ".join(f"{name} {value}" for name, value in total.items()))
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
