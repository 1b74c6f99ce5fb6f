"""What programs cost, as Linux counts it: CPU time and memory of a process and all that it started."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
# Of /proc/<pid>/stat, from the field after the name: the parent; user and system time, its own and that of ended children.
PARENT, TIMES = 1, slice(11, 15)


def cpu_seconds(root: int) -> float:
    """CPU time spent so far by the process and its descendants, ended ones included."""
    return sum(int(ticks) for pid in family(root) for ticks in _stat(pid)[TIMES]) / TICKS


def memory(root: int) -> dict[str, float]:
    """MiB of each program under `root`, by command line (PSS: what several processes share is divided among them)."""
    found: dict[str, float] = {}
    for pid in family(root):
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        name = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        size = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        found[name] = found.get(name, 0) + size / 1024
    return found


def family(root: int) -> list[int]:
    """The process and its descendants."""
    parents = {int(path.name): _parent(int(path.name)) for path in PROC.glob("[0-9]*")}
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def name() -> str:
    """The processor and how many there are."""
    lines = (PROC / "cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor")
    return f"{len(os.sched_getaffinity(0))} × {model}"


def called(command: str) -> str:
    """What a command line runs: its program, or its Python module."""
    words = command.split()
    return words[words.index("-m") + 1] if "-m" in words else Path(words[0]).name


def _parent(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[PARENT]) if stat else 0


def _stat(pid: int) -> list[str]:
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
