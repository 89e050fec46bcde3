"""What a tree of processes uses, read from `/proc` (Linux): CPU time and proportional memory."""

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
SAMPLE_S = 0.5
MIB = 2**20


def table() -> dict[int, tuple[int, float]]:
    """Of every process its parent, and the CPU seconds of itself and of the children it waited for."""
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                text = (entry / "stat").read_text()
                fields = text[text.rindex(")") + 2 :].split()
                found[int(entry.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / TICKS_PER_S)
    return found


def tree(processes: dict[int, tuple[int, float]], roots: Iterable[int]) -> list[int]:
    """The roots and everything below them."""
    children: dict[int, list[int]] = {}
    for process, (parent, _) in processes.items():
        children.setdefault(parent, []).append(process)
    found: list[int] = []
    waiting = [root for root in roots if root in processes]
    while waiting:
        process = waiting.pop()
        found.append(process)
        waiting += children.get(process, [])
    return found


def cpu_s(roots: Iterable[int]) -> float:
    """CPU seconds so far of the trees of these processes."""
    processes = table()
    return sum(processes[process][1] for process in tree(processes, roots))


def pss_bytes(roots: Iterable[int]) -> int:
    """Memory of the trees now, with what is shared counted once."""
    total = 0
    for process in tree(table(), roots):
        with contextlib.suppress(OSError):
            for line in (PROC / str(process) / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


class Peak:
    """The most memory a tree had while somebody looked, in bytes."""

    def __init__(self, roots: Iterable[int]) -> None:
        self._roots = list(roots)
        self._over = threading.Event()
        self.bytes = 0

    def watch(self) -> None:
        while True:
            self.bytes = max(self.bytes, pss_bytes(self._roots))
            if self._over.wait(SAMPLE_S):
                return

    @property
    def mib(self) -> float:
        return self.bytes / MIB

    def stop(self) -> None:
        self._over.set()


@contextlib.contextmanager
def peak(roots: Iterable[int]) -> Iterator[Peak]:
    """Look twice a second from here to the end of the block."""
    found = Peak(roots)
    thread = threading.Thread(target=found.watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.stop()
        thread.join()
