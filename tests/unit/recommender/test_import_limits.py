"""An import names its limits, as the schema has them."""

import pytest

from schemas.course import Course
from services.recommender.__main__ import main
from services.recommender.core.import_limits import limits


@pytest.fixture
def said() -> dict[str, str]:
    """Field by field."""
    pairs = (each.partition(" ") for each in limits().split("; "))
    return {name: bounds for name, _, bounds in pairs}


def test_every_field_that_is_bounded_is_named(said: dict[str, str]) -> None:
    """By its name in the schema, in the schema's order; an instant has no bound."""
    assert list(said) == [name for name in Course.model_fields if name != "updated_at"]


@pytest.mark.parametrize(
    ("field", "bounds"),
    [
        ("title", "3 to 200 characters"),
        ("description", "up to 8,000 characters"),
        ("topics", "1 to 4 entries, each as ^[a-z0-9][a-z0-9._-]{0,99}$"),
        ("skills", "up to 12 entries"),
        ("duration_minutes", "1 to 100,000"),
        ("price_minor", "at least 0"),
        ("level", "beginner or intermediate or advanced"),
    ],
)
def test_bounds_are_in_words(field: str, bounds: str, said: dict[str, str]) -> None:
    """With their unit."""
    assert said[field] == bounds


@pytest.mark.parametrize(("field", "most"), [("title", 200), ("description", 8_000), ("url", 500)])
def test_a_bound_is_where_the_schema_refuses(field: str, most: int, said: dict[str, str]) -> None:
    """One character more is too many."""
    start = "https://a" if field == "url" else "a"
    fits = {
        "id": "a",
        "title": "abc",
        "url": "https://a",
        "topics": ("a",),
        "level": "beginner",
        "language": "en",
        "updated_at": "2026-11-27T00:00:00Z",
    }
    assert f"{most:,} characters" in said[field]
    Course.model_validate(fits | {field: start.ljust(most, "a")})
    with pytest.raises(ValueError, match=f"at most {most} characters"):
        Course.model_validate(fits | {field: start.ljust(most + 1, "a")})


def test_help_names_the_limits(capsys: pytest.CaptureFixture[str]) -> None:
    """And how an import ends."""
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["import", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "a line up to 1,000,000 bytes" in said
    assert limits() in said
    assert "65 some rows are bad" in said
