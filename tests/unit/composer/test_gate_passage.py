"""A text is read once: by its passage, at the first asking, and by no rule."""

import ast
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.composer.adapters.lexicon_files import read_lexicons
from services.composer.adapters.snowball_stems import snowball
from services.composer.core.asking import copy_from
from services.composer.core.gate import passage
from services.composer.core.gate.folding import tokens
from services.composer.core.gate.judge import NO_PROMPT, judge
from services.composer.core.gate.known import Known, known_of
from services.composer.core.gate.passage import passage_of
from services.composer.core.values import Brief, Copy, Field, Line, Prompt
from services.runtime.safety import read_safety
from tests.source_trees import tree_of

GATE = Path(passage.__file__).parent
CUTTING = {"services.rules.folding", "services.composer.core.gate.folding"}
LEXICONS = read_lexicons(snowball, None, read_safety())
READ = (
    "folded", "words", "phrase", "tokens", "bare", "forms", "stems", "content", "quantities", "held", "counts", "cues",
    "foreign", "is_foreign",
)  # fmt: skip


def test_no_rule_folds_a_text_or_cuts_it_into_words() -> None:
    """Two modules of the gate do: what cuts, and the passage that asks it."""
    cutting = {
        path.name
        for path in GATE.glob("*.py")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom)
        and node.module in CUTTING
        and {each.name for each in node.names} & {"fold", "words", "tokens", "read", "sentences"}
    }
    assert cutting == {"folding.py", "passage.py"}


def test_a_mail_is_cut_once_however_many_rules_ask(
    answer: Callable[..., object], brief: Callable[..., Brief], prompt: Prompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines and facts alike; judged again, nothing is cut again."""
    copy = copy_from(answer())  # type: ignore[arg-type] # the fixture's own type
    assert isinstance(copy, Copy)
    known, cut = known_of(brief(), prompt), Counter[str]()

    def counting(text: str) -> tuple[str, ...]:
        cut[text] += 1
        return tokens(text)

    monkeypatch.setattr(passage, "tokens", counting)
    passage_of.cache_clear()
    judge(copy, known)
    once = cut.copy()
    assert {line.text.lower() for line in copy.lines} <= once.keys()
    assert [text for text, times in once.items() if times > 1] == []
    judge(copy, known)
    assert cut == once


@given(st.text(), st.sampled_from(["en", "de", "ja", "da"]))
def test_a_text_and_its_folded_form_are_read_alike(text: str, language: str) -> None:
    """So what is left of a text without its quotations may be read from the folded one."""
    whole = passage_of(text, language, LEXICONS)
    folded = passage_of(whole.folded, language, LEXICONS)
    assert {name: getattr(folded, name) for name in READ} == {name: getattr(whole, name) for name in READ}


def test_what_is_left_of_a_text_is_itself_where_nothing_was_taken() -> None:
    """No second reading of the same."""
    whole = passage_of("Beans in Clay", "en", LEXICONS)
    assert whole.left(whole.folded) is whole
    assert whole.left("beans").tokens == ("beans",)


def test_a_line_may_say_what_it_cites_and_finds_the_whole_brief() -> None:
    """Its title too; a line that cites nothing may say all of it."""
    known = Known("en", LEXICONS, NO_PROMPT).saying(("Beans", "Peas", "Clay"))
    line = Line(Field.SENTENCE, "Peas.", ("course:1",))
    under = known.under(line)
    assert [fact.text for fact in under.facts] == ["Peas"]
    assert under.fact("course:2") == known.fact("course:2")
    assert under.under(Line(Field.SENTENCE, "Clay.", ("course:2",))).facts == (known.facts[2],)
    assert known.under(Line(Field.SUBJECT, "Peas")) is known
