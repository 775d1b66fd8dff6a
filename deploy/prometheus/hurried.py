"""The same rules in a world whose time runs faster, so that a test or a demo sees in seconds what takes an hour.

Divided are the windows and offsets of each expression, `for`, and the interval of each group; counts, shares and what
an expression compares with (records, seconds, rates a second) stay as they are, and so does every word.
"""

import re
from collections.abc import Mapping
from typing import Any

UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
DURATION = r"(\d+)(ms|[smhd])"
WINDOW = re.compile(rf"\[{DURATION}\]")
OFFSET = re.compile(rf"\boffset {DURATION}")
ALONE = re.compile(DURATION)


def hurried(rules: Mapping[str, Any], times: int) -> dict[str, Any]:
    """A rule file, as parsed, in which a duration is `times` shorter, to a whole millisecond and 1 ms at least."""
    return {"groups": [_group(group, times) for group in rules["groups"]]}


def _group(group: Mapping[str, Any], times: int) -> dict[str, Any]:
    made = {**group, "rules": [_rule(rule, times) for rule in group["rules"]]}
    return {**made, "interval": _shorter(group["interval"], times)} if "interval" in group else made


def _rule(rule: Mapping[str, Any], times: int) -> dict[str, Any]:
    expr = WINDOW.sub(lambda found: f"[{_shorter(found[0][1:-1], times)}]", rule["expr"])
    expr = OFFSET.sub(lambda found: f"offset {_shorter(found[0].split()[1], times)}", expr)
    made = {**rule, "expr": expr}
    return {**made, "for": _shorter(rule["for"], times)} if "for" in rule else made


def _shorter(duration: str, times: int) -> str:
    found = ALONE.fullmatch(duration)
    if found is None:
        raise ValueError(f"expected one number and one unit, as 15m; came {duration}")
    return f"{max(1, int(found[1]) * UNITS_MS[found[2]] // times)}ms"
