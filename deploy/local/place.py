"""Where a business stands on this machine: its ports, its files, and what its services are told of them."""

import argparse
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local import kafka

HOST = "127.0.0.1"
PORTS = {"kafka": kafka.DEFAULT_PORT, "collector": 8080, "console": 8090, "smtp": 2525, "mails": 8025}
"""By what listens there: the port where none is chosen. Kafka's controller has the one above Kafka's."""
SERVER_KEY_NAME = "back-office"
OWN_KEYS = ("KINDLING_INGEST_WRITE_KEYS", "KINDLING_INGEST_KEYS")
OWN_SECRET = ("KINDLING_SECRET", "KINDLING_SECRET_FILE")
CATALOGUES = ("catalogue.jsonl", "catalogue.csv")
SMTP = "KINDLING_CONNECTOR_SMTP_"


@dataclass(frozen=True, slots=True)
class Place:
    """One business on this machine. What is generated stays in the folder, so that it is the same the next time."""

    folder: Path
    program: Path
    ports: Mapping[str, int]

    @property
    def broker(self) -> kafka.Broker:
        """The Kafka that `make up` starts without a business too."""
        return kafka.Broker(self.folder.parent / "kafka", self.ports["kafka"], self.ports["kafka"] + 1)

    @property
    def log(self) -> Path:
        """The one log."""
        return self.folder / "log"

    @property
    def ready(self) -> Path:
        """There once all is up: the ports, as JSON."""
        return self.folder / "ready"

    @property
    def mails(self) -> Path:
        """The folder of the sink."""
        return self.folder / "mail"

    @property
    def variables(self) -> Path:
        """The addresses and keys, for a shell."""
        return self.folder / "env"

    def url(self, name: str) -> str:
        """Where one of the pages is."""
        return f"http://{HOST}:{self.ports[name]}"

    def secret_of(self, name: str) -> str:
        """A secret of this place, made the first time it is asked for and readable to its owner alone."""
        path = self.folder / name
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(24))
        return path.read_text()

    def settings(self, around: Mapping[str, str]) -> dict[str, str]:
        """What the services are told; secret and keys that `around` has are the operator's own, and stay."""
        folder = self.folder.absolute()
        told = {
            "KINDLING_KAFKA_BOOTSTRAP_SERVERS": self.broker.address,
            "KINDLING_PROGRAM": str(self.program.absolute()),
            "KINDLING_PROFILE_DATA": str(folder / "profile"),
            "KINDLING_QDRANT_PATH": str(folder / "qdrant"),
            "KINDLING_CONNECTOR_DATA": str(folder / "connector"),
            f"{SMTP}HOST": HOST,
            f"{SMTP}PORT": str(self.ports["smtp"]),
            "KINDLING_INGEST_HOST": HOST,
            "KINDLING_INGEST_PORT": str(self.ports["collector"]),
            "KINDLING_CONSOLE_HOST": HOST,
            "KINDLING_CONSOLE_PORT": str(self.ports["console"]),
        }
        if not any(around.get(name) for name in OWN_SECRET):
            self.secret_of("secret")
            told["KINDLING_SECRET_FILE"] = str(folder / "secret")
        if not any(around.get(name) for name in OWN_KEYS):
            told["KINDLING_INGEST_KEYS"] = str(self._keys())
        return told

    def shell(self, around: Mapping[str, str]) -> str:
        """Lines that a shell reads: addresses, keys, and the settings that the tools need."""
        lines = {"COLLECTOR": self.url("collector"), "CONSOLE": self.url("console"), "MAILS": self.url("mails")}
        told = self.settings(around)
        if "KINDLING_INGEST_KEYS" in told:
            lines |= {
                "WRITE_KEY": self.secret_of("write-key"),
                "SERVER_KEY_NAME": SERVER_KEY_NAME,
                "SERVER_KEY": self.secret_of("server-key"),
            }
        return "".join(f"export {name}='{value}'\n" for name, value in {**lines, **told}.items())

    def _keys(self) -> Path:
        path = (self.folder / "keys.yaml").absolute()
        write_key, server_key = self.secret_of("write-key"), self.secret_of("server-key")
        path.touch(mode=0o600)
        path.write_text(
            f'write_keys:\n  - key: {write_key}\n    origins: ["*"]\n'
            f"server_keys:\n  - name: {SERVER_KEY_NAME}\n    secret: {server_key}\n"
        )
        return path


def without_a_mail_server(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without any mail server but the sink: nothing that runs here sends a mail to anybody."""
    return {name: value for name, value in environment.items() if not name.startswith(SMTP)}


def add_words(parser: argparse.ArgumentParser) -> None:
    """The words by which a place is named."""
    parser.add_argument("--program", type=Path, default=None, help="folder of the business")
    parser.add_argument("--folder", type=Path, default=Path(".local/up"), help="what is kept from one time to the next")
    for name, port in PORTS.items():
        parser.add_argument(f"--{name}-port", type=int, default=port, metavar="N", help=f"{port} where none is chosen")


def place_of(words: argparse.Namespace) -> Place:
    """The place the words name."""
    ports = {name: int(getattr(words, f"{name}_port")) for name in PORTS}
    return Place(words.folder, words.program or Path(), ports)


def words_of(place: Place) -> list[str]:
    """The words that name the place again."""
    ports = [word for name, port in place.ports.items() for word in (f"--{name}-port", str(port))]
    return ["--program", str(place.program), "--folder", str(place.folder), *ports]


def environment_of(place: Place) -> dict[str, str]:
    """The whole environment of the services."""
    return without_a_mail_server(os.environ) | place.settings(os.environ)
