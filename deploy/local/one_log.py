"""Where processes write to: a file for each, or one log for all, each line with the name of who wrote it before it."""

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

END_WITHIN_S = 2.0  # a process is gone, and what it wrote is still in the pipe


class Output(Protocol):
    """What processes write to."""

    def open(self, name: str) -> IO[bytes]:
        """A file for the output of the process; who opened it closes it once the process has it."""
        ...

    def last_line(self, name: str) -> str:
        """The last line that a process, which has ended, wrote; empty where it wrote none."""
        ...

    def place(self, name: str) -> Path:
        """The file to look into."""
        ...


@dataclass(frozen=True, slots=True)
class Files:
    """A file for each process: `<name>.log` in the folder."""

    folder: Path

    def open(self, name: str) -> IO[bytes]:
        """That file, to append to."""
        return self.place(name).open("ab")

    def last_line(self, name: str) -> str:
        """The last line of that file."""
        lines = self.place(name).read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def place(self, name: str) -> Path:
        """That file."""
        return self.folder / f"{name}.log"


@dataclass(slots=True)
class OneLog:
    """One file for all: `<name> | <line>`. Lines never mix; a thread for each process reads its pipe."""

    path: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: dict[str, str] = field(default_factory=dict)
    _readers: dict[str, threading.Thread] = field(default_factory=dict)

    def open(self, name: str) -> IO[bytes]:
        """The end of a pipe whose lines go to the log."""
        reading, writing = os.pipe()
        reader = threading.Thread(target=self._read, args=(name, os.fdopen(reading, "rb")), daemon=True)
        self._readers[name] = reader
        reader.start()
        return os.fdopen(writing, "wb")

    def say(self, name: str, line: str) -> None:
        """A line of our own."""
        with self._lock, self.path.open("ab") as log:
            log.write(f"{name} | {line}\n".encode())

    def last_line(self, name: str) -> str:
        """The last line of the process, once all it wrote is read."""
        self._readers[name].join(END_WITHIN_S)
        return self._last.get(name, "")

    def place(self, name: str) -> Path:
        """The one file, whoever is asked for."""
        del name
        return self.path

    def close(self) -> None:
        """Wait until all is written that the processes, which have ended, wrote."""
        for reader in self._readers.values():
            reader.join(END_WITHIN_S)

    def _read(self, name: str, lines: IO[bytes]) -> None:
        with lines:
            for raw in lines:
                line = raw.decode(errors="replace").rstrip("\n")
                self._last[name] = line
                self.say(name, line)
