"""What a mail never asks of its reader: it asks for one thing, to open the course or one of its courses."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from services.rules.cited import Cited, without_quotes
from services.rules.folding import read, sentences, tokens
from services.rules.lexicon import WITHOUT_SPACES, Found, Lexicon, is_telling

Kinds: TypeAlias = Mapping[str, Sequence[Found]]

SHORT_TOKENS = 4  # a button or a line that is nothing but verb and object
_CLAUSE_END = re.compile(r"\s*(?:[,:\u2013\u2014\u3001\uff0c]|\s-\s|\.\s)\s*")


@dataclass(frozen=True, slots=True)
class Ask:
    """A request by the kinds of words that make it, all within one sentence or one clause.

    `is_citable`: its words may be talked about where the course or the brand says them, and only then.
    `is_direct`: the first kind stands at the head, or the whole is no longer than a button.
    """

    name: str
    kinds: tuple[frozenset[str], ...]
    is_clause: bool = False
    is_citable: bool = True
    is_direct: bool = False
    unless_before: frozenset[str] = frozenset()


def _ask(name: str, *kinds: str, **how: bool) -> Ask:
    return Ask(name, tuple(frozenset(each.split("|")) for each in kinds), **how)  # type: ignore[arg-type]


ASKS: tuple[Ask, ...] = (
    _ask("to us", "to_us", is_citable=False),
    _ask("reply", "reply", is_citable=False),
    _ask("secret needed", "need", "secret", is_citable=False),
    Ask(
        "secret given",
        (frozenset({"give"}), frozenset({"secret"}), frozenset({"yours"})),
        is_clause=True,
        is_citable=False,
        unless_before=frozenset({"teach"}),
    ),
    _ask("secret asked", "give", "secret", is_clause=True, is_direct=True),
    _ask("payment", "pay", "money", is_clause=True),
    _ask("amount", "transfer", "amount", is_clause=True, is_direct=True),
    _ask("purchase", "shop", is_direct=True),
    _ask("survey", "survey"),
    _ask("debt", "debt"),
    _ask("prize", "prize"),
    _ask("refund", "refund"),
    _ask("investment", "invest"),
    _ask("alarm", "alarm"),
    _ask("account", "locked", "account", is_clause=True),
    _ask("authority", "authority", "notice|account|money|secret"),
    _ask("call", "call", "callee", is_clause=True),
    _ask("attachment", "attachment"),
    _ask("installation", "install", "software", is_clause=True),
    _ask("scan", "scan", "code", is_clause=True),
    _ask("forwarding", "forward", "mail", is_clause=True),
    _ask("elsewhere", "elsewhere"),
    _ask("insult", "insult", is_citable=False),
    _ask("abuse", "abuse"),
    _ask("rival", "rival"),
    _ask("strange topic", "topic|secret|code|scan|attachment|elsewhere|invest"),
)


def request(text: str, language: str, cited: Cited, lexicon: Lexicon) -> str | None:
    """What the text asks of its reader beside opening the course; None where it asks nothing.

    Laws: case, accents, spelled-out words and compatibility forms weaken nothing; what the course or the brand says may
    be talked about in their words, and is never asked of the reader.
    """
    plain = without_quotes(text, cited)
    asks = tuple(each for each in ASKS if not (each.is_citable and cited.is_own(text)))
    for sentence in sentences(read(plain)):
        whole = _by_language(lexicon.found(sentence))
        clauses = [(each, _by_language(lexicon.found(each))) for each in _CLAUSE_END.split(sentence) if each]
        for ask in asks:
            spans = clauses if ask.is_clause else [(sentence, whole)]
            for span, found in spans:
                if (asked := _asked(ask, span, found, cited, language)) is not None:
                    return f"{ask.name}: {asked}"
    return None


def _by_language(found: tuple[Found, ...]) -> Mapping[str, Kinds]:
    """What was found by language, and there by kind."""
    languages: dict[str, dict[str, list[Found]]] = {}
    for each in found:
        languages.setdefault(each.language, {}).setdefault(each.kind, []).append(each)
    return languages


def _asked(ask: Ask, span: str, found: Mapping[str, Kinds], cited: Cited, language: str) -> str | None:
    for spoken, entries in found.items():
        if any(wanted.isdisjoint(entries) for wanted in ask.kinds):
            continue
        for words in _combinations(ask, entries):
            if spoken != language and not is_telling(words):
                continue
            if _is_meant(ask, span, words, entries) and not _is_talk(ask, span, words, cited, spoken):
                return " … ".join(each.text for each in words)
    return None


def _combinations(ask: Ask, entries: Kinds) -> Iterator[tuple[Found, ...]]:
    """One choice of words for the kinds of the ask, each word used once."""
    first, *others = ([each for kind in sorted(kinds) for each in entries.get(kind, ())] for kinds in ask.kinds)
    for head in first:
        chosen = [head]
        for candidates in others:
            free = (each for each in candidates if not any(_overlap(each, taken) for taken in chosen))
            if (further := next(free, None)) is None:
                break
            chosen.append(further)
        else:
            yield tuple(chosen)


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def _is_meant(ask: Ask, span: str, words: tuple[Found, ...], entries: Kinds) -> bool:
    head = words[0]
    if ask.is_direct and not _is_direct(span, head):
        return False
    return not any(each.end <= head.start for kind in ask.unless_before for each in entries.get(kind, ()))


def _is_direct(span: str, head: Found) -> bool:
    return head.start == 0 or len(tokens(span)) <= SHORT_TOKENS or head.language in WITHOUT_SPACES


def _is_talk(ask: Ask, span: str, words: tuple[Found, ...], cited: Cited, language: str) -> bool:
    """True where the course or the brand speaks of it and the text only tells so."""
    if not ask.is_citable:
        return False
    is_asked = len(words) > 1 and _is_direct(span, words[0]) and language not in WITHOUT_SPACES
    return not is_asked and all(cited.speaks_of(each.text) for each in words)
