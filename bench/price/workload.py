"""`python -m bench price`: tokens and money of a decision, ours against the naive chain, on the golden leads."""

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.golden.leads import Lead, read_leads
from bench.golden.world import academy, world_over
from bench.measurement import Measurement, rounded
from bench.price.chains import Chains, Exchange, chains_of
from bench.price.counting import COUNTERS, Counter, Tokens, tokens_of
from bench.reporting import say
from services.composer.adapters.prompt_file import read_prompt
from services.recommender.adapters.embedding.fake_embedder import FakeEmbedder

WORKLOAD = "price"
MOST_SHARE = 0.5  # of the naive chain's tokens
MILLION = 1_000_000
COMPANY = "company"
PROMPTS = ("copy.v2", "reader.v1")
MAILED = "mailed"
BOUNDED = (("ours", "naive"), (f"ours, {MAILED}", f"naive, {MAILED}"))


@dataclass(frozen=True, slots=True)
class Price:
    """Money per million tokens."""

    tokens_in: float
    tokens_out: float

    def of(self, tokens: Tokens) -> float:
        """What so many cost."""
        return (tokens.tokens_in * self.tokens_in + tokens.tokens_out * self.tokens_out) / MILLION


@dataclass(frozen=True, slots=True)
class Counted:
    """Tokens of all leads by chain and stage, and how many leads there are."""

    leads: int
    stages: Mapping[str, Mapping[str, Tokens]]

    def of(self, chain: str) -> Tokens:
        """All of one chain."""
        return sum(self.stages[chain].values(), Tokens())

    def share(self, chain: str, of: str) -> float:
        """The tokens of one chain by those of another."""
        return self.of(chain).total / self.of(of).total


def main(words: Sequence[str]) -> int:
    """Measure, print the table, then one JSON object per figure; status 1 where ours is over half the naive chain."""
    parser = argparse.ArgumentParser(prog="python -m bench price", description=__doc__)
    parser.add_argument("--counter", choices=sorted(COUNTERS), default="tokenizer")
    parser.add_argument("--price-in", type=float, default=0.25, help="money per million tokens in")
    parser.add_argument("--price-out", type=float, default=2.0, help="money per million tokens out")
    read = parser.parse_args(words)
    price = Price(read.price_in, read.price_out)
    counted = asyncio.run(counted_over(read_leads(), COUNTERS[read.counter]()))
    say(f"{counted.leads} leads; tokens by {read.counter}; {price.tokens_in} in and {price.tokens_out} out a million")
    for line in table(counted, price):
        say(line)
    for each in measured(counted, price):
        print(each.line())
    return 0 if all(counted.share(*pair) <= MOST_SHARE for pair in BOUNDED) else 1


async def counted_over(leads: Sequence[Lead], count: Counter) -> Counted:
    """The tokens of every lead's questions. Which ten are told hardly matters here: the quick embedder will do."""
    program, courses = academy()
    world = await world_over(program, courses, FakeEmbedder())
    prompts = [read_prompt(each) for each in PROMPTS]
    sums: dict[str, dict[str, Tokens]] = defaultdict(lambda: defaultdict(Tokens))
    for lead in leads:
        for chain, exchange in _each(await chains_of(lead, world, program, prompts)):
            sums[chain][exchange.ask.stage] += tokens_of(exchange.ask, exchange.reply, count)
    for name in ("naive", "naive, excerpts"):
        sums[f"{name}, no company"] = {stage: of for stage, of in sums[name].items() if stage != COMPANY}
    for name in ("ours", "naive"):
        sums[f"{name}, {MAILED}"] = {**sums[name], **sums.pop(f"{name} mail")}
    return Counted(len(leads), sums)


def table(counted: Counted, price: Price) -> list[str]:
    """What each stage costs a decision, on average."""
    lines = [f"{'chain':32}{'stage':14}{'in':>8}{'out':>8}{'money/1000':>12}"]
    for chain, stages in counted.stages.items():
        rows = {**stages, "all": counted.of(chain)}
        lines += [
            f"{chain:32}{stage:14}{of.tokens_in / counted.leads:8.0f}{of.tokens_out / counted.leads:8.0f}"
            f"{1000 * price.of(of) / counted.leads:12.3f}"
            for stage, of in rows.items()
        ]
    return lines


def measured(counted: Counted, price: Price) -> list[Measurement]:
    """Tokens and money of a decision by chain and stage, and the shares."""
    made = []
    for chain, stages in counted.stages.items():
        for stage, of in {**stages, "all": counted.of(chain)}.items():
            made.append(Measurement(WORKLOAD, chain, f"tokens_{stage}", rounded(of.total / counted.leads), "tokens"))
            money = 1000 * price.of(of) / counted.leads
            made.append(Measurement(WORKLOAD, chain, f"money_{stage}", rounded(money), "per 1000 decisions"))
    others = [each for each in counted.stages if each not in {"ours", "copy"} and not each.endswith(MAILED)]
    pairs = [*(("ours", other) for other in others), *BOUNDED[1:]]
    made += [
        Measurement(WORKLOAD, f"{one}/{other}", "tokens_share", rounded(counted.share(one, other)), "ratio")
        for one, other in pairs
    ]
    shares = {f"{one}/{other}": price.of(counted.of(one)) / price.of(counted.of(other)) for one, other in BOUNDED}
    return [*made, *(Measurement(WORKLOAD, name, "money_share", rounded(of), "ratio") for name, of in shares.items())]


def _each(chains: Chains) -> Iterable[tuple[str, Exchange]]:
    yield from (("ours", each) for each in chains.ours)
    yield from (("ours apart", each) for each in chains.apart)
    yield from (("naive", each) for each in chains.naive)
    yield from (("naive, excerpts", each) for each in chains.excerpts)
    yield "copy", chains.mail[0]
    yield from (("ours mail", each) for each in chains.mail)
    yield from (("naive mail", each) for each in chains.naive_mail)
