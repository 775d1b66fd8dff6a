"""What an import came to, in sentences for a person and as JSON for a program."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from services.recommender.adapters.catalogue.importing import Import


def sentences(path: Path, done: Import, *, is_dry_run: bool) -> Iterator[str]:
    """What holds of many rows, then the sum."""
    for topic, count in sorted(done.unknown_topics.items()):
        yield f"{path}: warning: topic {topic!r} of {count} courses is not in signals.yaml: nobody's interest meets it"
    if done.differences:
        taken = _taken(done)
        yield (
            f"{path}: warning: {len(done.differences)} rows say another language than their text is in: {taken} taken "
            f"by their text, {len(done.differences) - taken} by their word; --trust-language takes all by theirs"
        )
    if done.unsafe:
        yield f"{path}: warning: {len(done.unsafe)} rows hold texts that no mail will quote; each was named"
    what = "are good" if is_dry_run else "published"
    yield f"{done.courses} courses {what}, {done.unchanged} unchanged, {len(done.bad)} rows are bad"


def json_lines(done: Import, *, is_dry_run: bool) -> Iterator[str]:
    """One object a problem, then the sum."""
    for row in done.bad:
        yield _json({"problem": "row", "line": row.line, "why": row.problem})
    for each in done.differences:
        yield _json(
            {
                "problem": "language",
                "line": each.line,
                "id": each.id,
                "says": each.says,
                "text_in": each.found,
                "confidence": round(each.confidence, 4),
                "taken": each.taken,
                "why": each.why,
            }
        )
    for each_unsafe in done.unsafe:
        for name, rule in each_unsafe.found:
            yield _json(
                {"problem": "text", "line": each_unsafe.line, "id": each_unsafe.id, "field": name, "rule": rule}
            )
    for topic, count in sorted(done.unknown_topics.items()):
        yield _json({"problem": "topic", "topic": topic, "courses": count})
    counts = {"courses": done.courses, "unchanged": done.unchanged, "bad": len(done.bad), "unsafe": len(done.unsafe)}
    languages = {"language_taken": _taken(done), "language_kept": len(done.differences) - _taken(done)}
    yield _json({"sum": counts | languages | {"is_dry_run": is_dry_run}})


def _taken(done: Import) -> int:
    return sum(each.is_taken for each in done.differences)


def _json(found: Mapping[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False)
