"""The walls around Python code, tried from inside by code that may use all of the language and its library."""

import json
import os
from pathlib import Path
from typing import Any

import psutil
import pytest

from pumpflix.lib.sandbox import ChildSettings, CodePool, SandboxUnavailable, kernel, py_start
from pumpflix.lib.tests.sandbox.conftest import AS_A_USER
from pumpflix.lib.tests.sandbox.test_walls import WITHOUT_NAMESPACES
from pumpflix.lib.tests.sandbox_python.conftest import CANARY, SETTINGS, call

pytestmark = pytest.mark.skipif(not kernel.IS_LINUX, reason="the walls are Linux's")

PROBE = """
import ctypes, errno, mmap, os, pathlib, resource, shutil, signal, socket, sqlite3, subprocess, tempfile, urllib.request

libc = ctypes.CDLL(None, use_errno=True)
parent = _json.parent

def system_call(number):
    def attempt():
        if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(1)] * 6) == -1:
            raise OSError(ctypes.get_errno(), 'refused')
    return attempt

def c_function(name, *arguments):
    def attempt():
        if getattr(libc, name)(*arguments) in (-1, 0x7f00):
            raise OSError(ctypes.get_errno() or errno.EPERM, 'refused')
    return attempt

attempts = {
    'read the own environment': lambda: open('/proc/self/environ').read(),
    "read the parent's environment": lambda: open(f'/proc/{parent}/environ').read(),
    'read a system file': lambda: pathlib.Path('/etc/passwd').read_text(),
    'read the own source': lambda: open(os.__file__).read(),
    'list the root': lambda: os.listdir('/'),
    'look at a file': lambda: os.stat('/'),
    'write a file': lambda: open('/tmp/probe', 'w'),
    'make a temporary file': lambda: tempfile.TemporaryFile(),
    'copy a file': lambda: shutil.copy('/etc/hosts', '/tmp/x'),
    'open a database file': lambda: sqlite3.connect('probe.db').execute('create table t (x)'),
    'attach a database file': lambda: sqlite3.connect(':memory:').execute("attach '/tmp/probe.db' as a"),
    'connect by TCP': lambda: socket.create_connection(('127.0.0.1', 9)),
    'connect by TCP 6': lambda: socket.socket(socket.AF_INET6).connect(('::1', 9)),
    'listen': lambda: socket.create_server(('127.0.0.1', 0)),
    'send by UDP': lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9)),
    'bind an abstract socket': lambda: socket.socket(socket.AF_UNIX).bind('\\0probe'),
    'make a socket pair': lambda: socket.socketpair(),
    'resolve a name': lambda: socket.getaddrinfo('example.com', 80),
    'fetch an address': lambda: urllib.request.urlopen('http://127.0.0.1:9/'),
    'start a process': os.fork,
    'run a program': lambda: os.execv('/bin/true', ['/bin/true']),
    'run a command': lambda: subprocess.run(['true']),
    'spawn': lambda: os.posix_spawn('/bin/true', ['true'], {}),
    'signal the parent': lambda: os.kill(parent, 0),
    'end the parent': lambda: os.kill(parent, signal.SIGKILL),
    'signal everybody': lambda: os.kill(-1, 0),
    'signal the group of the parent': lambda: os.killpg(os.getpgid(parent), 0),
    'raise a limit': lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
    'live on without the parent': c_function('prctl', 1, 0, 0, 0, 0),
    'open in C': c_function('open', b'/etc/passwd', 0),
    'run a command in C': c_function('system', b'id'),
    'change the user in C': c_function('setuid', 0),
    'trace the parent in C': c_function('ptrace', 16, parent, 0, 0),
    'mount in C': c_function('mount', b'none', b'/', b'tmpfs', 0, None),
    'load a library from a file': lambda: ctypes.CDLL('/lib/x86_64-linux-gnu/libanl.so.1'),
    **{f'call {name}': system_call(number) for name, number in _json.calls.items()},
}
told = {}
for name, attempt in attempts.items():
    try:
        told[name] = 'got ' + repr(attempt())[:100]
    except (OSError, sqlite3.Error, ValueError) as error:
        number = getattr(error, 'errno', None)
        told[name] = 'refused: ' + errno.errorcode.get(number, type(error).__name__)
return told
"""
CALLS = {
    "unshare": 272, "setns": 308, "chroot": 161, "keyctl": 250, "bpf": 321, "io_uring_setup": 425, "memfd_create": 319,
    "userfaultfd": 323, "process_vm_readv": 310, "perf_event_open": 298, "open_by_handle_at": 304, "shmget": 29,
    "pidfd_open": 434, "execveat": 322, "clone3": 435, "personality": 135, "kexec_load": 246, "init_module": 175,
    "ioctl": 16, "dup": 32, "openat2": 437, "statx": 332, "inotify_init1": 294, "seccomp": 317,
}  # fmt: skip
LAUNCHERS: dict[str, tuple[str, ...]] = {
    "as started": (), "as an ordinary user": AS_A_USER, "without namespaces": WITHOUT_NAMESPACES,
}  # fmt: skip
_told: dict[str, tuple[str, dict[str, str]]] = {}


def told_by(how: str) -> tuple[str, dict[str, str]]:
    """The level of a child started that way, and what became of every attempt."""
    if how not in _told:
        pool = CodePool(settings=ChildSettings(SETTINGS.libs, launcher=LAUNCHERS[how]), accept_reduced=True)
        try:
            item = {"parent": os.getpid(), "calls": CALLS}
            answer = call(pool, PROBE, item, raw=True)
            _told[how] = str(py_level(how)), answer.get("output") or answer
        finally:
            pool.close()
    return _told[how]


def py_level(how: str) -> Any:
    child = py_start.start(ChildSettings(SETTINGS.libs, launcher=LAUNCHERS[how]))
    child.kill()
    return child.level


@pytest.mark.requirement(1, 4)
@pytest.mark.parametrize("how", LAUNCHERS)
def test_every_attempt_to_get_out_is_refused(how):
    _, told = told_by(how)
    assert len(told) > 50
    assert {name: what for name, what in told.items() if not what.startswith("refused")} == {}
    assert CANARY not in json.dumps(told)


@pytest.mark.parametrize(
    "how, level",
    [
        ("as started", "full"),
        ("as an ordinary user", "full"),
        ("without namespaces", "reduced: no user namespaces"),
    ],
)
def test_the_level_is_full_for_root_and_for_an_ordinary_user(how, level):
    assert told_by(how)[0] == level


@pytest.mark.requirement(7)
def test_without_namespaces_nothing_runs_unless_an_administrator_accepts_it():
    pool = CodePool(settings=ChildSettings(SETTINGS.libs, launcher=WITHOUT_NAMESPACES))
    with pytest.raises(SandboxUnavailable, match="administrator accept") as refused:
        call(pool, "return []")
    assert refused.value.code == "sandbox_unavailable"
    pool.close()


@pytest.mark.requirement(1, 4)
def test_a_child_holds_nothing_of_its_parent():
    child = py_start.start(SETTINGS)
    seen = psutil.Process(child.process.pid)
    try:
        assert set(seen.environ()) <= {"LC_CTYPE", "TZ"}
        assert CANARY not in str(seen.environ())
        assert seen.cwd() == "/"
        assert seen.num_fds() == 4
        assert seen.nice() > psutil.Process().nice()
        assert list(Path(f"/proc/{child.process.pid}/root/").iterdir()) == []
        assert "Seccomp:\t2" in Path(f"/proc/{child.process.pid}/status").read_text()
        if os.geteuid() == 0:
            assert 0 not in seen.uids()
    finally:
        child.kill()


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(py_start, "PACKAGES", ("no_such_package",))
    with pytest.raises(SandboxUnavailable, match="no_such_package is not installed"):
        py_start.start(SETTINGS)
