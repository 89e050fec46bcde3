"""How full the disk is. Asked by every request that would store something, so the answer is kept for a second."""

import shutil
import time
from pathlib import Path

KEPT_S = 1.0


class Disk:
    """`is_low` while less than `percent` of the disk of that folder is free. 0: never."""

    def __init__(self, folder: Path, percent: int) -> None:
        self._folder = folder
        self._percent = percent
        self._asked_at = 0.0
        self._free_percent = 100.0

    @property
    def is_low(self) -> bool:
        return bool(self._percent) and self.free_percent < self._percent

    @property
    def free_percent(self) -> float:
        now = time.monotonic()
        if now - self._asked_at >= KEPT_S:
            self._asked_at = now
            try:
                usage = shutil.disk_usage(self._folder)
            except OSError:
                # A folder that is not there, or not ours to look at, says nothing about the disk.
                return self._free_percent
            # What only the superuser may still use counts as taken.
            self._free_percent = 100.0 * usage.free / max(1, usage.used + usage.free)
        return self._free_percent
