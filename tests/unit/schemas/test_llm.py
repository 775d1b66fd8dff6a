"""A question and what it takes."""

from schemas.llm import Ask, Usage


def test_a_question_doubts_no_answer_unless_it_says_so() -> None:
    """And two questions that say the same are the same, whatever their doubts."""
    ask = Ask("copy", "copy.v1", "system", "user", {}, 50)
    assert ask.doubt({}) is None
    assert ask == Ask("copy", "copy.v1", "system", "user", {}, 50, doubt=lambda _: "never")


def test_usage_adds_up() -> None:
    """Tokens and money."""
    assert Usage(1, 2, 3).plus(Usage(10, 20, 30)) == Usage(11, 22, 33)
