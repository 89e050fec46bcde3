"""The last wall: an allow-list of system calls. What is not on it fails with EPERM, on every thread of the process."""

import ctypes
import errno
import os
import struct

from pumpflix.lib.sandbox import kernel

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_SET_MODE_FILTER, _TSYNC = 1, 1
_CLONE_THREAD = 0x00010000
_X32_BIT = 0x40000000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06

# name: (x86_64, aarch64); None where the architecture has no such call.
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # the line to the parent, and wake-ups inside the process; no call that opens anything
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "close": (3, 57), "poll": (7, None),
    "ppoll": (271, 73), "sendto": (44, 206), "recvfrom": (45, 207), "sendmsg": (46, 211), "recvmsg": (47, 212),
    # memory
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "mremap": (25, 216),
    "madvise": (28, 233), "membarrier": (324, 283),
    "pkey_alloc": (330, 289), "pkey_free": (331, 290), "pkey_mprotect": (329, 288),
    # threads
    "futex": (202, 98), "set_robust_list": (273, 99), "get_robust_list": (274, 100), "rseq": (334, 293),
    "gettid": (186, 178), "getpid": (39, 172), "set_tid_address": (218, 96), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "getcpu": (309, 168), "arch_prctl": (158, None), "exit": (60, 93),
    "exit_group": (231, 94),
    # signals of its own
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    # clocks, chance, figures about itself
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, None),
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "getrandom": (318, 278), "getrusage": (98, 165),
    "sysinfo": (99, 179), "uname": (63, 160), "getrlimit": (97, 163),
}  # fmt: skip
_CLONE = (56, 220)
_CLONE3 = (435, 435)
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_SECCOMP = (317, 277)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def program(machine: str) -> bytes:
    """The filter for one machine type as BPF code."""
    architecture, column = _ARCHITECTURES[machine]
    numbers = sorted(call[column] for call in _ALLOWED.values() if call[column] is not None)  # type: ignore[type-var]
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, if_true=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        _step(_AT_LEAST, _X32_BIT, if_false=1),
        _step(_RETURN, _KILL),
        # glibc falls back to clone, whose flags a filter can read, when clone3 does not exist.
        _step(_EQUAL, _CLONE3[column], if_false=1),
        _step(_RETURN, _ERRNO | errno.ENOSYS),
        # A new thread, never a new process.
        _step(_EQUAL, _CLONE[column], if_false=3),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_ANY_BIT, _CLONE_THREAD, if_true=len(numbers) + 2, if_false=len(numbers) + 1),
        _step(_LOAD, _NUMBER),
    ]
    for position, number in enumerate(numbers):
        steps.append(_step(_EQUAL, number or 0, if_true=len(numbers) - position))
    return b"".join([*steps, _step(_RETURN, _ERRNO | errno.EPERM), _step(_RETURN, _ALLOW)])


def install() -> bool:
    """Close the wall for every thread; needs NO_NEW_PRIVS. False if the machine or its kernel cannot."""
    machine = os.uname().machine
    if machine not in _ARCHITECTURES:
        return False
    code = program(machine)
    filters = _Program(len(code) // 8, code)
    number = _SECCOMP[_ARCHITECTURES[machine][1]]
    try:
        kernel.syscall(number, ctypes.c_uint(_SET_MODE_FILTER), ctypes.c_uint(_TSYNC), ctypes.byref(filters))
    except OSError:
        return False
    return True
