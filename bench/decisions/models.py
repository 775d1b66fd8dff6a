"""Models for the measurement: none at all, and one that answers well after a second."""

import asyncio
from dataclasses import dataclass

import orjson

from schemas.llm import Answer, Ask, Reply, Usage

JOB = {
    "job": "Build the first automated emails of a small shop",
    "stage": "exploring",
    "confidence": 0.7,
    "title": "Automated emails for small shops",
    "description": "Plan and build the first three automated emails. Measure what they bring.",
    "skills": ["planning", "copy"],
    "level": "beginner",
}


@dataclass(slots=True)
class SlowModel:
    """Answers each question after so many seconds; `most` is how many it held at once."""

    takes_s: float = 1.0
    held: int = 0
    most: int = 0

    async def ask(self, ask: Ask, *, within_s: float) -> Reply:
        """What the question allows."""
        self.held += 1
        self.most = max(self.most, self.held)
        try:
            await asyncio.sleep(min(self.takes_s, within_s))
        finally:
            self.held -= 1
        value = _value(ask)
        return Answer(value, orjson.dumps(value).decode(), "slow", Usage(800, 120), self.takes_s)


def _value(ask: Ask) -> dict[str, object]:
    """A valid answer, by what the question's schema allows."""
    properties = ask.schema["properties"]
    cites = properties["cites"]["items"]["enum"][:1]
    if "picks" not in properties:
        return JOB | {"cites": cites}
    return {
        "picks": [{"course_id": properties["picks"]["items"]["properties"]["course_id"]["enum"][0], "fits": "yes"}],
        "cites": cites,
        "reason": "The course takes the first step of what the lead set out to do",
    }
