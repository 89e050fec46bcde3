"""Namespaces and identity: no network, no other process' IPC, an empty file system, a user that owns nothing."""

import contextlib
import ctypes
import os
from pathlib import Path

from pumpflix.lib.sandbox import kernel

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWNET = 0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x40000000
_OURS = _NEWNS | _NEWUTS | _NEWIPC | _NEWNET
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
_MNT_DETACH = 2
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

NOBODY = 65534
# One user per child, so that a limit on processes or a stray signal of one child cannot touch another.
_FIRST_UID = 0x60000000
_CAPABILITY_VERSION_3 = 0x20080522


def separate() -> bool:
    """Leave the host's network, mounts, IPC and host name. False if the kernel or the container forbids it."""
    uid, gid = os.geteuid(), os.getegid()
    with contextlib.suppress(OSError):
        return kernel.call("unshare", _OURS) == 0
    try:
        kernel.call("unshare", _OURS | _NEWUSER)
    except OSError:
        return False
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")
    return True


def empty_root() -> bool:
    """Put an empty, read-only file system in place of everything, after ``separate()``. False if that is forbidden."""
    try:
        _replace_root()
    except OSError:
        return False
    return True


def _replace_root() -> None:
    kernel.call("mount", None, b"/", None, ctypes.c_ulong(_MS_REC | _MS_PRIVATE), None)
    place = next(path for path in (b"/tmp", b"/usr", b"/") if Path(path.decode()).is_dir())
    flags = _MS_RDONLY | _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    kernel.call("mount", b"none", place, b"tmpfs", ctypes.c_ulong(flags), b"size=4k,nr_inodes=2")
    os.chdir(place)
    try:
        kernel.syscall(_PIVOT_ROOT[os.uname().machine], ctypes.c_char_p(b"."), ctypes.c_char_p(b"."))
        kernel.call("umount2", b".", _MNT_DETACH)
    except OSError:
        # The first file system of a machine (initramfs) cannot be pivoted away; a chroot holds as well, since every
        # capability is given up next.
        os.chroot(".")
    os.chdir("/")


def become_nobody() -> bool:
    """Give up the user where that is possible, and every capability in any case. True if the user changed."""
    changed = False
    if os.geteuid() == 0:
        for uid in (_FIRST_UID + os.getpid(), NOBODY):
            with contextlib.suppress(OSError):
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
                changed = True
                break
    _drop_capabilities()
    return changed


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    kernel.call("capset", ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))
