"""`make up PROGRAM=folder`: Kafka, the catalogue, every service and a mail sink on this machine; `make down` ends all.

Without a business: Kafka and the topics alone.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from deploy.local import kafka, stand
from deploy.local.place import CATALOGUES, HOST, Place, add_words, environment_of, place_of, words_of
from deploy.local.ports import LocalError
from services.runtime.errors import Status
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_topics import TopicsAdmin
from services.runtime.llm_rungs import RUNGS_LEFT
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.program import read_program
from services.runtime.settings import load

PARTITIONS = 3
END_WITHIN_S = 60.0
POLL_S = 0.1
ROWS_LEFT_OUT = 65  # of the import: some rows are no courses; the others are there


class UpError(RuntimeError):
    """It cannot stand here; the message says why and what to do, in one sentence."""


def start(place: Place) -> None:
    """Start all and say where it is.

    Raises:
        UpError, LocalError, Misconfigured, Unavailable: with what to do.
    """
    if (pid := stand.holder(place.folder)) is not None:
        _already(place, pid)
        return
    read_program(place.program)
    catalogue = _catalogue(place.program)
    had_kafka = kafka.runs(place.broker)
    _refuse_busy_ports(place, [name for name in place.ports if not (name == "kafka" and had_kafka)])
    place.folder.mkdir(parents=True, exist_ok=True)
    _say(f"the program {place.program} is as it should be")
    _say(kafka.start(place.broker).removeprefix("kafka: "), "kafka")
    keeper = None
    try:
        asyncio.run(_make_topics(place))
        keeper = _spawn(place)
        _import(place, catalogue)
        _wait(place, keeper)
    except BaseException:
        if keeper is not None:
            keeper.terminate()
            keeper.wait(END_WITHIN_S)
        if not had_kafka:
            kafka.stop(place.broker)
        raise
    _describe(place)


def stop(place: Place) -> None:
    """End all that `start` started, Kafka last.

    Raises:
        UpError: what stands did not end in time.
    """
    if (pid := stand.holder(place.folder)) is not None:
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + END_WITHIN_S
        while stand.holder(place.folder) is not None:
            if time.monotonic() > until:
                raise UpError(f"process {pid} did not end within {END_WITHIN_S:.0f} s: see {place.log}")
            time.sleep(POLL_S)
        _say("every service ended, and the mail sink", "down")
    _say(kafka.stop(place.broker).removeprefix("kafka: "), "kafka")


def _already(place: Place, pid: int) -> None:
    is_up = place.ready.exists()
    stands = json.loads(place.ready.read_text())["program"] if is_up else str(place.program)
    if stands != str(place.program):
        raise UpError(f"{stands} is up already (process {pid}): end it by `make down`, then start {place.program}")
    _say(f"is up already (process {pid}); `make down` ends it" if is_up else f"starts already (process {pid})")
    if is_up:
        _describe(place)


def _catalogue(program: Path) -> Path:
    found = [program / name for name in CATALOGUES if (program / name).exists()]
    if not found:
        raise UpError(f"expected the courses as {' or '.join(CATALOGUES)} in {program}; neither is there: write one")
    return found[0]


def _refuse_busy_ports(place: Place, names: list[str]) -> None:
    for name in names:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, place.ports[name]))
            except OSError:
                raise UpError(
                    f"port {place.ports[name]}, of {name}, is in use: end what listens there, or choose another by "
                    f'ARGS="--{name}-port N"'
                ) from None


async def _make_topics(place: Place) -> None:
    admin = TopicsAdmin(Kafka(place.broker.address))
    await admin.start()
    try:
        plan = await admin.plan(PARTITIONS)
        await admin.apply(plan, 1)
    finally:
        await admin.stop()
    _say(f"{len(plan.missing)} made, {len(plan.standing)} were there", "topics")


def _spawn(place: Place) -> "subprocess.Popen[bytes]":
    _say("every service starts, and a mail sink")
    place.ready.unlink(missing_ok=True)  # of one that was killed
    with place.log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local.stand", *words_of(place)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def _import(place: Place, catalogue: Path) -> None:
    words = [sys.executable, "-m", "services.recommender", "import", str(catalogue)]
    done = subprocess.run(
        words, env=environment_of(place), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    for line in done.stdout.strip().splitlines():
        _say(line, "catalogue")
    if done.returncode not in {0, ROWS_LEFT_OUT}:
        raise UpError(f"the catalogue {catalogue} was not imported: mend what is said above, and start again")


def _wait(place: Place, keeper: "subprocess.Popen[bytes]") -> None:
    while not place.ready.exists():
        if keeper.poll() is not None:
            lines = place.log.read_text(errors="replace").strip().splitlines()
            raise UpError(lines[-1].removeprefix(f"{stand.OWN} | ") if lines else f"it ended; see {place.log}")
        time.sleep(POLL_S)


def _describe(place: Place) -> None:
    """Where everything is, and what is missing."""
    shell = place.shell(os.environ)
    place.variables.touch(mode=0o600)
    place.variables.write_text(shell)
    told = place.settings(os.environ)
    for name, text in (
        ("collector", place.url("collector")),
        ("write key", place.secret_of("write-key") if "KINDLING_INGEST_KEYS" in told else "yours"),
        ("console", place.url("console")),
        ("mails", f"{place.url('mails')}   (a sink: none goes out)"),
        ("log", str(place.log)),
        ("for a shell", f". {place.variables}"),
        ("model", _model()),
    ):
        _say(f"{name:<12}{text}")


def _model() -> str:
    llm = load(LlmSettings)
    if llm.is_on:
        return ", ".join(each.name for each in llm.models)
    left = ", ".join(f"{stage}: {rung}" for service in RUNGS_LEFT.values() for stage, rung in service.items())
    return f"none is set; these rungs answer: {left} (set OPENAI_API_KEY or OPENAI_BASE_URL to have one asked)"


def _say(line: str, name: str = "up") -> None:
    print(f"{name}: {line}", flush=True)


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make up", description=__doc__)
    parser.add_argument("act", choices=("start", "stop"))
    add_words(parser)
    words = parser.parse_args()
    place = place_of(words)
    try:
        if words.act == "stop":
            stop(place)
        elif words.program is None:
            _say(kafka.start(place.broker).removeprefix("kafka: "), "kafka")
            asyncio.run(_make_topics(place))
        else:
            start(place)
    except (UpError, LocalError, Misconfigured, Unavailable) as error:
        print(f"up: {error}", file=sys.stderr)
        return Status.MISCONFIGURED if isinstance(error, Misconfigured) else 1
    except KeyboardInterrupt:
        print("up: stopped before everything was up; what was started has ended", file=sys.stderr)
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main())
