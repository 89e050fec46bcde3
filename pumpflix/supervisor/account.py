"""Whom the embedded servers run as. PostgreSQL refuses root, so root hands them to an account without rights."""

import ctypes
import os
import pwd
import sys
from dataclasses import dataclass
from pathlib import Path

CAP_DAC_OVERRIDE = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
LINUX_CAPABILITY_VERSION_3 = 0x20080522


@dataclass(frozen=True)
class Account:
    """`crosses_folders`: the checkout or data folder lies under one that others may not enter, such as /root."""

    uid: int
    gid: int
    crosses_folders: bool = False

    def assume(self) -> None:  # pragma: no cover - runs between fork and exec
        """Become this account, between fork and exec. Sets nothing that exec would clear."""
        if self.crosses_folders:
            _prctl(PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)
        if self.crosses_folders:
            _keep_one_capability(CAP_DAC_OVERRIDE)


def for_servers(cluster: Path, *paths: Path) -> Account | None:
    """None when we are not root: then the servers run as we do. An existing cluster is run by its owner.

    `paths` are what the servers must reach.
    """
    if os.geteuid() != 0:
        return None
    owner = _owner(cluster) or next(found for name in ("postgres", "nobody") if (found := _entry(name)))
    is_open = all(_others_may_enter(path) for path in paths)
    return Account(*owner, crosses_folders=not is_open and sys.platform == "linux")


def _owner(cluster: Path) -> tuple[int, int] | None:
    found = cluster.stat() if cluster.is_dir() else None
    return (found.st_uid, found.st_gid) if found and found.st_uid != 0 else None


def _entry(name: str) -> tuple[int, int] | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return entry.pw_uid, entry.pw_gid


def _others_may_enter(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents) if folder.is_dir())


def _keep_one_capability(number: int) -> None:  # pragma: no cover - runs between fork and exec
    """Root's rights end with the change of account but for this one, which also survives exec."""
    bit = 1 << number
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    if LIBC.capset(header, effective_permitted_inheritable) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0)


def _prctl(*arguments: int) -> None:  # pragma: no cover - runs between fork and exec
    if LIBC.prctl(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {arguments[0]}")


LIBC = ctypes.CDLL(None, use_errno=True)
