"""The walls around a child that runs foreign code, raised by the child itself before the first foreign byte.

Order: read every file -> ``raise_walls`` (parent-death signal, limits, namespaces, empty root, other user, Landlock),
which must happen while there is one thread -> start the engine, load the prelude -> ``close_last_wall`` (system call
filter on all threads, then an attempt to get out) -> serve.
"""

import contextlib
import os
import resource
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pumpflix.lib.sandbox import kernel, landlock, namespaces, seccomp

_MAX_FILES = 16
_MAX_PROCESSES = 64
_SLACK_BYTES = 128 * 2**20


@dataclass(frozen=True)
class Level:
    """How well the child is locked in, as the health page shows it."""

    name: Literal["full", "reduced", "none"]
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name if not self.missing else f"{self.name}: no {', no '.join(self.missing)}"


class WallBroken(Exception):
    """A wall is up and yet something went through it: the child must not serve."""


@dataclass(frozen=True)
class Walls:
    """What ``raise_walls`` achieved, and the open file by which the child measures itself once ``/proc`` is gone."""

    namespaces: bool
    landlock: bool
    statm: int | None


def raise_walls(*, parent_pid: int) -> Walls:
    """Lock the file system, the network and the identity of this process away. Call with a single thread."""
    if not kernel.IS_LINUX:
        return Walls(namespaces=False, landlock=False, statm=None)
    if len(os.listdir("/proc/self/task")) != 1:
        raise WallBroken("the walls must go up while there is one thread")
    _die_with(parent_pid)
    _volunteer_for_the_oom_killer()
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    has_namespaces = namespaces.separate() and namespaces.empty_root()
    own_user = namespaces.become_nobody()
    # A change of user clears the parent-death signal and makes the process readable to its new user.
    _die_with(parent_pid)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    _limit(own_user=own_user)
    return Walls(has_namespaces, landlock.forbid_everything(), statm)


def close_last_wall(walls: Walls, *, memory_mb: int) -> Level:
    """Cap memory at what is used now plus ``memory_mb``, filter system calls, and prove that the walls hold."""
    if not kernel.IS_LINUX:
        return Level("none", ("walls on this operating system",))
    if walls.statm is not None:
        data_bytes = int(os.read(walls.statm, 200).split()[5]) * resource.getpagesize()
        os.close(walls.statm)
        allowed = data_bytes + memory_mb * 2**20 + _SLACK_BYTES
        resource.setrlimit(resource.RLIMIT_DATA, (allowed, allowed))
    filtered = seccomp.install()
    found = {"user namespaces": walls.namespaces, "Landlock": walls.landlock, "system call filter": filtered}
    missing = tuple(name for name, there in found.items() if not there)
    _prove(filtered=filtered)
    if not missing:
        return Level("full")
    return Level("none" if len(missing) == len(found) else "reduced", missing)


def _die_with(parent_pid: int) -> None:
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        raise SystemExit("the parent is gone")


def _volunteer_for_the_oom_killer() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _limit(*, own_user: bool) -> None:
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_NOFILE: _MAX_FILES}
    if own_user:
        # Counted per user: only where no other process has the child's user.
        limits[resource.RLIMIT_NPROC] = _MAX_PROCESSES
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def _prove(*, filtered: bool) -> None:
    """Try to get out. A wall that is up and does not hold stops the child."""
    if not filtered:
        return
    attempts = {
        "open a file": lambda: os.open("/", os.O_RDONLY),
        "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "start a process": os.fork,
    }
    for what, attempt in attempts.items():
        try:
            attempt()
        except PermissionError:
            continue
        raise WallBroken(f"could still {what}")
