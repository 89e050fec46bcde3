"""Raises the product's own walls around plain Python, tries to get out in every way it knows, and tells what happened.

``python -I -S probe_child.py <mode>``; prints one JSON object {attempt: "refused" | what it got}.
"""

import ctypes
import errno
import importlib.util
import json
import os
import resource
import socket
import sys
from pathlib import Path

child = Path(__file__).resolve().parents[2] / "sandbox" / "js_child.py"
spec = importlib.util.spec_from_file_location("js_child", child)
spec.loader.exec_module(importlib.util.module_from_spec(spec))
lockdown, kernel, landlock, seccomp, namespaces = (
    importlib.import_module(f"pumpflix.lib.sandbox.{name}")
    for name in ("lockdown", "kernel", "landlock", "seccomp", "namespaces")
)

PARENT = os.getppid()
NUMBERS = {
    "ptrace": 101, "unshare": 272, "setns": 308, "mount": 165, "chroot": 161, "setuid": 105, "keyctl": 250, "bpf": 321,
    "io_uring_setup": 425, "memfd_create": 319, "userfaultfd": 323, "process_vm_readv": 310, "perf_event_open": 298,
    "open_by_handle_at": 304, "shmget": 29, "inotify_init1": 294, "eventfd2": 290, "pidfd_open": 434, "execveat": 322,
    "clone3": 435, "personality": 135, "kexec_load": 246, "init_module": 175, "prctl": 157, "ioctl": 16, "dup": 32,
    "socketpair": 53, "openat2": 437, "name_to_handle_at": 303, "statx": 332,
}  # fmt: skip


def system_call(number):
    return lambda: kernel.syscall(number, *[ctypes.c_long(1)] * 6)


def abstract_socket():
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind("\0pumpflix-probe")


def fork():
    if os.fork() == 0:
        os._exit(0)


def tcp(family, address):
    return lambda: socket.socket(family, socket.SOCK_STREAM).connect((address, 9))


def udp():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))


ATTEMPTS = {
    "read the own environment": lambda: Path("/proc/self/environ").read_bytes(),
    "read the parent's environment": lambda: Path(f"/proc/{PARENT}/environ").read_bytes(),
    "read a system file": lambda: Path("/etc/passwd").read_bytes(),
    "read the own source": lambda: Path(__file__).read_bytes(),
    "list the root": lambda: os.listdir("/") or None,
    "list above the root": lambda: os.listdir("/../..") or None,
    "write to the temporary folder": lambda: Path("/tmp/pumpflix-probe").write_text("x"),
    "make a folder": lambda: os.mkdir("/pumpflix-probe"),
    "connect by TCP": tcp(socket.AF_INET, "127.0.0.1"),
    "connect by TCP 6": tcp(socket.AF_INET6, "::1"),
    "send by UDP": udp,
    "open a packet socket": lambda: socket.socket(17, socket.SOCK_RAW, 3),
    "open a netlink socket": lambda: socket.socket(16, socket.SOCK_RAW, 0),
    "bind an abstract socket": abstract_socket,
    "start a process": fork,
    "run a program": lambda: os.execv("/bin/true", ["/bin/true"]),
    "signal the parent": lambda: os.kill(PARENT, 0),
    "signal everybody": lambda: os.kill(-1, 0),
    "raise a limit": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
    "load a module": lambda: importlib.import_module("sqlite3"),
}
CALLS = {f"call {name}": system_call(number) for name, number in NUMBERS.items()}


def told_of(attempt):
    try:
        result = attempt()
    except (OSError, ImportError, ValueError) as error:
        number = getattr(error, "errno", None)
        return f"refused: {errno.errorcode.get(number, type(error).__name__)}"
    return "nothing" if result is None else f"got {result!r}"[:200]


def main():
    mode = sys.argv[1]
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    level = mode
    if mode == "landlock":
        landlock.forbid_everything()
    elif mode == "seccomp":
        seccomp.install()
    elif mode == "namespaces":
        namespaces.separate()
        namespaces.empty_root()
        namespaces.become_nobody()
    else:
        level = str(lockdown.close_last_wall(lockdown.raise_walls(parent_pid=PARENT), memory_mb=64))
    attempts = ATTEMPTS | (CALLS if mode in ("all", "seccomp") else {})
    told = {name: told_of(attempt) for name, attempt in attempts.items()}
    os.write(1, json.dumps({"level": level, **told}).encode())
    os._exit(0)


main()
