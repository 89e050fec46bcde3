"""Processes that tick, and their sudden ends."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pumpflix.env import ROOT


class Tickers:
    """Two at work and one that comes after them. A kill takes one at work; the next is at work by then."""

    def __init__(self, dice: random.Random, environ: dict[str, str]) -> None:
        self._dice = dice
        self._environ = environ
        self._alive = [self._start() for _ in range(2)]
        for process in self._alive:
            self._wait(process)
        self.kills = 0

    def kill_one(self) -> None:
        """Without a last word, in the middle of whatever it does."""
        victim = self._alive.pop(self._dice.randrange(len(self._alive)))
        victim.kill()
        victim.wait()
        self.kills += 1
        self._alive.append(self._start())

    def stop(self) -> None:
        for process in self._alive:
            process.kill()
            process.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "pumpflix.lab.schedules.ticker"]
        return subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **self._environ}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        if process.stdout.readline().strip() != b"ready":
            raise RuntimeError("A ticker did not start.")


@contextmanager
def tickers(dice: random.Random, environ: dict[str, str]) -> Iterator[Tickers]:
    started = Tickers(dice, environ)
    try:
        yield started
    finally:
        started.stop()
