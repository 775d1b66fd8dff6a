"""Examples only grow: a listed one is neither changed nor deleted, and a new one is listed."""

from pathlib import Path

from schemas.kept import broken, extend, hashes, listed


def test_no_listed_example_is_gone_or_changed() -> None:
    """Records like it are on brokers: they have to decode for as long as they are there."""
    assert broken() == ()


def test_every_example_is_listed() -> None:
    """`make schemas` lists it; an example that was never listed could be taken away in silence."""
    assert listed().keys() == hashes().keys()


def test_changed_and_deleted_examples_are_named(tmp_path: Path) -> None:
    """And a second listing does not make them good."""
    folder, path = tmp_path / "examples", tmp_path / "list"
    (folder / "topic").mkdir(parents=True)
    for name in ("changed", "gone", "whole"):
        (folder / "topic" / f"{name}.json").write_text("{}")
    assert extend(folder, path) == ("topic/changed.json", "topic/gone.json", "topic/whole.json")
    assert broken(folder, path) == ()
    (folder / "topic" / "changed.json").write_text('{"a":1}')
    (folder / "topic" / "gone.json").unlink()
    (folder / "topic" / "new.json").write_text("{}")
    assert extend(folder, path) == ("topic/new.json",)
    assert broken(folder, path) == ("topic/changed.json", "topic/gone.json")
    assert sorted(listed(path)) == ["topic/changed.json", "topic/gone.json", "topic/new.json", "topic/whole.json"]
