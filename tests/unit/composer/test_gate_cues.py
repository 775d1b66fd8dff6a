"""The notation of cues, and where a text holds one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.composer.core.gate.cues import Cues, cues_of, found_in
from services.composer.core.gate.folding import BREAK, tokens
from services.rules.folding import fold

LISTS = {"maker": "baker miller"}


def _cues(*lines: str, passes: tuple[str, ...] = ()) -> Cues:
    return cues_of({"rule": lines, "pass": passes}, LISTS, has_spaces=True)


def _found(text: str, cues: Cues) -> list[tuple[str, ...]]:
    return [each.words for each in found_in(tokens(text), fold(text), cues)]


@pytest.mark.parametrize(
    ("cue", "text", "met"),
    [
        ("most learners", "For most learners.", [("most", "learners")]),
        ("most|many learners", "Many learners", [("many", "learners")]),
        ("certif*", "It is certified", [("certified",)]),
        ("*kurs", "Der Sommerkurs", [("sommerkurs",)]),
        ("*zert*", "Ein Abzertifikat", [("abzertifikat",)]),
        ("the @maker", "The miller", [("the", "miller")]),
        ("asks .. bread", "asks for much more bread", [("asks", "bread")]),
        ("asks .. bread", "asks bread", [("asks", "bread")]),
        ("asks .. bread", "asks for one two three four bread", []),
        ("asks .. bread", "asks. For bread", []),
        ("asks .. bread", "asks for", []),
        ("most ~of ~all learners", "most of learners", [("most", "of", "learners")]),
        ("most ~of learners", "most learners", [("most", "learners")]),
        ("most learners", "most", []),
    ],
)
def test_a_cue_is_found(cue: str, text: str, met: list[tuple[str, ...]]) -> None:
    """With the words that its elements met, in their order."""
    assert _found(text, _cues(cue)) == met


def test_what_a_pass_meets_no_cue_does() -> None:
    """The same word elsewhere in the text is still one."""
    cues = _cues("free", passes=("feel free",))
    assert _found("Feel free.", cues) == []
    assert _found("Feel free, it is free.", cues) == [("free",)]


def test_letters_are_met_where_there_are_no_spaces() -> None:
    """A gap stays within the clause; what passes is masked."""
    cues = cues_of({"rule": ["講師|先生 .. 答え", "無料"], "pass": ["無料配布"]}, LISTS, has_spaces=False)
    assert _found("講師が質問に答えます", cues) == [("講師", "答え")]
    assert _found("講師です。答え", cues) == []
    assert _found("無料配布です", cues) == []
    assert _found("無料です", cues) == [("無料",)]


@pytest.mark.parametrize(
    ("cue", "said"),
    [
        (".. learners", "begins and ends with words"),
        ("~of learners", "begins and ends with words"),
        ("most ..", "begins and ends with words"),
        ("", "begins and ends with words"),
        ("the @brewer", "expected a list of the file, came @brewer"),
        ("most * learners", "expected letters between the signs"),
    ],
)
def test_a_cue_that_is_none_is_told(cue: str, said: str) -> None:
    """With the cue, and what was expected."""
    with pytest.raises(ValueError, match=said):
        _cues(cue)


@given(st.lists(st.sampled_from(["most", "learners", "asks", "for", "bread", BREAK])), st.text())
def test_what_comes_behind_a_clause_takes_no_cue_away(said: list[str], more: str) -> None:
    """A finding is not undone by going on."""
    cues = _cues("most learners", "asks .. bread")
    before = {each.words for each in found_in(said, "", cues)}
    assert before <= {each.words for each in found_in((*said, BREAK, *tokens(more)), "", cues)}
