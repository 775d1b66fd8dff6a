"""Ids that are none: what programs write where they know nobody. Strangers who bear one of them must not be one person.

Sources: the ids by which PostHog merges nobody, also within quotation marks, and those that Mixpanel's importer leaves
out; beside them what JavaScript and SQL print of nothing, and the empty UUID without dashes and with braces.
"""

_ANY_CASE = (
    "anon", "anonymous", "distinct_id", "distinctid", "email", "false", "guest", "id", "n/a", "na", "nan", "nil",
    "none", "not_authenticated", "null", "true", "undefined", "unknown", "user_id", "userid",
    "[]", "{}", "<nil>", "(none)", "(not set)", "[object object]", "[object undefined]", "[object null]",
    "-1", "0", "0.0", "00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000",
    "{00000000-0000-0000-0000-000000000000}",
)  # fmt: skip
_QUOTES = ("", "'", '"')
PLACEHOLDERS = frozenset(f"{quote}{each}{quote}" for each in _ANY_CASE for quote in _QUOTES)
LONGEST = max(map(len, PLACEHOLDERS))


def is_placeholder(identifier: str) -> bool:
    """True for what identifies nobody, in any case and within quotation marks."""
    return len(identifier) <= LONGEST and identifier.casefold() in PLACEHOLDERS
