"""The parent's side of a child that reads foreign files: one child for one node run, ready before it is needed, and
ended by its deadline, by its memory limit, or with the run."""

import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pumpflix.lib.sandbox import frames
from pumpflix.lib.sandbox.crew import Spawner
from pumpflix.lib.sandbox.errors import (
    FileRefused,
    SandboxCanceled,
    SandboxCrashed,
    SandboxMemory,
    SandboxOutputTooLarge,
    SandboxTimeout,
    SandboxUnavailable,
)  # fmt: skip
from pumpflix.lib.sandbox.lockdown import Level
from pumpflix.lib.sandbox.parent import Child, spawn

_CHILD = Path(__file__).resolve().with_name("file_child.py")
_START_S = 30.0
_TICK_S = 0.05
_MAX_HEADER_BYTES = 64 * 1024 * 1024
_CHILDREN = threading.BoundedSemaphore(max(os.cpu_count() or 1, 2))


@dataclass(frozen=True)
class FileLimits:
    """Of one call. ``memory_mb`` is beyond what the child holds when it is ready."""

    timeout_s: float = 30.0
    memory_mb: int = 512
    max_output_bytes: int = 128 * 1024 * 1024


class FileWorker:
    """Calls ``work`` of one module in one locked-down child. For one thread; after any error the child is gone."""

    def __init__(self, module: str, limits: FileLimits, is_canceled: Callable[[], bool] | None = None) -> None:
        self._module = module
        self._limits = limits
        self._is_canceled = is_canceled or (lambda: False)
        self._child: Child | None = None

    def call(self, header: dict[str, Any], files: Sequence[bytes] = ()) -> tuple[dict[str, Any], list[bytes]]:
        """What ``work`` returned. Raises FileRefused for a file that cannot be read, a SandboxError for a child that
        was ended."""
        child = self._child = self._child or self._start()
        deadline = time.monotonic() + self._limits.timeout_s
        try:
            reply, data = self._exchange(child, header, files, deadline)
        except TimeoutError:
            self.close()
            raise SandboxTimeout(f"The file took longer than {self._limits.timeout_s:g} s to read.") from None
        except frames.FrameTooLarge as error:
            self.close()
            raise SandboxOutputTooLarge("More came out of the file than is allowed.") from error
        except (frames.FrameError, OSError, ValueError) as error:
            self.close()
            raise SandboxCrashed("The file could not be read.", detail=f"{error!r}: {child.last_words}") from error
        except BaseException:
            self.close()
            raise
        return self._judged(reply, data)

    def close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            _CHILDREN.release()

    def _start(self) -> Child:
        while not _CHILDREN.acquire(timeout=_TICK_S):
            self._stop_if_canceled()
        try:
            return spawner_of(self._module, self._limits.memory_mb).take()
        except BaseException:
            _CHILDREN.release()
            raise

    def _exchange(
        self, child: Child, header: dict[str, Any], files: Sequence[bytes], deadline: float
    ) -> tuple[dict[str, Any], bytes]:
        text = json.dumps({"header": header, "sizes": [len(file) for file in files]}).encode()
        for part in (frames.prefix(text, sum(map(len, files))) + text, *files):
            child.line.settimeout(left(deadline))
            child.line.sendall(part)

        def receive(view: memoryview) -> int:
            while True:
                child.line.settimeout(min(_TICK_S, left(deadline)))
                try:
                    return child.line.recv_into(view)
                except TimeoutError:
                    self._stop_if_canceled()

        reply, data = frames.read(receive, _MAX_HEADER_BYTES, self._limits.max_output_bytes)
        parsed = json.loads(reply)
        if not isinstance(parsed, dict):
            raise frames.FrameError("the header is no object")
        return parsed, data

    def _judged(self, reply: dict[str, Any], data: bytes) -> tuple[dict[str, Any], list[bytes]]:
        refused = reply.get("refused")
        if isinstance(refused, dict):
            raise FileRefused(str(refused["message"]), hint=str(refused["hint"]), code=str(refused["code"]))
        done = reply.get("done")
        if isinstance(done, dict):
            return done, list(pieces(data, reply.get("sizes") or []))
        self.close()
        if reply.get("failed") == "memory":
            raise SandboxMemory(f"The file needs more than {self._limits.memory_mb} MB of memory.")
        raise FileRefused("This file is damaged.", hint="Save it again and upload it anew.")

    def _stop_if_canceled(self) -> None:
        if self._is_canceled():
            raise SandboxCanceled("The run was canceled.")


_lock = threading.Lock()
_spawners: dict[tuple[int, str, int], Spawner] = {}


def spawner_of(module: str, memory_mb: int) -> Spawner:
    """What starts the children of one module, and keeps one ready from the first call on. None serves two runs."""
    key = (os.getpid(), module, memory_mb)
    with _lock:
        if key not in _spawners:
            _spawners[key] = Spawner(lambda: start(module, memory_mb))
        return _spawners[key]


def start(module: str, memory_mb: int) -> Child:
    """A child that is locked in and ready. The calling thread must live as long as the child may."""
    ours, theirs = socket.socketpair()
    with theirs:
        told = {"fd": theirs.fileno(), "parentPid": os.getpid(), "module": module, "memoryMb": memory_mb}
        command = [sys.executable, "-I", "-B", str(_CHILD), json.dumps(told)]
        child = Child(spawn(command, theirs), ours, Level("none"), 0)
    try:
        ours.settimeout(_START_S)
        ready, _ = frames.read(ours.recv_into, _MAX_HEADER_BYTES, 0)
        child.level = Level(json.loads(ready)["ready"])
    except (OSError, frames.FrameError, ValueError, KeyError) as error:
        child.kill()
        text = f"The process that reads files did not start: {child.last_words[-500:] or error}"
        raise SandboxUnavailable(text) from error
    return child


def left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def pieces(data: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield data[at : at + int(size)]
        at += int(size)


@contextlib.contextmanager
def file_worker(module: str, limits: FileLimits, is_canceled: Callable[[], bool] | None = None) -> Iterator[FileWorker]:
    """A worker whose child starts with the first call and ends with the block."""
    worker = FileWorker(module, limits, is_canceled)
    try:
        yield worker
    finally:
        worker.close()
