"""Marks that a client, a header or a template would read as more than words."""

import re
import unicodedata

from services.rules.folding import fold

_MARKUP = re.compile(
    r"[<>]|\]\(|```|\*\*|&(?:#\w+|[a-z]{2,8});|<\||\|>|\[/?inst\]|<<sys>>|^\s*#{1,6}\s"
    r"|^\s*(?:system|assistant|user|human|tool)\s?:|###"
    # Code of a page, a shell, a query or a format string.
    r"|/\*|\*/|;\s*--|['\"]\s*;|;\s*['\"]|\b(?:alert|eval|exec|system)\s?\(|\bon[a-z]{3,}\s?=|\$\(|\$[a-z]{3,}\b|%[*.\d]*[sdxn@](?!\w)"
    r"|\.\./|/etc/|\b(?:drop|alter) table\b"
)
_PLACEHOLDER = re.compile(
    r"[{}]|\$\{|%[a-z_]{3,}%|\[[^\]\d]{0,60}\]|_{3,}|\b(?:lorem ipsum|xxx+|tbd)\b"
    r"|\b(?:first|last|your|company)[_ ]?name\b here|\b(?:first|last|company)_name\b"
)
_TODO = re.compile(r"\b(?:TODO|FIXME|NAME|COMPANY|INSERT)\b")
_ENCODED = re.compile(
    r"=\?|=0[ad]\b|%0[ad]|\\[rn]\b|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}"
    r"|\b(?:bcc|cc|reply-to|content-type|content-transfer-encoding|mime-version|x-[a-z-]{2,30}|return-path|list-unsubscribe)\s?:"
    r"|^\s*(?:to|from|subject|betreff|asunto|assunto|oggetto|objet|onderwerp|preheader|body)\s?:",
    re.IGNORECASE,
)
_BLOB = re.compile(r"(?<![\w+/=])(?=[\w+/]*\d)(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z])[A-Za-z0-9+/]{20,}={0,2}(?![\w+/=])")
_MORSE = re.compile(r"(?:(?<!\S)[.\-\u00b7\u2022\u2013\u2212]{1,6}(?:\s+|\s*/\s*|$)){6,}")


def markup(text: str) -> str | None:
    """HTML, Markdown, or the marks and speakers of a chat template."""
    match = _MARKUP.search(unicodedata.normalize("NFKC", text).casefold())
    return match.group() if match else None


def placeholder(text: str) -> str | None:
    """A slot nobody filled."""
    match = _PLACEHOLDER.search(fold(text)) or _TODO.search(text)
    return match.group() if match else None


def encoded_word(text: str) -> str | None:
    """Words of RFC 2047, line breaks in disguise, header names, and runs of code that only a machine reads."""
    plain = unicodedata.normalize("NFKC", text)
    match = _ENCODED.search(plain) or _BLOB.search(plain) or _MORSE.search(plain)
    return match.group()[:60] if match else None
