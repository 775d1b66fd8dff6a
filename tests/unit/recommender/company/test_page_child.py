"""Text out of strangers' bytes: in a bounded child without our environment; what no reader sees is left out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.recommender.adapters.company import bounded
from services.recommender.adapters.company.bounded import Bounds, run_bounded
from services.recommender.adapters.company.site_reader import PAGE_CHILD, ROBOTS_CHILD
from services.recommender.core.company.pages import SHOWN_CHARACTERS, is_html, page_of, shown
from services.recommender.core.company.values import NoPage, Page, Why

WORDS = (
    "Acme bakes sourdough bread and wedding cakes for cafés and hotels in the whole of Galicia, "
    "every day of the week and at night."
)
HOSTILE = """
<title>Acme TITLE</title><meta name=description content="Bread and SUMMARY"><meta name=keywords content=KEYWORDS>
<style>p::before{content:"CSS"}</style><script>var a="SCRIPT"</script>
<script type="application/ld+json">{"name":"JSONLD"}</script>
<body><!-- COMMENT --><p>Visible BODY</p><img alt="ALT" src=x><p hidden>HIDDEN</p>
<p style="color:red;DISPLAY: none">NONE</p><p aria-hidden=true>ARIA</p><p style="visibility:hidden">INVISIBLE</p>
<template><p>TEMPLATE</template>
<noscript>NOSCRIPT</noscript><svg><text>SVG</text></svg><input value=VALUE><a href="https://LINK" title=TOOLTIP>more</a>
"""


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Path]:
    """A program for a child."""

    def build(text: str) -> Path:
        path = tmp_path / "script.py"
        path.write_text(f"import os, sys, resource\n{text}\n", encoding="utf-8")
        return path

    return build


async def _extracted(html: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(await run_bounded(PAGE_CHILD, ("utf-8",), html.encode()) or b"")
    return told


async def test_only_what_a_reader_sees_is_told() -> None:
    """Title, description and visible text; no script, style, comment, alternative text, attribute, hidden element."""
    told = await _extracted(HOSTILE)
    seen = " ".join(told.values())
    assert [each for each in ("TITLE", "SUMMARY", "BODY", "more") if each not in seen] == []
    unseen = (
        "CSS SCRIPT JSONLD COMMENT ALT HIDDEN NONE ARIA INVISIBLE TEMPLATE NOSCRIPT SVG VALUE LINK TOOLTIP KEYWORDS"
    )
    assert [each for each in unseen.split() if each in seen] == []


async def test_encoded_data_and_endless_text_are_cut() -> None:
    """A run no word has is dropped, and the whole has a bound."""
    told = await _extracted("<p>before " + "QUJD" * 5_000 + " after " + "word " * 20_000)
    assert told["text"].startswith("before   after word") or told["text"].startswith("before after word")
    assert len(told["text"]) == 20_000


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("sys.stdout.write(repr(sorted(set(os.environ) - {'LC_CTYPE'})))", b"[]"),
        ("sys.stdout.write(sys.stdin.read()[::-1] + sys.argv[1])", b"olleha"),
        ("sys.stdout.write(os.getcwd())", b"/"),
        ("sys.stdout.write(str('services' in sys.modules))", b"False"),
        ("while True: pass", None),
        ("bytearray(10**9)", None),
        ("sys.stdout.write('x' * 10**6)", None),
        ("os.kill(os.getpid(), 11)", None),
        ("sys.exit(3)", None),
        ("os.write(os.open(__file__ + '.out', os.O_CREAT | os.O_WRONLY), b'x')", None),
        ("1 / 0", None),
    ],
)  # fmt: skip
async def test_child_has_nothing_and_is_bounded(script: Callable[[str], Path], text: str, output: bytes | None) -> None:
    """No environment, no folder of ours; seconds, bytes and files run out, and its death is one answer."""
    bounds = Bounds(cpu_s=1, memory_bytes=256 * 2**20, wall_s=3.0, output_bytes=10_000)
    assert await run_bounded(script(text), ("a",), b"hello", bounds) == output


@pytest.mark.parametrize("opening", ["socket.socket()", "open('/etc/hostname')", "os.pipe()"])
@pytest.mark.parametrize(
    ("child", "arguments"), [(PAGE_CHILD, ("utf-8",)), (ROBOTS_CHILD, ("kindling", "https://acme.example/"))]
)
async def test_nothing_can_be_opened_where_bytes_of_strangers_are_parsed(
    script: Callable[[str], Path], child: Path, arguments: tuple[str, ...], opening: str
) -> None:
    """A parser taken over has what it was given, and no way out but its answer."""
    after = (
        f"import runpy, socket\nrunpy.run_path({str(child)!r}, run_name='__main__')\nsys.stdout.write('|')\n"
        f"try: {opening}\nexcept OSError as error: sys.stdout.write(os.strerror(error.errno))"
    )
    output = await run_bounded(script(after), arguments, b"<p>Bread</p>")
    assert output is not None
    assert output.endswith(b"|Too many open files")


async def test_child_that_sleeps_is_ended_by_the_clock(script: Callable[[str], Path]) -> None:
    """CPU seconds alone would wait for ever."""
    sleeping = script("import time\ntime.sleep(600)")
    assert await run_bounded(sleeping, (), b"x" * 1_000_000, Bounds(wall_s=0.5)) is None
    assert bounded.BOUNDS.wall_s < 10


@pytest.mark.parametrize("extracted", [None, b"", b"no json", b"[]", b"1", b'"text"', b"\xff"])
def test_child_without_an_answer_is_no_page(extracted: bytes | None) -> None:
    """Whatever came of it."""
    assert page_of(extracted, "") == NoPage(Why.EXTRACTION, "the bounded child gave no text")


def test_page_is_title_description_and_text() -> None:
    """One line, as a model is shown it; what it says of addresses is left out."""
    told = {
        "title": "Acme",
        "description": "Bread",
        "text": f"{WORDS}\n\nMail bread@acme.com \u200b\U000e0041now\ufe0f",
        "robots": "",
    }
    found = page_of(json.dumps(told).encode(), "")
    assert found == Page(f"Acme — Bread — {WORDS} Mail [address] now")


def test_text_shown_is_bounded_and_linear() -> None:
    """Of a page of one endless word too: what follows costs no more than its length."""
    assert len(shown("ß" * 20_000)) <= SHOWN_CHARACTERS
    assert shown("word " * 5_000).endswith("word…")


@pytest.mark.parametrize(
    ("robots", "why"),
    [
        ("noindex", Why.NOINDEX),
        ("none", Why.NOINDEX),
        ("bot: noindex", Why.NOINDEX),
        ("index, follow", None),
        ("nonexistent", None),
    ],
)
def test_noindex_is_a_word_of_its_own(robots: str, why: Why | None) -> None:
    """In the header as in the page."""
    found = page_of(json.dumps({"text": WORDS}).encode(), robots)
    assert (found.why if isinstance(found, NoPage) else None) is why


def test_html_is_what_is_stated_and_looks_so() -> None:
    """A type in capitals is one; bytes of a picture are not."""
    assert is_html("Text/HTML", b"\n<p>x")
    assert not is_html("text/html", b"\x89PNG\r\n")
    assert not is_html("text/plain", b"<p>x")
    assert not is_html("text/html", b"<p>\x00")
