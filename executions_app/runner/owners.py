"""Who holds a lease, by name, and whether it can still be alive: a lease whose worker is seen to be dead need not run
out before another takes over."""

import os
import platform
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import psutil

from executions_app import transitions
from executions_app.database import pool
from pumpflix.lib.ids import url_token

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE = Path("/proc/self/ns/pid")


@cache
def place() -> str:
    """This start of this machine, and the numbers its processes have here: who shares them sees who is alive. Empty
    where the system does not tell."""
    try:
        return f"{_BOOT_ID.read_text()[:8]}-{_PID_NAMESPACE.stat().st_ino}"
    except OSError:
        return ""


def owner_name() -> str:
    """This process, unlike any other of the same machine and number: `machine:pid:token:place`."""
    return f"{platform.node()[:32]}:{os.getpid()}:{url_token()[:12]}:{place()}"


def dead(owners: Iterable[str]) -> list[str]:
    """Those that ran here and are no more. A number that another process has by now counts as alive: then the lease
    runs out."""
    return [owner for owner in owners if _is_of_here(owner) and not _is_alive(int(owner.split(":")[1]))]


def _is_of_here(owner: str) -> bool:
    return bool(place()) and owner.count(":") == 3 and owner.endswith(f":{place()}")


def _is_alive(pid: int) -> bool:
    """Ended ones that nobody has asked after yet run nothing any more."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True


def expire_of_the_dead(own: str) -> int:
    """End the leases of workers of this machine that died; how many."""
    if not place():
        return 0
    with pool().connection() as connection:
        values = {"own": own, "here": f"%:{place()}"}
        held_by = [row[0] for row in connection.execute(transitions.LEASES_HELD_BY, values, prepare=True)]
        ended = dead(held_by)
        if not ended:
            return 0
        return connection.execute(transitions.EXPIRE_OF, {"owners": ended}, prepare=True).rowcount
