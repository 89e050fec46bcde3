"""The parent's side of one child: start it, make a call with a deadline, watch its memory, end it."""

import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from pumpflix.lib.sandbox import frames
from pumpflix.lib.sandbox.errors import (
    HostCallError,
    SandboxCanceled,
    SandboxCrashed,
    SandboxError,
    SandboxKilled,
    SandboxMemory,
    SandboxOutputTooLarge,
    SandboxTimeout,
    SandboxUnavailable,
)
from pumpflix.lib.sandbox.lockdown import Level

_HERE = Path(__file__).resolve().parent
_MIB = 2**20
_START_S = 30.0
_TICK_S = 0.02
_LAST_BREATH_S = 0.2
_MAX_HEADER_BYTES = 64 * 1024
_JOIN_BYTES = 256 * 1024
# From so long a call on, its child gives way to those that answer quickly.
_LONG_S = 1.0
_NICENESS = 10
_LAST_WORDS_BYTES = 8192
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# How the engine tells code that its process may have no more: it may get there before anybody has looked at its size.
_REFUSED = b"allocation failed"
# What a child may grow by through serving several teams, before a call's own memory is counted.
_CONTEXTS_BYTES = 96 * _MIB

OnCall = Callable[[str, list[Any]], object]
IsCanceled = Callable[[], bool]


@dataclass(frozen=True)
class SandboxResult:
    """``text`` is the JSON the prelude returned; ``cpu_ms`` is the child's own count."""

    text: bytes
    wall_ms: float
    cpu_ms: float

    def json(self) -> Any:
        """The parsed text. Raises ``SandboxCrashed`` for what is no JSON or is nested beyond reason."""
        try:
            return orjson.loads(self.text)
        except orjson.JSONDecodeError:
            # Lone surrogates are fine in JavaScript and in Python, but not for orjson.
            return _parsed_slowly(self.text)


def _parsed_slowly(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        message = "The code returned something that cannot be read back. Return plain data, not nested too deeply."
        raise SandboxCrashed(message, detail=repr(error)) from error


@dataclass(frozen=True)
class ChildSettings:
    """What every child of a pool is started with. ``launcher`` stands before the Python command, for a second wall."""

    libs: Path
    prelude: Path = _HERE / "prelude"
    max_memory_mb: int = 1024
    launcher: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """One call and its limits. ``operation`` is ``e`` (expressions) or ``c`` (code)."""

    operation: str
    header: bytes
    data: bytes
    team: str
    timeout_s: float
    memory_mb: int
    max_output_bytes: int
    on_call: OnCall | None = None
    is_canceled: IsCanceled | None = None

    def stop_if_canceled(self) -> None:
        if self.is_canceled is not None and self.is_canceled():
            raise SandboxCanceled("The run was canceled.")


@dataclass
class Child:
    """A running child. One thread at a time; after any ``SandboxError`` it is dead and must be dropped.

    ``last_words`` is what it had written to its error stream when it was killed.
    """

    process: subprocess.Popen[bytes]
    line: socket.socket
    level: Level
    ready_rss_bytes: int
    calls: int = 0
    teams: list[str] = field(default_factory=list)
    last_words: str = ""
    is_nice: bool = False

    def run(self, call: Call) -> SandboxResult:
        """Make one call. Whatever goes wrong, the process is gone before the exception leaves."""
        self.calls += 1
        started = time.monotonic()
        try:
            cpu_ms, data = _Conversation(self, call, started + call.timeout_s).hold()
        except BaseException:
            self.kill()
            raise
        self.remember(call.team)
        self.hurry()
        return SandboxResult(data, (time.monotonic() - started) * 1e3, cpu_ms)

    def remember(self, team: str) -> None:
        """Keep the teams in the order of use, for choosing the child that has a team's context already."""
        with contextlib.suppress(ValueError):
            self.teams.remove(team)
        self.teams = [*self.teams[-15:], team]

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def give_way(self) -> None:
        """Let the others have the processor first."""
        if not self.is_nice:
            self.is_nice = self._renice(_NICENESS)

    def hurry(self) -> None:
        """Take part again as all others. Only an administrator may: elsewhere the child stays nice, and is replaced."""
        if self.is_nice:
            self.is_nice = not self._renice(0)

    def _renice(self, niceness: int) -> bool:
        """For every thread of the process group. Where the system groups sessions, these count as a whole."""
        try:
            os.setpriority(os.PRIO_PGRP, self.process.pid, niceness)
        except OSError:
            return False
        with contextlib.suppress(OSError):
            Path(f"/proc/{self.process.pid}/autogroup").write_text(str(niceness))
        return True

    def rss_bytes(self) -> int:
        """Resident memory now; 0 where the system does not tell."""
        try:
            return int(Path(f"/proc/{self.process.pid}/statm").read_bytes().split()[1]) * _PAGE_BYTES
        except (OSError, IndexError):
            return 0

    def kill(self) -> None:
        """End the process and everything in its group, and wait for it."""
        if self.line.fileno() == -1:
            return
        # Once waited for, the number may belong to somebody else.
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
        self.line.close()
        if self.process.stderr is not None:
            with self.process.stderr as stream, contextlib.suppress(BlockingIOError):
                self.last_words = os.read(stream.fileno(), _LAST_WORDS_BYTES).decode("utf-8", "replace").strip()


def start(settings: ChildSettings) -> Child:
    """Start a JavaScript child and wait until it is locked in and ready."""
    wheel = importlib.util.find_spec("py_mini_racer")
    if wheel is None or wheel.origin is None:
        raise SandboxUnavailable("The package mini-racer is not installed; expressions and Code nodes need it.")
    files = {"wheel": Path(wheel.origin).parent, "prelude": settings.prelude, "libs": settings.libs}
    return launch(settings, "js_child.py", {name: str(path) for name, path in files.items()})


def launch(settings: ChildSettings, script: str, configuration: dict[str, Any]) -> Child:
    """Start one of the scripts here and wait until it says that it is ready. The calling thread must live as long as
    the child may. Raises ``SandboxUnavailable``."""
    ours, theirs = socket.socketpair()
    with theirs:
        told = {**configuration, "fd": theirs.fileno(), "parentPid": os.getpid(), "memoryMb": settings.max_memory_mb}
        command = [*settings.launcher, sys.executable, "-I", "-S", str(_HERE / script), json.dumps(told)]
        child = Child(spawn(command, theirs), ours, Level("none"), 0)
    try:
        ours.settimeout(_START_S)
        header, _ = frames.read(ours.recv_into, _MAX_HEADER_BYTES, 0)
        ready = json.loads(header)["ready"]
        child.level = Level(ready["level"], tuple(ready["missing"]))
    except (OSError, frames.FrameError, ValueError, KeyError, TypeError) as error:
        child.kill()
        raise SandboxUnavailable(f"The sandbox process did not start: {child.last_words[-500:] or error}") from error
    child.ready_rss_bytes = child.rss_bytes()
    return child


def spawn(command: Sequence[str], line: socket.socket) -> subprocess.Popen[bytes]:
    """A process of its own session that is given nothing but one end of a line. By exec, never by fork alone."""
    process = subprocess.Popen(
        command,
        env={},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        close_fds=True,
        pass_fds=[line.fileno()],
        start_new_session=True,
    )
    if process.stderr is not None:
        # A child that floods its error stream gets EAGAIN instead of waiting for a reader.
        os.set_blocking(process.stderr.fileno(), False)
    return process


class _HostFailed(Exception):
    """``on_call`` raised something that is not for the author's code."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class _Conversation:
    """The frames of one call, read under its deadline with an eye on the child's memory."""

    def __init__(self, child: Child, call: Call, deadline: float) -> None:
        self._child = child
        self._call = call
        self._deadline = deadline
        self._long_from = time.monotonic() + _LONG_S
        self._limit_bytes = child.ready_rss_bytes + _CONTEXTS_BYTES + call.memory_mb * _MIB

    def hold(self) -> tuple[float, bytes]:
        """The child's CPU time in ms, and the result. Nothing a child sends raises anything but a ``SandboxError``."""
        try:
            self._send_call()
            while True:
                header, data = self._read()
                if "done" in header:
                    if _REFUSED in data:
                        self._refuse_too_big()
                    return float(header["done"]["cpuMs"]), data
                if "failed" in header:
                    raise self._failure(header["failed"])
                self._answer(header)
        except _HostFailed as failure:
            raise failure.error from None
        except TimeoutError:
            raise SandboxTimeout(self._too_slow()) from None
        except frames.FrameTooLarge as error:
            raise SandboxOutputTooLarge(self._too_much()) from error
        except (frames.FrameError, OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            raise self._post_mortem(error) from error

    def _send_call(self) -> None:
        call = self._call
        control = {
            "team": call.team,
            "memoryBytes": call.memory_mb * _MIB,
            "maxOutputBytes": call.max_output_bytes,
        }
        header = json.dumps(control).encode()
        # One text for one argument: JSON has no bare line break, so the first one parts header and data.
        self._send(header, call.operation.encode() + call.header + b"\n", call.data)

    def _send(self, header: bytes, *data: bytes) -> None:
        parts = [frames.prefix(header, sum(map(len, data))) + header, *data]
        if sum(map(len, parts)) < _JOIN_BYTES:
            parts = [b"".join(parts)]
        for part in parts:
            self._child.line.settimeout(self._left())
            self._child.line.sendall(part)

    def _read(self) -> tuple[dict[str, Any], bytes]:
        # A call back to the host travels in the header.
        max_header = max(_MAX_HEADER_BYTES, self._call.max_output_bytes if self._call.on_call else 0)
        header, data = frames.read(self._receive, max_header, self._call.max_output_bytes)
        parsed = json.loads(header)
        if not isinstance(parsed, dict):
            raise frames.FrameError("the header is no object")
        return parsed, data

    def _receive(self, view: memoryview) -> int:
        line = self._child.line
        while True:
            line.settimeout(min(_TICK_S, self._left()))
            try:
                return line.recv_into(view)
            except TimeoutError:
                self._call.stop_if_canceled()
                if time.monotonic() > self._long_from:
                    self._child.give_way()
                self._refuse_too_big()

    def _refuse_too_big(self) -> None:
        """Raises SandboxMemory for a child that holds more than this call may."""
        if self._child.rss_bytes() > self._limit_bytes:
            raise SandboxMemory(self._too_big()) from None

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _answer(self, header: dict[str, Any]) -> None:
        name, arguments = header["call"], header["args"]
        if self._call.on_call is None or not isinstance(name, str) or not isinstance(arguments, list):
            raise frames.FrameError("a call back that nobody expects")
        self._send(self._reply(self._call.on_call, name, arguments))

    @staticmethod
    def _reply(on_call: OnCall, name: str, arguments: list[Any]) -> bytes:
        try:
            return json.dumps({"ok": on_call(name, arguments)}, allow_nan=False).encode()
        except HostCallError as error:
            told = {"message": str(error), "type": error.name, "description": error.description}
            return json.dumps({"error": told}).encode()
        except Exception as error:
            # Not the child's fault: it must not be taken for one of the errors that hold() translates.
            raise _HostFailed(error) from error

    def _failure(self, failed: dict[str, Any]) -> SandboxError:
        kind = failed["kind"]
        if kind == "memory":
            return SandboxMemory(self._too_big())
        if kind == "output":
            return SandboxOutputTooLarge(self._too_much())
        return SandboxCrashed(
            "The code ended in a way the sandbox does not expect. Simplify it and try again.",
            detail=str(failed["message"]),
        )

    def _post_mortem(self, error: Exception) -> SandboxError:
        was_killed = self._was_killed()
        self._child.kill()
        words = self._child.last_words
        if any(sign in words.lower() for sign in ("out of memory", "allocation failed", "memoryerror")):
            return SandboxMemory(self._too_big())
        ended = f"exit {self._child.process.returncode}, {error!r}: {words}"
        kind = SandboxKilled if was_killed else SandboxCrashed
        return kind("The sandbox process ended while running this code. Simplify it and try again.", detail=ended)

    def _was_killed(self) -> bool:
        """Whether it ended by a SIGKILL, which nobody here has sent yet."""
        until = time.monotonic() + _LAST_BREATH_S
        while time.monotonic() < until:
            # Left to be waited for: only then its number still stands for the group that kill() ends.
            with contextlib.suppress(ChildProcessError):
                ended = os.waitid(os.P_PID, self._child.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                if ended is not None:
                    return ended.si_code == os.CLD_KILLED and ended.si_status == signal.SIGKILL
            time.sleep(_TICK_S / 10)
        return False

    def _too_slow(self) -> str:
        limit = f"{self._call.timeout_s:g} s"
        return f"The code ran longer than {limit} and was stopped. Do less per run, or raise the time limit."

    def _too_big(self) -> str:
        limit = f"{self._call.memory_mb} MB"
        return f"The code needed more than {limit} of memory. Work on fewer items, or raise the memory limit."

    def _too_much(self) -> str:
        size = f"{self._call.max_output_bytes / _MIB:g} MB"
        return f"The code returned more than {size}. Return less, for example by splitting the items into batches."
