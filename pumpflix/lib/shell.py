"""One line for the shell of this machine: bounded in time and output, ended whole, and without our environment.

It runs as the user of this process and sees what that user sees. Whoever may write such lines is an administrator."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_POLL_S = 1.0
_CHUNK = 65_536
# What a command left behind in the background may hold on to our pipes for; then it is ended with the rest.
_LINGER_S = 0.5
# A signal that is sent is taken at the next chance, so the end of a group is waited for; longer only for the undead.
_GONE_S = 2.0
_GONE_POLL_S = 0.005

# Between our process and the shell: the command is to end with the thread that waits for it, even if that is killed.
_START = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(sys.argv[1]):
        os._exit(137)
os.execv("/bin/sh", ["sh", "-c", sys.argv[2]])
"""


@dataclass(frozen=True, slots=True)
class ShellResult:
    """`exit_code` is 128 plus the number of the signal for a command that was killed from outside."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class ShellTimeout(Exception):
    """The command was ended because its time was up."""


class ShellOutputTooLarge(Exception):
    """The command was ended because it wrote more than it may."""


def clean_environment(folder: Path) -> dict[str, str]:
    """All that a command is told: where programs are, a home, a language."""
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder),
            "PWD": str(folder), "LANG": "C.UTF-8", "TZ": "UTC"}  # fmt: skip


def run_shell(
    text: str,
    *,
    folder: Path,
    timeout_s: float,
    max_bytes: int,
    poll: Callable[[], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> ShellResult:
    """Run it to its end. `poll` is asked about once a second and what it raises ends the command. When this returns or
    raises, nothing of its process group is running any more. Raises ShellTimeout and ShellOutputTooLarge."""
    given = clean_environment(folder) if environment is None else dict(environment)
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _START, str(os.getpid()), text],
        cwd=folder,
        env=given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = _gather(process, time.monotonic() + timeout_s, max_bytes, poll or (lambda: None))
    finally:
        _end(process)
    code = process.returncode
    return ShellResult(code if code >= 0 else 128 - code, out, err)


def _gather(
    process: "subprocess.Popen[bytes]", until: float, max_bytes: int, poll: Callable[[], None]
) -> tuple[bytes, bytes]:
    """Both outputs, until they are closed, or the shell has ended and what it left behind keeps silent."""
    assert process.stdout is not None
    assert process.stderr is not None
    kept = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    next_poll = time.monotonic() + _POLL_S
    lingers_until: float | None = None
    with selectors.DefaultSelector() as selector:
        for number in kept:
            selector.register(number, selectors.EVENT_READ)
        while selector.get_map():
            now = time.monotonic()
            if now >= next_poll:
                next_poll = now + _POLL_S
                poll()
            if now >= until:
                raise ShellTimeout
            if lingers_until is None and process.poll() is not None:
                lingers_until = now + _LINGER_S
            if lingers_until is not None and now >= lingers_until:
                break
            pause = min(until, next_poll, lingers_until or until) - now
            for key, _ in selector.select(max(0.0, min(pause, 0.1))):
                _take(key.fd, kept, selector)
            if sum(map(len, kept.values())) > max_bytes:
                raise ShellOutputTooLarge
        while process.poll() is None:
            _wait(process, until, poll)
    return bytes(kept[process.stdout.fileno()]), bytes(kept[process.stderr.fileno()])


def _take(number: int, kept: dict[int, bytearray], selector: selectors.BaseSelector) -> None:
    data = os.read(number, _CHUNK)
    if data:
        kept[number] += data
    else:
        selector.unregister(number)


def _wait(process: "subprocess.Popen[bytes]", until: float, poll: Callable[[], None]) -> None:
    """For a command that has closed its outputs and goes on."""
    left = until - time.monotonic()
    if left <= 0:
        raise ShellTimeout
    try:
        process.wait(min(left, _POLL_S))
    except subprocess.TimeoutExpired:
        poll()


def _is_alive(group: int) -> bool:
    """Whether a member still has to take the signal. The dead ones that nobody has asked after do not count."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    living = psutil.process_iter(["status"])
    return any(process.info["status"] != psutil.STATUS_ZOMBIE and _group_of(process.pid) == group for process in living)


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The whole group, the shell's own children included."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    until = time.monotonic() + _GONE_S
    while _is_alive(process.pid) and time.monotonic() < until:
        time.sleep(_GONE_POLL_S)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
