"""A program for a bounded child: a page on stdin, its stated charset as argument; what a reader sees, as JSON.

What no reader sees is left out: scripts, styles, comments, alternative texts, structured data, hidden elements.
"""

import codecs
import json
import re
import resource
import sys

from selectolax.lexbor import LexborHTMLParser

MOST_CHARACTERS = 20_000
LONGEST_WORD = 80  # an unbroken run of ASCII beyond it is encoded data, not a word
UNSEEN = (
    "script, style, template, noscript, iframe, object, svg, canvas, select, [hidden], [aria-hidden='true' i], "
    "[style*='display:none' i], [style*='display: none' i], "
    "[style*='visibility:hidden' i], [style*='visibility: hidden' i]"
)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([a-zA-Z0-9_:.-]{2,40})", re.IGNORECASE)
_DATA = re.compile(rf"[!-~]{{{LONGEST_WORD},}}")
# The encodings of the web, by Python's names; others that Python knows are no text, or nobody's.
_TEXTS = re.compile(r"utf-8|ascii|iso8859-\d+|cp125\d|koi8-[ru]|shift_jis|cp932|euc_jp|euc_kr|gb2312|gbk|gb18030|big5")


def main() -> None:
    """Write what the page says. While it is parsed nothing can be opened: no file, no socket, no program."""
    text = decoded(sys.stdin.buffer.read(), sys.argv[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    sys.stdout.buffer.write(json.dumps(extracted(text)).encode())


def extracted(html: str) -> dict[str, str]:
    """Title, description, visible text, and what the page says to robots."""
    tree = LexborHTMLParser(html)
    robots = " ".join(str(each.attributes.get("content") or "") for each in tree.css("meta[name='robots' i]"))
    described = tree.css_first("meta[name='description' i]")
    title = tree.css_first("title")
    for each in tree.css(UNSEEN):
        each.decompose()
    body = tree.body
    return {
        "title": title.text(strip=True)[:MOST_CHARACTERS] if title is not None else "",
        "description": str(described.attributes.get("content") or "")[:MOST_CHARACTERS] if described else "",
        "robots": robots[:MOST_CHARACTERS],
        "text": _DATA.sub(" ", body.text(separator=" ", strip=True))[:MOST_CHARACTERS] if body is not None else "",
    }


def decoded(raw: bytes, charset: str) -> str:
    """The text: by its mark, else as the server states, else as the page states, else as it looks."""
    if raw.startswith(codecs.BOM_UTF8):
        return raw.decode("utf-8-sig", "replace")
    stated = _META.search(raw[:1_024])
    for name in (charset, stated[1].decode("ascii") if stated else ""):
        if (codec := _codec(name)) is not None:
            return raw.decode(codec, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")  # WHATWG Encoding: what is not stated is windows-1252


def _codec(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name if name else ""
    except LookupError:
        return None
    if found in {"iso8859-1", "ascii"}:
        return "cp1252"  # WHATWG Encoding: labels of windows-1252
    return found if _TEXTS.fullmatch(found) else None


if __name__ == "__main__":
    main()
