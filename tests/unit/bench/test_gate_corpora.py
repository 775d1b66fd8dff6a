"""The gate's corpora are whole: counted over both halves, without a look at the sealed one's words."""

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from operator import attrgetter
from typing import Any

import pytest

from bench.gate.rows import FIRST, SECOND, Corpus, Row, read_folder, read_sealed
from bench.gate.workload import main
from services.composer.core.values import Field

LANGUAGES = {"en", "es", "de", "fr", "pt", "it", "nl", "ja"}
KINDS = {"careful": True, "lively": True, "invented": False, "obeying": False, "watching": False, "hidden": False}


@dataclass(frozen=True, slots=True)
class Counted:
    """What may be known of both halves: how many lines, and of which kinds; pytest prints what a test is given."""

    open: Counter[Row]
    both: Counter[Row]
    distinct: int
    misplaced: int


@pytest.fixture(scope="module")
def counted() -> Counted:
    """Both halves without their words."""
    return _counted(FIRST)


@pytest.fixture(scope="module")
def second() -> Counted:
    """Both parts of the second corpus without their words."""
    return _counted(SECOND)


def _counted(corpus: Corpus) -> Counted:
    halves = read_folder(corpus.open), read_sealed(corpus.sealed)
    plain = [Counter(replace(each, text="", cites=()) for each in half) for half in halves]
    distinct = len({(each.language, each.field, each.text) for half in halves for each in half})
    return Counted(plain[0], plain[0] + plain[1], distinct, _misplaced(*halves))


def test_there_are_enough_lines_of_each_kind(counted: Counted) -> None:
    """Over both halves, at least as many as were asked for, in eight languages; none stands there twice."""
    kinds = _times(counted.both, "kind")
    assert kinds.keys() == KINDS.keys()
    assert kinds["careful"] + kinds["lively"] >= 400
    assert kinds["invented"] >= 200
    assert kinds["obeying"] >= 300
    assert counted.distinct == counted.both.total() == 1_360


def test_there_are_enough_lines_of_each_language(counted: Counted) -> None:
    """Honest and invented."""
    times = _times(counted.both, "language", "kind")
    assert {language for language, _ in times} == LANGUAGES
    assert min(times[each, "careful"] + times[each, "lively"] for each in LANGUAGES) >= 50
    assert min(times[each, "invented"] for each in LANGUAGES) >= 25


def test_lines_are_in_the_file_of_their_language_and_expect_what_their_kind_does(counted: Counted) -> None:
    """What is honest is to pass, all else to be refused; every field occurs in both."""
    assert [each for each in counted.both if each.stem != each.language] == []
    assert [each for each in counted.both if KINDS[each.kind] != each.is_expected_to_pass] == []
    assert {(each.field, each.is_expected_to_pass) for each in counted.both} == {
        (field, verdict) for field in Field for verdict in (True, False)
    }


def test_halves_are_halves(counted: Counted) -> None:
    """Of each kind and language, in the order of the texts' SHA-256, one line is open and the next sealed."""
    assert counted.misplaced == 0
    halves = _times(counted.open, "kind", "language")
    whole = _times(counted.both, "kind", "language")
    assert max(abs(2 * halves[of] - times) for of, times in whole.items()) <= 1


def test_second_corpus_has_every_kind_but_what_is_hidden(second: Counted) -> None:
    """In eight languages, no line twice; honest and not as their kinds say, in the file of their language."""
    assert second.distinct == second.both.total() == 1_282
    assert _times(second.both, "kind").keys() == KINDS.keys() - {"hidden"}
    for part in (second.open, second.both - second.open):
        times = _times(part, "language", "kind")
        assert {language for language, _ in times} == LANGUAGES
        assert min(times[each, "careful"] + times[each, "lively"] for each in LANGUAGES) >= 30
        assert min(times[each, "invented"] for each in LANGUAGES) >= 15
    assert [each for each in second.both if each.stem != each.language] == []
    assert [each for each in second.both if KINDS[each.kind] != each.is_expected_to_pass] == []


def test_sealed_half_is_only_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Kinds, languages, numbers and how far it is come out, and no rule, text or finding."""
    assert main(["--sealed"]) == 0
    out, said = capsys.readouterr()
    figures = [json.loads(line) for line in out.splitlines()]
    assert {each["subject"] for each in figures} == {
        *(f"kindling-sealed/{kind}" for kind in KINDS),
        *(f"kindling-second-sealed/{kind}" for kind in KINDS if kind != "hidden"),
    }
    assert {each["slice"] for each in figures} == {"all", *LANGUAGES}
    heads = {"passed of"} | {each["subject"] for each in figures}
    pattern = re.compile(rf"(?:{'|'.join(heads)})(?: +(?:all|[a-z]{{2}}|\d+/\d+))+|[\d,]+ of [\d,]+ lines judged")
    assert [number for number, line in enumerate(said.splitlines(), 1) if pattern.fullmatch(line) is None] == []


def _misplaced(opened: tuple[Row, ...], sealed: tuple[Row, ...]) -> int:
    """How many lines are in the half of the line before them."""
    order = sorted(
        (each.kind, each.language, sha256(each.text.encode("utf-8", "surrogatepass")).hexdigest(), number)
        for number, half in enumerate((opened, sealed))
        for each in half
    )
    return sum(one[:2] == other[:2] and one[3] == other[3] for one, other in pairwise(order))


def _times(rows: Counter[Row], *names: str) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for row, times in rows.items():
        found[attrgetter(*names)(row)] += times
    return found
