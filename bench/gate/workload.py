"""`python -m bench gate`: of lines that others wrote, which does the product's own gate let through?"""

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.endpoint.workload import UNBOUNDED
from bench.gate.figures import Judged, by_file, by_kind, measured, table_by_kind, table_by_rule
from bench.gate.reading import read, summary
from bench.gate.rows import OURS, Row, read_folder, read_sealed
from bench.gate.verdicts import VERDICTS, RecordedReader, read_verdicts
from bench.lexicons import shipped_lexicons
from bench.measurement import Measurement
from bench.reporting import reported, say
from services.composer.adapters.prompt_file import read_prompt
from services.composer.core.gate.facts import fact_of
from services.composer.core.gate.judge import judge_line
from services.composer.core.reader import STAGE
from services.runtime.llm_client import build
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Misconfigured
from services.runtime.settings import load

READER = "reader.v1"
EVERY_S = 5.0  # between two lines of progress


def main(words: Sequence[str]) -> int:
    """Print the tables to standard error and one JSON object a figure to standard output; the exit status."""
    parser = _parser()
    chosen = parser.parse_args(words)
    if chosen.language and not chosen.show:
        parser.error("--language is for --show")
    if chosen.reader and chosen.show:
        parser.error("--reader is not for --show, which shows what the gate decides")
    return reported(_measuring(chosen), Misconfigured)


def judged(rows: Sequence[Row]) -> tuple[Judged, ...]:
    """Each line with what the gate finds in it; says how far it is where that takes seconds."""
    return tuple(_judged(rows))


def shown(each: Judged) -> str:
    """One line with its facts and what was found, for who builds the gate; what nobody could see is spelt out."""
    row = each.row
    verdict = "passed" if each.has_passed else "refused"
    lines = [f"[{row.kind} {row.language} {row.field}] {verdict}: {_visible(row.text)}"]
    lines += [f"    {identifier}: {_visible(text)}" for identifier, text in row.cites]
    lines += [f"    ! {finding.rule}: {_visible(finding.detail)}" for finding in each.findings]
    return "\n".join(lines)


async def _measuring(chosen: argparse.Namespace) -> Sequence[Measurement]:
    if chosen.show:
        _show(chosen.show, chosen.language)
        return ()
    figures: list[Measurement] = []
    if chosen.sealed:
        for each in OURS:
            figures += await _of_kinds(judged(read_sealed(each.sealed)), f"{each.name}-sealed", chosen)
        return figures
    for folder, name, prefix in _folders(chosen.data):
        lines = judged(read_folder(folder))
        files = {f"{prefix}{stem}": each for stem, each in by_file(lines).items()}
        for line in (*table_by_rule(files), ""):
            say(line)
        figures += (*measured(files), *await _of_kinds(lines, name, chosen))
    return figures


def _folders(folder: Path | None) -> Iterator[tuple[Path, str, str]]:
    """Folders of lines with the name of their kinds and what stands before the stems of their files."""
    if folder is None:
        yield from ((each.open, each.name, "" if each is OURS[0] else f"{each.name}/") for each in OURS)
        return
    names = {each.open.resolve(): each.name for each in OURS}
    yield folder, names.get(folder.resolve(), folder.resolve().name), ""


async def _of_kinds(lines: Sequence[Judged], name: str, chosen: argparse.Namespace) -> Sequence[Measurement]:
    """Figures by kind and language alone: nothing that says what a line holds, nor which rule saw it."""
    kinds = by_kind(lines, name)
    for each in table_by_kind(kinds):
        say(each)
    return (*measured(kinds), *(await _of_reader(lines, name) if chosen.reader else ()))


async def _of_reader(lines: Sequence[Judged], name: str) -> Sequence[Measurement]:
    """The same figures after the second reader, of the lines that are not unread."""
    settings, prompt = load(LlmSettings), read_prompt(READER)
    if not settings.is_on:
        reader = RecordedReader(read_verdicts())
        found = await read(lines, reader, prompt)
        say(f"\nread with the verdicts of {VERDICTS.name}, model recorded; set OPENAI_API_KEY to ask an endpoint")
    else:
        client = build(settings.model_copy(update={**UNBOUNDED, "llm_stages": STAGE}))
        try:
            found = await read(lines, client, prompt)
        finally:
            await client.stop()
        say(f"\nread by {', '.join(each.name for each in settings.models)}, the next where one says no or is unsure")
    kinds = by_kind([each.after for each in found if each.after is not None], f"{name}-read")
    for each in (*table_by_kind(kinds), "", *summary(found)):
        say(each)
    return tuple(measured(kinds))


def _show(kind: str, language: str | None) -> None:
    rows = [row for each in OURS for row in read_folder(each.open)]
    kinds = sorted({each.kind for each in rows})
    if kind not in kinds:
        raise Misconfigured(f"--show: expected one of {', '.join(kinds)}, came {kind}")
    languages = sorted({each.language for each in rows})
    if language is not None and language not in languages:
        raise Misconfigured(f"--language: expected one of {', '.join(languages)}, came {language}")
    sought = [each for each in rows if each.kind == kind and language in {None, each.language}]
    wrong = [each for each in judged(sought) if each.is_wrong]
    for each in wrong:
        print(shown(each))
    say(f"{len(wrong)} of {len(sought)} lines are decided wrongly")


def _judged(rows: Sequence[Row]) -> Iterator[Judged]:
    lexicons = shipped_lexicons()
    said = time.monotonic()
    for number, row in enumerate(rows):
        if time.monotonic() - said >= EVERY_S:
            said = time.monotonic()
            say(f"{number:,} of {len(rows):,} lines judged")
        facts = tuple(fact_of(identifier, text) for identifier, text in row.cites)
        yield Judged(row, judge_line(row.field, row.language, row.text, facts, lexicons))


def _visible(text: str) -> str:
    return "".join(each if each.isprintable() else f"<U+{ord(each):04X}>" for each in text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench gate", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--data", type=Path, help="a folder of *.jsonl; without it the open half of our own corpora")
    what.add_argument("--sealed", action="store_true", help="the sealed half: figures by kind and language alone")
    what.add_argument("--show", metavar="KIND", help="the open half's lines of this kind that are decided wrongly")
    parser.add_argument("--language", help="with --show: of this language alone")
    parser.add_argument("--reader", action="store_true", help="and what the second reader lets through of that")
    return parser
