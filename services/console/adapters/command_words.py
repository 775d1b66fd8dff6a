"""The words of `kindling`: `decision explain|replay|send-time`, `reconcile`, and nothing for the web page."""

import argparse
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from services.console.core.pricing import BadPrice, Price, price_of
from services.runtime.typed import instant_of

MOST_CASES = 50  # of a range, unless told otherwise
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
DURATION = re.compile(r"([0-9]{1,6})([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
FAR_OFF = datetime(9000, 1, 1, tzinfo=UTC)


def read_words(arguments: Sequence[str]) -> argparse.Namespace:
    """What is asked for; `command` is None, `explain`, `replay`, `send-time` or `reconcile`."""
    parser = argparse.ArgumentParser(
        prog="kindling", description="One decision explained, past ones replayed, or what has no end."
    )
    parser.set_defaults(command=None)
    first = parser.add_subparsers(title="commands; without one the web page is served")
    _reconcile(first.add_parser("reconcile", help="conversions without an end, and mails without feedback"))
    decision = first.add_parser("decision", help="explain or replay")
    commands = decision.add_subparsers(dest="command", required=True)
    _explain(commands.add_parser("explain", help="all that led to one decision, or to the newest of a person"))
    _replay(commands.add_parser("replay", help="the same mail from the record, or decided anew and compared"))
    _send_time(commands.add_parser("send-time", help="what became of mails that were moved to a better hour"))
    return parser.parse_args(list(arguments))


def _send_time(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _reconcile(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command="reconcile")
    parser.add_argument("--older-than", type=_duration_s, default="2h", help="of a conversion, as 90s, 30m, 2h, 1d; 2h")
    parser.add_argument("--mails-older-than", type=_duration_s, default="1d", help="of a mail without feedback; 1d")
    parser.add_argument("--no-playbook", action="store_true", help="list conversions that enter no playbook too")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("decision_id", metavar="WHAT", help="a decision's id, a person as u:42, or an address")
    parser.add_argument("--all", action="store_true", help="of a person: every decision, newest first, a line each")
    parser.add_argument(
        "--with-mail", action="store_true", help="with --json: the outbound record too, and its address"
    )
    _shared(parser)


def _replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("decision_id", nargs="?", help="without one: a range")
    parser.add_argument("--since", type=_instant, default=LONG_AGO, help="of a range: ended at or after, as 2026-11-03")
    parser.add_argument("--until", type=_instant, default=FAR_OFF, help="of a range: ended before")
    parser.add_argument("--limit", type=int, default=MOST_CASES, help=f"the newest so many; {MOST_CASES}")
    parser.add_argument("--anew", action="store_true", help="ask the model again, with nothing else changed")
    parser.add_argument("--prompt", type=Path, help="ask anew with this prompt file: job_imagine.vN.md, pick.vN.md …")
    parser.add_argument("--model", help="ask this model anew, at the endpoint of OPENAI_BASE_URL")
    parser.add_argument("--catalogue", type=Path, help="decide anew over the courses of this file")
    _shared(parser)


def _shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--file", type=Path, help="read cases from this file, as `explain --json` prints them")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--price", type=_price, action="append", default=[], metavar="MODEL=IN/OUT", help="per million tokens"
    )


def _instant(text: str) -> datetime:
    try:
        return instant_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _duration_s(text: str) -> int:
    found = DURATION.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"expected a number and s, m, h or d, as 30m; came {text}")
    return int(found[1]) * SECONDS[found[2]]


def _price(text: str) -> tuple[str, Price]:
    read = price_of(text)
    if isinstance(read, BadPrice):
        raise argparse.ArgumentTypeError(read.message)
    return read
