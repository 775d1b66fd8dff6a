"""`python -m bench mails`: plays the academy's story and writes its mails to a page, each judged in a line."""

import argparse
import contextlib
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bench.mails.judged import read_judgements
from bench.mails.page import Shown, page_of
from bench.mails.played import Late, Run, nobody, played
from bench.mails.story import ACADEMY, NotPlayed
from bench.measurement import Measurement
from bench.reporting import reported, say
from services.runtime.outcome import Misconfigured

DOCS = Path(__file__).parents[2] / "docs"
PAGE, JUDGED = "mails.md", "mails.yaml"
TEMPLATES = ("Maya", "Lucía", "Anke", "Claire")  # the first lead of each language of the story
PICTURED = "Yuki"  # the mail with every part: notes, card, further courses
ABROAD, LANGUAGE = "Marta", "it"  # a lead whose language is changed, to one that the academy does not speak
REMARK = "For this page alone they read Italian and the brand writes it, unlike in the story; no course is in it."


def main(words: Sequence[str]) -> int:
    """Write the page, and print how many mails of each writer it has."""
    parser = argparse.ArgumentParser(prog="python -m bench mails", description=__doc__)
    parser.add_argument("--docs", type=Path, default=DOCS, help="the folder of the page and of its judgements")
    parser.add_argument("--html", type=Path, help=f"a file for the HTML of {PICTURED}'s mail, to be photographed")
    return reported(_written(parser.parse_args(words)), (Misconfigured, NotPlayed, OSError))


async def mails() -> list[Shown]:
    """Every recorded mail of the story, one template a language, and a template in a language more."""
    with contextlib.redirect_stdout(sys.stderr), tempfile.TemporaryDirectory() as folder:
        recorded = await played(ACADEMY, Late())
        without = await played(_abroad(Path(folder) / "program"), Late(), nobody, {*TEMPLATES, ABROAD})
    return [
        *(_shown(recorded, name) for name in recorded.conversions),
        *(_shown(without, name) for name in TEMPLATES),
        _shown(without, ABROAD, REMARK),
    ]


async def _written(words: argparse.Namespace) -> list[Measurement]:
    shown = await mails()
    page = page_of(shown, read_judgements(words.docs / JUDGED), PICTURED)
    (words.docs / PAGE).write_text(page, encoding="utf-8")
    say(f"{words.docs / PAGE} has {len(shown)} mails")
    if words.html is not None:
        pictured = next(each for each in shown if each.conversion.lead.name == PICTURED)
        words.html.write_text(pictured.conversion.email.html, encoding="utf-8")
    counts = {writer: sum(each.writer == writer for each in shown) for writer in ("recorded", "template")}
    return [Measurement("mails", writer, "mails", count, "mails") for writer, count in counts.items()]


def _shown(run: Run, name: str, remark: str = "") -> Shown:
    each = run.conversions[name]
    if each.email is None:
        raise NotPlayed(f"expected a mail to {name}, came {each.end}")
    return Shown(each, "recorded" if each.decision.rungs["copy"] == "llm" else "template", remark)


def _abroad(folder: Path) -> Path:
    """A copy of the academy where one lead, and the brand, have a language more."""
    shutil.copytree(ACADEMY, folder)
    brand, story = (_read(folder / name) for name in ("brand.yaml", "story.yaml"))
    brand["languages"].append(LANGUAGE)
    for step in next(lead for lead in story["leads"] if lead["name"] == ABROAD)["steps"]:
        if "traits" in step:
            step["traits"]["language"] = LANGUAGE
    for name, value in (("brand.yaml", brand), ("story.yaml", story)):
        (folder / name).write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
    return folder


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
