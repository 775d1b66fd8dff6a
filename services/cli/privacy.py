"""`kindling export`, `kindling erase` and `kindling consents export`: what is held of somebody, and its end."""

import getpass
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.verbs import complain, group, verb

if TYPE_CHECKING:
    from services.console.privacy import More

consents = group("consents", "The proof of consents.")
WHO = "u:<user id>, a:<browser id>, e:<address key>, an address, or - to read one from standard input"
Who = Annotated[str, typer.Argument(metavar="PERSON|ADDRESS", help=WHO)]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="made anew; only you may read it")]


def add(tree: typer.Typer) -> None:
    """The verbs."""
    verb(tree, "export", "kindling export u:10432 --out ada.jsonl", {})(export)
    ends = {0: "every stage has acknowledged it", 1: "nothing is stored of them, or you said no"}
    verb(tree, "erase", "kindling erase u:10432 --out receipt.json", ends)(erase)
    tree.add_typer(consents)


def export(named: Who, out: Out) -> int:
    """Write all that is held of a person, or of everybody who uses a mailbox, to a file: one line of JSON a record.

    Of a person nothing of others is in it. Each topic is read whole once. Needs Kafka and KINDLING_SECRET; and
    KINDLING_CONNECTOR_DATA for the lines of the connector's ledger.
    """
    from services.console.privacy import exported

    return exported(named, out, _ledger())


def erase(
    named: Annotated[str | None, typer.Argument(metavar="PERSON|ADDRESS", help=WHO)] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="the receipt as JSON too")] = None,
    is_sure: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    wait_s: Annotated[float, typer.Option("--wait", min=1, help="seconds that stages have to acknowledge it")] = 120.0,
    is_finish: Annotated[
        bool,
        typer.Option(
            "--finish", help="nobody is named: tombstone what is left of decisions of all who were erased, by whomever"
        ),
    ] = False,
    by: Annotated[str | None, typer.Option("--by", help="who asks; the user of this machine unless told")] = None,
) -> int:
    """Forget a person, with everybody who uses the same mailbox, and tell by when each place has nothing left of them.

    It names them and asks, since it cannot be undone. Run again it gives the receipt of the person again. Needs Kafka,
    KINDLING_SECRET, and the services up.
    """
    from services.console.privacy import EraseWords, erased, finished
    from services.runtime.outcome import Misconfigured

    if (named is None) != is_finish:
        raise Misconfigured("expected either whom to erase, or --finish")
    if named is None:
        return finished()

    def confirmed(what: str) -> bool:
        return is_sure or typer.confirm(f"{what}? It cannot be undone", err=True)

    return erased(named, EraseWords(getpass.getuser() if by is None else by, wait_s, out, confirmed))


@verb(consents, "export", "kindling consents export --all --out consents.jsonl", {})
def consents_export(
    out: Out,
    named: Annotated[str | None, typer.Argument(metavar="PERSON|ADDRESS", help=WHO)] = None,
    is_all: Annotated[bool, typer.Option("--all", help="of everybody")] = False,
) -> int:
    """Write what proves consents, given and withdrawn, to a file: one line of JSON each. Needs Kafka and the secret."""
    from services.console.privacy import consents_exported
    from services.runtime.outcome import Misconfigured

    if (named is None) != is_all:
        raise Misconfigured("expected either whose consents, or --all")
    return consents_exported(named, out)


def _ledger() -> "More":
    """What reads the ledger, where the environment names one; where it does not, that is said."""
    from services.connector.commands import rows_of
    from services.connector.settings import LedgerSettings
    from services.runtime.outcome import Misconfigured
    from services.runtime.settings import load

    def rows(subject: Any) -> Iterable[tuple[str, Mapping[str, Any]]]:
        try:
            folder = load(LedgerSettings).connector_data
            return [("connector.ledger", each) for each in rows_of(folder, sorted(subject.message_ids))]
        except Misconfigured:
            complain(
                "no line of the connector's ledger is in the file: KINDLING_CONNECTOR_DATA names no folder with one"
            )
            return ()

    return rows
