"""From judged lines to figures: the share that passed, by file and language and by kind and language, and by rule."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.gate.rows import Row
from bench.measurement import Measurement, rounded
from services.composer.core.values import Finding

WORKLOAD = "gate"
METRIC = "passed"
UNIT = "share"
ALL = "all"
ANY_RULE = "every rule"


@dataclass(frozen=True, slots=True)
class Judged:
    """One line and what the gate found in it."""

    row: Row
    findings: tuple[Finding, ...]

    @property
    def has_passed(self) -> bool:
        """True where no rule refused it."""
        return not self.findings

    @property
    def is_wrong(self) -> bool:
        """True where the gate says other than the line's writer."""
        return self.has_passed != self.row.is_expected_to_pass


def by_file(judged: Sequence[Judged]) -> Mapping[str, Sequence[Judged]]:
    """The lines of each file, by its stem."""
    return _grouped(judged, lambda each: each.row.stem)


def by_kind(judged: Sequence[Judged], name: str) -> Mapping[str, Sequence[Judged]]:
    """The lines of each kind, as `name/kind`."""
    return _grouped(judged, lambda each: f"{name}/{each.row.kind}")


def measured(subjects: Mapping[str, Sequence[Judged]]) -> Iterator[Measurement]:
    """The share of each subject's lines that passed: of all, then of each language."""
    for subject, lines in subjects.items():
        for name, part in _slices(lines).items():
            value = rounded(sum(each.has_passed for each in part) / len(part))
            yield Measurement(WORKLOAD, subject, METRIC, value, UNIT, name)


def table_by_rule(subjects: Mapping[str, Sequence[Judged]]) -> Iterator[str]:
    """A line a file, language and rule: how many lines passed it; a rule that refused none of them has no line."""
    yield f"{'file':22}{'language':10}{'rule':16}{'lines':>7}{'passed':>8}"
    for subject, lines in subjects.items():
        for language, part in _grouped(lines, lambda each: each.row.language).items():
            for rule, refused in _refused(part).items():
                yield f"{subject:22}{language:10}{rule:16}{len(part):7}{len(part) - refused:8}"


def table_by_kind(subjects: Mapping[str, Sequence[Judged]]) -> Iterator[str]:
    """A line a kind, a column a language: how many of its lines passed."""
    languages = [*_slices([each for lines in subjects.values() for each in lines])]
    yield f"{'passed of':34}" + "".join(f"{each:>10}" for each in languages)
    for subject, lines in subjects.items():
        slices = _slices(lines)
        yield f"{subject:34}" + "".join(f"{_passed_of(slices.get(each, ())):>10}" for each in languages)


def _refused(lines: Sequence[Judged]) -> Mapping[str, int]:
    times = Counter(rule for each in lines for rule in {finding.rule for finding in each.findings})
    return {ANY_RULE: sum(not each.has_passed for each in lines), **dict(sorted(times.items()))}


def _passed_of(lines: Sequence[Judged]) -> str:
    return f"{sum(each.has_passed for each in lines)}/{len(lines)}" if lines else "-"


def _slices(lines: Sequence[Judged]) -> Mapping[str, Sequence[Judged]]:
    return {ALL: lines, **_grouped(lines, lambda each: each.row.language)}


def _grouped(lines: Sequence[Judged], key: Callable[[Judged], str]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = {}
    for each in lines:
        found.setdefault(key(each), []).append(each)
    return dict(sorted(found.items()))
