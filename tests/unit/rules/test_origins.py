"""The table of origins: each cell as it is meant to be, written by hand, and the same in `SECURITY.md`."""

from pathlib import Path
from typing import TypeAlias

import pytest

from schemas.speaker import Speaker
from services.rules.origins import NOTHING, TABLE, Field, Origin, Reach, Source, Way, field_of, reach

Cells: TypeAlias = tuple[str, str, str, str]
SECURITY = Path("SECURITY.md")
HEAD = "| from | field | query | prompt | mail | judged by |"
NO, WHOLE, SAFE = "no", "as it is", "as it is, after safety"
PHRASE, SIZE = "as a short noun phrase, after safety", "as a number or a range"
LISTED = "as one of a list, or a short noun phrase, after safety"
REGISTERED = "as registered, else generic words"
BROWSERS: tuple[Origin, ...] = (Speaker.ANONYMOUS_BROWSER, Speaker.KNOWN_BROWSER, Speaker.ADDRESS_BROWSER)
SERVERS: tuple[Origin, ...] = (Speaker.SERVER, Speaker.OPERATOR)
ORIGINS: tuple[Origin, ...] = (*Speaker, *Source)

EXPECTED: dict[tuple[str, str], Cells] = {
    ("a browser", "goal"): (WHOLE, WHOLE, PHRASE, "hostile, safety, phrase"),
    ("a browser", "search"): (WHOLE, WHOLE, PHRASE, "hostile, safety, phrase"),
    ("a browser", "role"): (LISTED, LISTED, LISTED, "hostile, safety, phrase, roles"),
    ("a browser", "industry"): (PHRASE, PHRASE, PHRASE, "hostile, safety, phrase"),
    ("a browser", "company_size"): (NO, SIZE, SIZE, "sizes"),
    ("a browser", "conversion"): (REGISTERED, REGISTERED, REGISTERED, "hostile, content, safety"),
    ("a browser", "page"): (REGISTERED, REGISTERED, NO, "hostile, content"),
    ("a server", "goal"): (WHOLE, WHOLE, PHRASE, "hostile, safety, phrase"),
    ("a server", "search"): (WHOLE, WHOLE, PHRASE, "hostile, safety, phrase"),
    ("a server", "role"): (WHOLE, WHOLE, LISTED, "hostile, safety, phrase, roles"),
    ("a server", "industry"): (WHOLE, WHOLE, PHRASE, "hostile, safety, phrase"),
    ("a server", "company"): (NO, WHOLE, PHRASE, "safety, phrase"),
    ("a server", "company_size"): (NO, SIZE, SIZE, "sizes"),
    ("a server", "conversion"): (WHOLE, WHOLE, SAFE, "hostile, safety"),
    ("a server", "page"): (WHOLE, WHOLE, NO, "hostile"),
    ("the brand", "conversion"): (WHOLE, WHOLE, SAFE, "safety"),
    ("the brand", "page"): (WHOLE, WHOLE, NO, ""),
    ("the brand", "topic"): (WHOLE, WHOLE, WHOLE, ""),
    ("the catalogue", "conversion"): (WHOLE, WHOLE, SAFE, "safety"),
    ("the catalogue", "page"): (WHOLE, WHOLE, NO, ""),
    ("the catalogue", "course"): (WHOLE, WHOLE, SAFE, "safety"),
    ("a website", "industry"): (NO, SAFE, PHRASE, "safety, phrase"),
    ("a website", "product"): (NO, SAFE, PHRASE, "safety, phrase"),
    ("a website", "audience"): (NO, SAFE, PHRASE, "safety, phrase"),
    ("a model", "industry"): (NO, SAFE, PHRASE, "safety, phrase"),
    ("a model", "product"): (NO, SAFE, PHRASE, "safety, phrase"),
    ("a model", "audience"): (NO, SAFE, PHRASE, "safety, phrase"),
    ("a model", "job"): (NO, SAFE, SAFE, "safety, gate"),
    ("a model", "imagined"): (WHOLE, NO, NO, ""),
    ("a model", "reason"): (NO, NO, SAFE, "safety, gate"),
}
NAMED: dict[str, tuple[Origin, ...]] = {
    "a browser": BROWSERS,
    "a server": SERVERS,
    "the brand": (Source.BRAND,),
    "the catalogue": (Source.CATALOGUE,),
    "a website": (Source.WEBSITE,),
    "a model": (Source.MODEL,),
    "a connector, a signed link": (Speaker.CONNECTOR, Speaker.SIGNED_LINK),
}


def _cells(found: Reach) -> Cells:
    return (found.query.value, found.prompt.value, found.mail.value, ", ".join(found.judges))


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("field", Field)
def test_each_cell_is_as_it_was_meant(origin: Origin, field: Field) -> None:
    """What is not written here reaches nothing."""
    name = next(name for name, origins in NAMED.items() if origin in origins)
    assert _cells(reach(origin, field)) == EXPECTED.get((name, field.value), (NO, NO, NO, ""))


def test_security_shows_the_table() -> None:
    """Row by row as above, and nothing else."""
    lines = SECURITY.read_text(encoding="utf-8").splitlines()
    start = lines.index(HEAD) + 2
    end = next(place for place in range(start, len(lines)) if not lines[place].startswith("|"))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:end]]
    shown = {(row[0], row[1].strip("`")): tuple(row[2:]) for row in rows}
    silent = {("a connector, a signed link", "anything"): (NO, NO, NO, "")}
    assert shown == EXPECTED | silent
    assert len(rows) == len(shown)


def test_every_origin_has_a_row() -> None:
    """A new speaker is no error: it has to be given one."""
    assert TABLE.keys() == set(ORIGINS)


def test_what_no_field_names_reaches_nothing() -> None:
    """A first name, a website, whatever a form was made to collect."""
    assert [field_of(name) for name in ("first_name", "website", "goal", "title", "size")] == [
        None, None, Field.GOAL, Field.ROLE, Field.COMPANY_SIZE,
    ]  # fmt: skip
    assert reach(Speaker.OPERATOR, None) == NOTHING


def test_only_what_a_server_verified_names_a_company_in_a_mail() -> None:
    """A company's name widens what copy may say."""
    may = {origin for origin in ORIGINS if reach(origin, Field.COMPANY).mail is not Way.NEVER}
    assert may == set(SERVERS)
