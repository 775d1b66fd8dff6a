"""A small sample of our own making, in COCO's columns: `python -m bench.recommendation.sample` writes it beside this.

Courses have a subject, which their words show, and a path, which only behaviour shows; learners follow both, and what
is popular. So no lane alone can foretell what all of them together can.
"""

import csv
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "sample"
SEED = 4
SUBJECTS = (
    "bookkeeping", "photography", "gardening", "negotiation", "statistics", "pottery", "sailing", "baking",
    "carpentry", "chess", "drawing", "fencing", "glazing", "hiking", "juggling", "knitting",
)  # fmt: skip
KINDS = (
    "basics", "practice", "tools", "projects", "mistakes", "planning", "masterclass", "cases", "habits", "review",
    "teaching", "history", "safety", "costs", "style", "repair", "travel", "records", "clubs", "contests",
)  # fmt: skip
PATH = 10  # courses of different subjects that are taken one after the other
LEARNERS = 700
START_S, DAY_S, DAYS = 1_700_000_000, 86_400, 300
ALONG_PATH, WITHIN_SUBJECT = 0.32, 0.38  # of steps, the rest is what is popular: no lane is far better than the others


def courses() -> list[dict[str, Any]]:
    """Every subject in every kind."""
    return [
        {
            "pid": str(1_000 + number),
            "title": f"{subject} {kind}",
            "belong_to_category": ["hobbies" if number % 20 < 10 else "work", subject],  # noqa: PLR2004 half and half
            "related_to_concept": [subject.title(), kind.title()],
            "taught_in_level": ["all"],
            "taught_in_language": ["english"],
        }
        for number, (subject, kind) in enumerate((subject, kind) for subject in SUBJECTS for kind in KINDS)
    ]


def steps(of: Sequence[dict[str, Any]]) -> list[tuple[str, str, int, str]]:
    """(learner, course, second, part) of every learner: three to seven courses, the last two to be foretold."""
    chance = random.Random(SEED)  # noqa: S311 a sample, not a secret
    ids = [each["pid"] for each in of]
    subjects = {each["pid"]: each["belong_to_category"][1] for each in of}
    paths = chance.sample(ids, len(ids))
    weights = [1 / (1 + place) for place in range(len(ids))]
    made: list[tuple[str, str, int, str]] = []
    for number in range(LEARNERS):
        at = START_S + chance.randrange(DAYS * DAY_S)
        taken = [chance.choices(ids, weights)[0]]
        count = chance.randint(3, 7)
        while len(taken) < count:
            following = _next(taken[-1], paths, subjects, chance.random())
            options = [each for each in following or ids if each not in taken] or [
                each for each in ids if each not in taken
            ]
            taken.append(chance.choices(options, [weights[ids.index(each)] ** 0.5 for each in options])[0])
        for place, course in enumerate(taken):
            at += chance.randrange(1, 20 * DAY_S)
            made.append((str(10_000 + number), course, at, "future" if place >= count - 2 else "history"))
    return made


def write(folder: Path) -> None:
    """Write both files: the same bytes each time."""
    folder.mkdir(parents=True, exist_ok=True)
    of = courses()
    lines = "".join(json.dumps(each) + "\n" for each in of)
    (folder / "courses.jsonl").write_text(lines, encoding="utf-8")
    with (folder / "interactions.csv").open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened, lineterminator="\n")
        rows.writerow(("uid", "pid", "timestamp", "part"))
        rows.writerows(steps(of))


def _next(last: str, paths: Sequence[str], subjects: dict[str, str], drawn: float) -> list[str]:
    """What may follow a course by its path, by its subject, or by neither."""
    if drawn < ALONG_PATH:
        begin = paths.index(last) // PATH * PATH
        return list(paths[begin : begin + PATH])
    if drawn < ALONG_PATH + WITHIN_SUBJECT:
        return [each for each, subject in subjects.items() if subject == subjects[last]]
    return []


if __name__ == "__main__":
    write(FOLDER)
