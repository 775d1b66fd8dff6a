"""What a decision's questions cost against the naive chain; by bytes here, by a tokenizer in the bench."""

import json

import pytest

from bench.golden.leads import read_leads
from bench.price.counting import Tokens, by_bytes, tokens_of
from bench.price.workload import MOST_SHARE, Price, counted_over, measured, table
from schemas.llm import Ask

LEADS = read_leads()[::6]


def test_a_question_counts_with_its_schema() -> None:
    """System, data and schema go in, the answer comes out."""
    ask = Ask("pick", "pick.v1", "12345678", "1234", {"type": "object"}, 1)
    assert tokens_of(ask, "12345", by_bytes()) == Tokens(2 + 1 + 5, 2)
    assert Tokens(1, 2) + Tokens(3, 4) == Tokens(4, 6)
    assert Price(1.0, 2.0).of(Tokens(1_000_000, 500_000)) == pytest.approx(2.0)


async def test_our_questions_cost_at_most_half_the_naive_chain() -> None:
    """On some of the golden leads; and one call for job and imagined course costs less than two."""
    counted = await counted_over(LEADS, by_bytes())
    assert counted.share("ours", "naive") <= MOST_SHARE
    assert counted.share("ours", "ours apart") < 1
    assert counted.share("ours", "naive, excerpts") < 1
    assert set(counted.stages["naive"]) == {"company", "job", "imagine", "pick"}
    assert set(counted.stages["naive, no company"]) == {"job", "imagine", "pick"}
    assert set(counted.stages["ours"]) == {"job+imagine", "pick"}
    shown = table(counted, Price(0.25, 2.0))
    assert all(any(each.startswith(chain) for each in shown) for chain in ("copy", "ours, mailed"))
    figures = {(each.subject, each.metric): each.value for each in measured(counted, Price(0.25, 2.0))}
    assert figures["ours/naive", "tokens_share"] <= MOST_SHARE
    assert json.loads(measured(counted, Price(1, 1))[0].line())["workload"] == "price"


async def test_a_mail_that_is_read_costs_at_most_half_the_naive_one() -> None:
    """With copy and second reading; the naive chain asks for both too, and tells each all there is."""
    counted = await counted_over(LEADS, by_bytes())
    ours, naive = counted.stages["ours, mailed"], counted.stages["naive, mailed"]
    assert counted.share("ours, mailed", "naive, mailed") <= MOST_SHARE
    assert ours.keys() - counted.stages["ours"].keys() == {"copy", "reader"}
    assert naive.keys() - counted.stages["naive"].keys() == {"copy", "reader"}
    assert ours["reader"].tokens_in < naive["reader"].tokens_in
    figures = {(each.subject, each.metric): each.value for each in measured(counted, Price(0.25, 2.0))}
    assert figures["ours, mailed/naive, mailed", "tokens_share"] <= MOST_SHARE
    assert figures["ours, mailed", "tokens_reader"] > 0
    assert figures["ours, mailed/naive, mailed", "money_share"] < 1
