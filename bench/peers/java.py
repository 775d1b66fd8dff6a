"""A peer in Java: the `java` that can run its source, and the command that does. Without one, a word says why not."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from deploy.local.jars import WrongJarError, class_path

HERE = Path(__file__).parent
CACHE = Path(".cache/jgo-peers")
SOURCE = HERE / "KafkaStreamsProfile.java"
COMPILER = re.compile(r"^jdk\.compiler@(\d+)", re.MULTILINE)
LEAST_VERSION = 17  # of Kafka Streams 4, and of the source's own records and switches
ASK_WITHIN_S = 30.0
# The collector that costs least here (27 November 2026, 200,000 events: 40 µs an event, parallel 43, G1 51), with room
# enough that it hardly runs; quiet unless something is wrong.
OPTIONS = ("-XX:+UseSerialGC", "-Xms1g", "-Xmx1g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")


class NoPeer(RuntimeError):  # noqa: N818 a fact of the machine
    """The peer cannot run here; the message says what to do."""


def kafka_streams(java: Path, jars: Sequence[Path], words: Sequence[str]) -> tuple[str, ...]:
    """The command that runs the profile on Kafka Streams; what the words are, its source says."""
    return (str(java), *OPTIONS, "-cp", os.pathsep.join(map(str, jars)), str(SOURCE), *words)


def peer_jars() -> list[Path]:
    """Kafka Streams and what it needs, as bench/peers/jgo.lock.toml says; downloads what is missing (94 MB, once).

    Raises:
        NoPeer: they did not come, or are others.
    """
    try:
        return class_path(CACHE, HERE)
    except (WrongJarError, OSError, RuntimeError) as error:
        raise NoPeer(f"its jars did not come: {error}") from error


def java_with_compiler(environment: Mapping[str, str]) -> Path:
    """The first `java` of JAVA_HOME and PATH that runs a source of this version.

    Raises:
        NoPeer: there is none.
    """
    for java in _javas(environment):
        if is_new_enough(_modules(java)):
            return java
    raise NoPeer(
        f"expected a java of version {LEAST_VERSION} or later with a compiler (module jdk.compiler) in JAVA_HOME or "
        "PATH; none is there: install a JDK"
    )


def is_new_enough(modules: str) -> bool:
    """True of what `java --list-modules` prints, if a compiler is among it and young enough."""
    found = COMPILER.search(modules)
    return found is not None and int(found[1]) >= LEAST_VERSION


def _javas(environment: Mapping[str, str]) -> Iterator[Path]:
    home = environment.get("JAVA_HOME")
    folders = [Path(home) / "bin"] if home else []
    folders += [Path(each) for each in environment.get("PATH", "").split(os.pathsep) if each]
    for folder in folders:
        if os.access(folder / "java", os.X_OK):
            yield folder / "java"


def _modules(java: Path) -> str:
    try:
        done = subprocess.run(
            [java, "--list-modules"], capture_output=True, text=True, check=False, timeout=ASK_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
