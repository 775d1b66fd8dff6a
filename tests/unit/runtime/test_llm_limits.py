"""The rules around a call, without a call: prices, budgets, breaker, retries, Retry-After, keys, shorter questions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.llm import Ask, Fault, Usage
from services.runtime.llm_budget import DAYS_KEPT, Amount, Budgets, Cap, Scope, Spending, Spent
from services.runtime.llm_form import Form
from services.runtime.llm_limits import (
    BREAKER_FAULTS,
    BREAKER_REST_S,
    LONGEST_REST_S,
    RETRIES_AT_MOST,
    Breaker,
    RetryBudget,
    retry_after_s,
)
from services.runtime.llm_models import Model, parse_models
from services.runtime.llm_question import estimate, key_of, shortened
from services.runtime.llm_settings import LlmSettings

FORM = Form("minimal", 2_048)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ASK = Ask("copy", "copy.v1", "system", "user", {"type": "object"}, 50)


def test_prices_are_per_million_tokens() -> None:
    """A quarter of a unit a million is a quarter of a millionth a token; what costs anything costs a millionth."""
    small, large, free = parse_models("org/small:v1=0.25/2, large=1.25/10 , free")
    assert [each.name for each in (small, large, free)] == ["org/small:v1", "large", "free"]
    assert small.cost_micros(Usage(1_000_000, 1_000_000)) == 2_250_000
    assert [small.cost_micros(Usage(1, 0)), small.cost_micros(Usage(0, 0)), free.cost_micros(Usage(9, 9))] == [1, 0, 0]


@pytest.mark.parametrize("text", ["a=1", "a=1/2/3", "a=x/y", "a=-1/2", "a,a=1/2", "two words", "a=1e3/2"])
def test_a_list_of_models_that_cannot_be_read_is_refused(text: str) -> None:
    """At start, not at the first question."""
    with pytest.raises(ValidationError, match="expected"):
        LlmSettings(llm_models=text)


def test_a_bound_on_cost_needs_prices() -> None:
    """Without them it would never hold."""
    with pytest.raises(ValidationError, match=r"KINDLING_LLM_MODELS as dear=input/output"):
        LlmSettings(llm_models="dear", llm_day_cost="5")
    assert LlmSettings(llm_models="dear=1/2", llm_day_cost="5").budgets.day == Cap(None, 5_000_000)
    assert LlmSettings(llm_models="").models == (Model("gpt-5-mini"),)


@given(st.lists(st.sampled_from([*Fault, None])), st.integers(1, 3))
def test_an_open_breaker_always_comes_to_one_probe(faults: list[Fault | None], callers: int) -> None:
    """Whatever happened before: after the longest rest a call goes out, and beside a probe none other."""
    breaker, now_s = Breaker(), 0.0
    for fault in faults:
        if (given_ := breaker.enter(now_s)) is not None:
            breaker.leave(given_, now_s, fault)
        now_s += 1
    passes = [breaker.enter(now_s + LONGEST_REST_S) for _ in range(callers)]
    assert passes[0] is not None
    assert "probe" not in passes[1:]
    assert passes == ["call"] * callers or passes == ["probe", *[None] * (callers - 1)]


def test_a_probe_that_fails_opens_again_and_one_that_does_not_closes() -> None:
    """One fault is enough then, and one answer."""
    breaker = Breaker()
    opened = [breaker.leave("call", 0.0, Fault.TIMEOUT) for _ in range(BREAKER_FAULTS)]
    assert opened == [False] * (BREAKER_FAULTS - 1) + [True]
    assert breaker.enter(BREAKER_REST_S - 1) is None
    assert breaker.enter(BREAKER_REST_S) == "probe"
    assert breaker.leave("probe", BREAKER_REST_S, Fault.TIMEOUT)
    assert breaker.enter(2 * BREAKER_REST_S) == "probe"
    assert not breaker.leave("probe", 2 * BREAKER_REST_S, None)
    assert breaker.enter(2 * BREAKER_REST_S) == "call"


@pytest.mark.parametrize(
    ("fault", "asked_s", "rest_s"),
    [
        (Fault.QUOTA, 0.0, LONGEST_REST_S),
        (Fault.DENIED, 0.0, LONGEST_REST_S),
        (Fault.RATE_LIMITED, 119.0, 119.0),
        (Fault.RATE_LIMITED, 3600.0, LONGEST_REST_S),
        (Fault.RATE_LIMITED, 2.0, BREAKER_REST_S),
    ],
)
def test_some_faults_open_at_once(fault: Fault, asked_s: float, rest_s: float) -> None:
    """What only the operator mends, and what asked for more time than the call has."""
    breaker = Breaker()
    assert breaker.leave("call", 10.0, fault, asked_s)
    assert breaker.open_until_s == 10.0 + rest_s


def test_a_late_answer_of_before_does_not_close_an_open_breaker() -> None:
    """Only the probe does."""
    breaker = Breaker()
    breaker.leave("call", 0.0, Fault.QUOTA)
    breaker.leave("call", 1.0, None)
    assert breaker.enter(2.0) is None


def test_retries_stay_within_their_share() -> None:
    """Beyond what quiet times saved, a tenth of the calls."""
    budget = RetryBudget(0.1)
    taken = 0
    for _ in range(1_000):
        budget.call()
        taken += budget.take()
    assert taken <= RETRIES_AT_MOST + 101
    assert taken >= 100
    assert not RetryBudget(0.0).take()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("1", 1.0),
        ("119", 119.0),
        ("0.5", 0.5),
        ("soon", None),
        ("", None),
        ("-3", None),
        ("0", None),
        ("nan", None),
        ("inf", None),
        (None, None),
        (format_datetime(NOW + timedelta(seconds=30)), 30.0),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
        (format_datetime(NOW - timedelta(days=1)), None),
        ("Mon, 99 Foo 2026 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(word: str | None, expected: float | None) -> None:
    """Nonsense and the past are as if nothing was said."""
    assert retry_after_s(word, NOW) == expected


def _spent(person: str = "u:1", day: str = "2026-01-01", tokens: int = 0, cost: int = 0, at: int = 0) -> Spent:
    return Spent(at, person, day, Amount(tokens, cost))


def test_a_worker_may_spend_the_share_of_its_partitions() -> None:
    """Two of four partitions: half of the day's budget; more with more partitions."""
    spending = Spending(Budgets(day=Cap(tokens=100)), partitions=4)
    spending.own(0, [_spent(tokens=30)])
    spending.own(1, [])
    assert spending.over(_spent(tokens=20)) is None
    assert spending.over(_spent(tokens=21)) is Scope.DAY
    spending.own(2, [_spent(tokens=25, at=2)])
    assert spending.over(_spent(tokens=20)) is None
    spending.lose(2)
    assert spending.over(_spent(tokens=21)) is Scope.DAY
    spending.add(_spent(tokens=1_000, at=3))  # a call that ends after its partition went
    assert spending.over(_spent(tokens=20)) is None


def test_old_days_are_forgotten() -> None:
    """A new day begins anew; the total is of the days that the ledger holds."""
    spending = Spending(Budgets(day=Cap(tokens=10), total=Cap(tokens=30)))
    for day in range(1, DAYS_KEPT):
        spending.add(_spent(day=f"2026-01-0{day}", tokens=10))
    assert spending.over(_spent(day="2026-01-09", tokens=1)) is Scope.TOTAL
    spending.add(_spent(day="2026-01-08"))
    spending.add(_spent(day="2026-01-09"))
    assert spending.over(_spent(day="2026-01-09", tokens=10)) is None


def test_a_key_is_of_all_that_is_sent_and_of_nothing_else() -> None:
    """Another model, temperature, form, text, schema or bound is another question; stage and attempt are not sent."""
    key = key_of(ASK, "m", None, FORM)
    assert key == key_of(replace(ASK, stage="pick", prompt_id="x", attempt=1), "m", None, FORM)
    changed = (
        replace(ASK, system="a"), replace(ASK, user="a"), replace(ASK, schema={}), replace(ASK, max_tokens=51)
    )  # fmt: skip
    others = [
        key_of(ASK, "n", None, FORM), key_of(ASK, "m", 0.0, FORM), *(key_of(each, "m", None, FORM) for each in changed),
        key_of(ASK, "m", None, Form("low", 2_048)), key_of(ASK, "m", None, Form("minimal", 0)),
    ]  # fmt: skip
    assert len({key, *others}) == len(others) + 1


def test_a_shorter_question_keeps_its_shape() -> None:
    """Half of long lists and texts, the first of them; names, ids and short lists whole."""
    user = orjson.dumps({"id": "x" * 40, "signals": list(range(9)), "about": "y" * 400, "few": [1, 2], "n": 3}).decode()
    shorter = orjson.loads(shortened(replace(ASK, user=user)).user)
    assert shorter == {"id": "x" * 40, "signals": [0, 1, 2, 3, 4], "about": "y" * 200, "few": [1, 2], "n": 3}
    assert len(shortened(replace(ASK, user="word " * 100)).user) == 250
    assert shortened(ASK) == ASK


@given(st.text(), st.integers(1, 5_000))
def test_an_estimate_is_never_nought(user: str, most: int) -> None:
    """And counts the whole answer, with what may be reasoned before it."""
    usage = estimate(replace(ASK, user=user, max_tokens=most), FORM)
    assert usage.prompt_tokens > 0
    assert usage.completion_tokens == most + 2_048
