"""Laws of content: what is found depends on the last words alone, and a path as its pattern says; any row is judged."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.content import PublishedPiece
from schemas.program import Piece
from services.profile.core.claimed import Entry
from services.profile.core.content import Content
from services.profile.core.paths import Paths
from services.profile.core.patterns import pattern
from services.rules.characters import hidden
from services.rules.content import NoPiece, id_of, piece_of

IDS, TITLES = ("a", "b", "c", "d"), ("One", "Two", "one!", "...", "\u0141\u00f3d\u017a")
SEGMENTS = st.sampled_from(["a", "b", "ab", "*", "", "a*", "**"])
URLS = st.lists(SEGMENTS, max_size=3).map(lambda parts: "/" + "/".join(parts))
BOUND = st.sampled_from(["/{item}", "/a/{topic}/*", "/{item}*", "/a-{item}"])
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "a-b", "", "*"]), max_size=4).map(lambda parts: "/" + "/".join(parts))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def pieces(draw: st.DrawFn) -> PublishedPiece:
    """One of few ids and titles, so that they meet."""
    url = draw(st.none() | URLS)
    return PublishedPiece(
        id=draw(st.sampled_from(IDS)), title=draw(st.sampled_from(TITLES)), url=url, language="en",
        topics=draw(st.sampled_from([(), ("seo",), ("seo", "else")])),
    )  # fmt: skip


FILES = st.lists(pieces(), unique_by=lambda each: each.id, max_size=3).map(
    lambda found: [Piece(**each.model_dump()) for each in found]
)
WORDS = st.lists(pieces() | st.sampled_from(IDS), max_size=12)  # an id alone withdraws


def _told(content: Content, words: Sequence[PublishedPiece | str]) -> Content:
    for word in words:
        if isinstance(word, str):
            content.withdraw(word)
        else:
            assert content.put(word)
    return content


@given(FILES, WORDS, PATHS, st.randoms(use_true_random=False))
def test_what_is_found_depends_on_the_last_word_of_each_id(
    filed: list[Piece], words: list[PublishedPiece | str], path: str, chance: Any
) -> None:
    """As a view that was compacted, in whatever order its partitions were read, finds it."""
    last = {word if isinstance(word, str) else word.id: word for word in words}
    compacted = [word for word in last.values() if not isinstance(word, str)]
    chance.shuffle(compacted)
    long, short = (_told(Content(filed, ("seo",)), each) for each in (words, compacted))
    for item in (None, *IDS):
        for title in (None, path, *TITLES):
            assert _found(long, item, title) == _found(short, item, title)
    assert long.size == short.size


@given(st.lists(URLS | BOUND, max_size=6), st.lists(st.booleans(), max_size=6), PATHS)
def test_a_path_is_the_first_entrys_whose_pattern_matches(urls: list[str], dropped: list[bool], path: str) -> None:
    """By the same words as the rules of `signals.yaml`, after any were dropped."""
    paths = Paths()
    entries = [Entry(place, f"p{place}", "", url, ()) for place, url in enumerate(urls)]
    for entry in reversed(entries):
        paths.put(entry, entry.url or "")
    gone = [entry for entry, is_gone in zip(entries, dropped, strict=False) if is_gone]
    for entry in gone:
        paths.drop(entry, entry.url or "")
    matching = [each for each in entries if each not in gone and pattern(each.url or "").fullmatch(path)]
    assert paths.get(path) == (matching[0] if matching else None)


@given(st.dictionaries(st.sampled_from(["id", "title", "url", "topics", "language"]) | st.text(max_size=4), JSON))
def test_any_fields_are_a_piece_or_are_named(said: dict[str, Any]) -> None:
    """What is a piece says nothing unseen, and gives itself when it is read again."""
    try:
        piece = piece_of(said)
    except NoPiece as error:
        assert error.problems
    else:
        assert hidden(piece.title) is None
        assert piece_of(piece.model_dump()) == piece
        assert id_of(said) == piece.id


def _found(content: Content, item: str | None, title: str | None) -> tuple[Any, ...] | None:
    found = content.registered(item, title)
    return None if found is None else (found.id, found.title, found.url, found.topics)
