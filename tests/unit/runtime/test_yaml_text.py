"""YAML read by the fast reader says what the plain one says."""

from pathlib import Path

import pytest
import yaml

from services.runtime.outcome import Misconfigured
from services.runtime.yaml_text import (
    MOST_PLACES,
    MOST_STEPS,
    YamlError,
    read_yaml_file,
    read_yaml_places,
    read_yaml_rows,
    read_yaml_text,
)

FILES = sorted(Path("examples").rglob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_says_the_same(path: Path) -> None:
    """Of the example's every file."""
    text = path.read_text(encoding="utf-8")
    assert read_yaml_text(text) == yaml.safe_load(text)


@pytest.mark.parametrize("text", ["a: [b", "a: b: c", "\ta: b", "a: *b", "- a\nb", "!!python/object:os.system a"])
def test_what_is_no_yaml_is_told_in_the_plain_readers_words(text: str) -> None:
    """With the line."""
    with pytest.raises(YamlError) as found:
        read_yaml_text(text)
    with pytest.raises(YamlError) as plain:
        yaml.safe_load(text)
    assert str(found.value) == str(plain.value)


@pytest.mark.parametrize(
    ("raw", "said"),
    [(None, "expected a readable file"), (b"a: \xff", "expected UTF-8"), (b"a: 1\nb: [", "line 2: not YAML")],
)
def test_a_file_that_cannot_be_read_is_the_operators_fault(tmp_path: Path, raw: bytes | None, said: str) -> None:
    """Its path, where in it, and what was expected."""
    path = tmp_path / "words.yaml"
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(Misconfigured) as told:
        read_yaml_file(path)
    assert str(told.value).startswith(str(path))
    assert said in str(told.value)


@pytest.mark.parametrize("path", [each for each in FILES if each.name == "content.yaml"], ids=str)
def test_rows_say_what_the_whole_file_says(path: Path) -> None:
    """Each with its line."""
    text = path.read_text(encoding="utf-8")
    beside, found = read_yaml_rows(text, "content")
    rows = list(found)
    assert {**beside, "content": [said for _, said in rows]} == yaml.safe_load(text)
    assert all(said["id"] in text.splitlines()[line - 1] for line, said in rows)


def test_a_row_that_says_nothing_loses_no_other() -> None:
    """It is an error in its place."""
    _, found = read_yaml_rows("content:\n- 1\n- !!python/object:os.system a\n-\n  - 3\n", "content")
    rows = list(found)
    assert [(line, said) for line, said in rows if not isinstance(said, YamlError)] == [(2, 1), (5, [3])]
    assert rows[1][0] == 3
    assert "could not determine a constructor" in str(rows[1][1])


@pytest.mark.parametrize("text", ["", "- a", "content: 3", "content:", "else: [1]", "content: [1]\ncontent: [2]"])
def test_rows_stand_in_one_list_of_the_name(text: str) -> None:
    """No other text has any."""
    with pytest.raises(YamlError, match="expected one list at the top that is named content"):
        read_yaml_rows(text, "content")


def test_the_line_of_each_value_is_known_and_each_key_that_stands_twice() -> None:
    """By the steps that lead there; a text that names itself comes to an end."""
    text = "a: 1\nb:\n  - c: 2\n  - d: [3]\na: 4\n"
    lines, twice = read_yaml_places(text)
    assert (lines[("a",)], lines["b", 0, "c"], lines["b", 1, "d", 0]) == (5, 3, 4)
    assert twice == ((("a",), 5),)
    assert read_yaml_places("") == ({(): 1}, ())
    assert len(read_yaml_places("a: &a [*a]\n")[0]) == 1 + MOST_STEPS
    wide = "".join(f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 10) if n else 1}]\n" for n in range(9))
    assert MOST_PLACES <= len(read_yaml_places(wide)[0]) < MOST_PLACES + 20
