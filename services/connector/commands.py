"""The command beside the service: which mails nobody knows the end of."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from services.connector.adapters.ledger_reading import rows_of_mails, unsure_mails
from services.connector.core.values import Unsure
from services.connector.settings import LedgerSettings
from services.runtime.errors import Status
from services.runtime.outcome import Misconfigured
from services.runtime.settings import load

SOME_UNKNOWN = 1
rows_of = rows_of_mails
ADVICE = "each may have arrived: look for the id in the mail server's log (it is in the Message-ID); none is sent again"


def unknown(arguments: Sequence[str]) -> int:
    """The exit status of the list: 0 where there is none, 1 where there are some, 78 where there is no ledger."""
    parser = argparse.ArgumentParser(
        prog="python -m services.connector unknown", description="List the mails that may or may not have gone."
    )
    parser.add_argument("--json", action="store_true", help="one JSON array, for a program")
    chosen = parser.parse_args(arguments)
    try:
        mails = unsure_mails(load(LedgerSettings).connector_data)
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return Status.MISCONFIGURED
    told = json.dumps([asdict(each) for each in mails]) if chosen.json else _told(mails)
    sys.stdout.write(f"{told}\n")
    return SOME_UNKNOWN if mails else 0


def _told(mails: Sequence[Unsure]) -> str:
    if not mails:
        return "the end of every mail is known"
    lines = [f"{each.message_id}  begun {each.claimed_at}  given up {each.ended_at}  {each.reason}" for each in mails]
    return "\n".join((*lines, f"{len(mails)} unknown: {ADVICE}"))
