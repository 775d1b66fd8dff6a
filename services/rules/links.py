"""Addresses of the web in any spelling that a mail client or a reader would turn into a link."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import TypeAlias

from services.rules.folding import fold

SuffixOf: TypeAlias = Callable[[str], str | None]
"""The public suffix a host ends with (`co.uk` of `www.acme.co.uk`), None where nobody listed one."""

# Names of products that are written like hosts. Source: the makers' own spelling.
NAMES = frozenset(
    [
        "asp.net",
        "ado.net",
        "vb.net",
        "ml.net",
        "socket.io",
        "draw.io",
        "monday.com",
        "booking.com",
        "amazon.com",
        "salesforce.com",
    ],
)
RESERVED = frozenset(
    ["example", "test", "invalid", "localhost", "local", "internal", "onion", "alt"]
)  # RFC 2606, 6761, 7686, 9476
SPOKEN_SUFFIXES = "com|net|org|io|biz|info|example|test|invalid"
_SCHEME = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}:\s*//|(?<!\w)//\w|\bwww\d?\s?\.|\bhxxps?\b|\bxn--|/\.well-known"
    r"|\b(?:javascript|data|mailto|tel|vbscript|file|ftp|sms|skype|whatsapp|intent|magnet|bitcoin|ethereum)\s?:\s?\S"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d|/[a-z])"
)
_HOST = re.compile(r"(?<![\w.@])(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_](?:[\w-]*[^\W_])?(?![\w-])")
_IDEOGRAPHIC = re.compile(r"(?<=[a-z0-9])[\u3002\uff0e\uff61](?=[a-z])")
_PRONOUNCED = re.compile(
    rf"\b[a-z][\w-]+\s?(?:\[\.\]|\(\.\)|\[dot\]|\(dot\)|\{{dot\}})\s?[a-z]{{2,}}\b"
    rf"|\b(?!the |a )[a-z][\w-]*\s(?:dot|punto|ponto|punkt|point|punt)\s(?:{SPOKEN_SUFFIXES})\b"
    r"|(?:\u30c9\u30c3\u30c8)\s?(?:\u30b3\u30e0|com|net|jp)"
)
_SPACED = re.compile(r"\b[a-z][\w-]+\s\.\s?(?:com|org|io|biz|example|test|invalid)\b|\b[a-z][\w-]+\s\.\s(?:net|info)\b")
_NUMBERED = re.compile(r"[a-z]?\d+(?:\.\d+)*(?:\.x)?")


def link(text: str, suffix_of: SuffixOf) -> str | None:
    """What a client would make a link of; None where nothing is. Links of a mail come from code alone.

    Laws: case, width and ideographic stops weaken nothing; a name that ends with no public suffix is none.
    """
    folded = fold(text)
    for pattern in (_SCHEME, _PRONOUNCED, _SPACED):
        if match := pattern.search(folded):
            return match.group()
    return next((host for host in _hosts(folded) if _is_host(host, suffix_of)), None)


def _hosts(folded: str) -> Iterator[str]:
    return (match.group() for match in _HOST.finditer(_IDEOGRAPHIC.sub(".", folded)))


def _is_host(host: str, suffix_of: SuffixOf) -> bool:
    if host in NAMES or _NUMBERED.fullmatch(host):
        return False
    return host.rsplit(".", 1)[-1] in RESERVED or suffix_of(unicodedata.normalize("NFC", host)) is not None
