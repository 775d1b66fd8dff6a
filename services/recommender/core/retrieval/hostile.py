"""Whether a text is meant for a machine: it gives a model orders, or holds links, addresses, markup or commands.

Who looks for a course says none of it. Such a text may be of somebody who wants the ranking moved, so it moves none.
"""

import re

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


def is_hostile(text: str) -> bool:
    """True for a text that is meant for a machine. Words about machines are none: people take courses on them."""
    return any(each.search(text) for each in _SIGNS)
