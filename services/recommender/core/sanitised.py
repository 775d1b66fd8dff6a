"""Text from outside as it may go to a model, text from a model as it may go on, and text that is meant for one.

A text is hostile that gives a model orders, or holds links, addresses, markup or commands. Who looks for a course says
none of it. It may be of somebody who wants the ranking moved, so it moves none.
"""

import re
import unicodedata

ELLIPSIS = "…"
REMOVED = "[address]"
_ADDRESS = re.compile(r"(?<![^\s@])[^\s@]++@[^\s@]+")  # begins at a word only: linear in the text
_BARRED = re.compile(r"[<>@]|https?:|www\.", re.IGNORECASE)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

_LINK = re.compile(r"https?:|www\.|://|\b[\w.+-]+@[\w-]+\.\w", re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-z!][^<>]*>|\{\{|\}\}|\$\{|<%|```|\[\[|\|\s*sh\b|&&|;\s*--", re.IGNORECASE)
_COMMAND = re.compile(r"\brm -rf\b|\bdrop table\b|\bunion select\b|\bor 1\s*=\s*1\b|\bcurl -|\bsudo \w", re.IGNORECASE)
_TELEPHONE = re.compile(r"\+\d[\d ()./-]{6,}\d")
_ROLE = re.compile(r"(^|[\n\r.!>])\s*#*\s*\[?(system|assistant|developer|user)\]?\s*:", re.IGNORECASE)
_PAYLOAD = re.compile(r"[A-Za-z0-9+/=]{60,}")  # longer than any word: an encoded text
_ORDERS = (
    # en
    r"\b(ignore|disregard|forget|override|bypass)\b.{0,40}\b(instructions?|rules|prompts?|guidelines|operator|above)\b",
    r"\bdo not follow\b.{0,30}\b(rules|instructions?)\b",
    r"\byou are now\b|\b(to|dear) (the |an? )?(ai|llm|assistant|language model|chatbot)\b|\bas an ai\b",
    r"\b(system|hidden|your) prompt\b|\b(admin|developer|debug) mode\b|\bjailbreak",
    r"\b(always|only) (recommend|answer|reply|output|pick|choose)\b|\b(recommend|reply|answer|respond) only\b",
    r"\brank (it|this) first\b",
    # es, pt
    r"\b(ignora|olvida|ignore|esquece|esqueça)\w*\b.{0,40}\b(instrucciones|reglas|instruções|regras|prompt)\b",
    r"\bquerid[ao] (ia|ai)\b",
    r"\b(responde|recomienda|recomenda|responda)\b.{0,12}\b(siempre|solo|sólo|sempre|só|apenas)\b",
    # de
    r"\b(ignoriere|vergiss|missachte)\w*\b.{0,40}\b(anweisung\w*|regeln?|prompt|vorgaben)\b",
    r"\b(liebe|an die) ki\b|\b(antworte|empfiehl|empfehle)\b.{0,12}\b(nur|immer)\b",
    # fr
    r"\b(ignore|oublie|oubliez|ignorez)\b.{0,40}\b(instructions|consignes|règles|prompt)\b",
    r"\b(chère|cher) ia\b|\b(réponds|répondez|recommande|recommandez)\b.{0,12}\b(toujours|seulement|uniquement)\b",
    # ja
    r"(指示|ルール|命令).{0,10}(無視|忘れ)|システムプロンプト",
)
_ORDER = re.compile("|".join(f"(?:{each})" for each in _ORDERS), re.IGNORECASE | re.DOTALL)
_SIGNS = (_LINK, _MARKUP, _COMMAND, _TELEPHONE, _ROLE, _PAYLOAD, _ORDER)


def for_model(text: str, limit: int) -> str:
    """One line of at most `limit` characters, with no control or invisible character and no mail address."""
    seen = " ".join((text if text.isprintable() else _seen(text)).split())
    return clipped(_ADDRESS.sub(REMOVED, seen) if "@" in seen else seen, limit)


def clipped(text: str, limit: int) -> str:
    """The text, or its beginning up to a word's end with an ellipsis, within `limit` characters."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rpartition(" ")[0] or head).rstrip() + ELLIPSIS


def is_plain(text: str) -> bool:
    """True for words only: no markup, link, address, line break or invisible character."""
    return not _BARRED.search(text) and (text.isprintable() or not any(_is_unseen(each) for each in text))


def is_hostile(text: str) -> bool:
    """True for a text that is meant for a machine. Words about machines are none: people take courses on them."""
    return any(each.search(text) for each in _SIGNS)


def _seen(text: str) -> str:
    """The text without what is not seen, each space a plain one. A text that is printable is so already."""
    return "".join(" " if each.isspace() else each for each in text if each.isspace() or not _is_unseen(each))


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN
