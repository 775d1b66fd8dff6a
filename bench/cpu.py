"""CPU seconds of a process, as Linux counts them: user and system, of all its threads, without its children."""

import os
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")  # 100 nearly everywhere: figures are good to 10 ms
USER, SYSTEM = 11, 12  # fields 14 and 15 of proc(5), counted behind the command's closing bracket


class NoProc(RuntimeError):  # noqa: N818 a fact of the machine
    """This machine has no /proc: run the workload on Linux."""


def cpu_s(pid: int) -> float:
    """The seconds of CPU that the process has used.

    Raises:
        NoProc: the machine does not tell.
        ProcessLookupError: it has ended.
    """
    if not Path("/proc/self/stat").exists():
        raise NoProc(NoProc.__doc__)
    try:
        return parsed(Path(f"/proc/{pid}/stat").read_text(), TICKS_A_SECOND)
    except FileNotFoundError:
        raise ProcessLookupError(f"process {pid} has ended") from None


def parsed(stat: str, ticks_a_second: int) -> float:
    """The seconds in a line of /proc/<pid>/stat; the command in it may hold anything, brackets too."""
    fields = stat[stat.rindex(")") + 2 :].split()
    return (int(fields[USER]) + int(fields[SYSTEM])) / ticks_a_second
