"""The walls where the kernel says no, and their order. The kernel is played here; test_walls.py has the real one."""

import os
import resource
from pathlib import Path

import pytest

from pumpflix.lib.sandbox import kernel, landlock, lockdown, namespaces, seccomp


class Kernel:
    """Writes down every call; refuses those named."""

    def __init__(self, *refused: str, answers: dict[str, int] | None = None) -> None:
        self.refused = refused
        self.answers = answers or {}
        self.calls: list[str] = []

    def call(self, name, *arguments):
        told = f"{name} {arguments[0].value}" if name == "syscall" else name
        self.calls.append(told)
        if told in self.refused:
            raise PermissionError(1, told)
        return self.answers.get(told, 0)


@pytest.fixture
def play(monkeypatch):
    def install(*refused: str, **answers: int) -> Kernel:
        played = Kernel(*refused, answers={name.replace("_", " "): value for name, value in answers.items()})
        monkeypatch.setattr(kernel, "call", played.call)
        return played

    return install


@pytest.fixture
def written(monkeypatch) -> dict[str, str]:
    files: dict[str, str] = {}
    monkeypatch.setattr(Path, "write_text", lambda self, text: files.update({str(self): text}))
    return files


def test_who_may_leave_the_namespaces_needs_no_user_namespace(play, written):
    played = play()
    assert namespaces.separate()
    assert played.calls == ["unshare"]
    assert written == {}


def test_who_may_not_takes_a_user_namespace_along(monkeypatch, written):
    asked = []

    def unshare(name, flags):
        asked.append(flags)
        if len(asked) == 1:
            raise PermissionError(1, name)
        return 0

    monkeypatch.setattr(kernel, "call", unshare)
    assert namespaces.separate()
    assert asked[1] & ~asked[0] == 0x10000000
    assert written["/proc/self/setgroups"] == "deny"
    assert written["/proc/self/uid_map"] == f"65534 {os.geteuid()} 1"


def test_without_either_there_are_no_namespaces(play):
    play("unshare")
    assert namespaces.separate() is False


def test_a_root_that_cannot_be_pivoted_away_is_left_by_chroot(monkeypatch, play):
    machine = os.uname().machine
    play(f"syscall {namespaces._PIVOT_ROOT[machine]}")
    left = []
    monkeypatch.setattr(namespaces.os, "chdir", left.append)
    monkeypatch.setattr(namespaces.os, "chroot", left.append)
    assert namespaces.empty_root()
    assert left[1:] == [".", "/"]


def test_a_root_that_cannot_be_replaced_is_told(play):
    play("mount")
    assert namespaces.empty_root() is False


@pytest.mark.parametrize("known", [True, False], ids=["any user exists", "few users exist"])
def test_root_becomes_a_user_of_its_own_or_nobody(monkeypatch, play, known):
    expected = namespaces._FIRST_UID + os.getpid() if known else namespaces.NOBODY
    became = []

    def setresuid(uid, *_):
        if uid != namespaces.NOBODY and not known:
            raise OSError(22, "unmapped")
        became.append(uid)

    monkeypatch.setattr(namespaces.os, "geteuid", lambda: 0)
    monkeypatch.setattr(namespaces.os, "setgroups", lambda groups: None)
    monkeypatch.setattr(namespaces.os, "setresgid", lambda *_: None)
    monkeypatch.setattr(namespaces.os, "setresuid", setresuid)
    played = play()
    assert namespaces.become_nobody() is True
    assert became == [expected]
    assert played.calls == ["capset"]


def test_an_ordinary_user_stays_itself_and_drops_its_capabilities(monkeypatch, play):
    monkeypatch.setattr(namespaces.os, "geteuid", lambda: 1000)
    played = play()
    assert namespaces.become_nobody() is False
    assert played.calls == ["capset"]


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6, 7])
def test_landlock_is_spoken_in_the_version_the_kernel_knows(play, version):
    played = play(syscall_444=version)
    assert landlock.forbid_everything()
    assert played.calls == ["syscall 444", "syscall 444", "syscall 446", "close"]


def test_a_kernel_without_landlock_is_told(play):
    play("syscall 444")
    assert landlock.forbid_everything() is False


def test_a_machine_without_a_filter_is_told(monkeypatch, play):
    number = 317 if os.uname().machine == "x86_64" else 277
    play(f"syscall {number}")
    assert seccomp.install() is False
    play()
    assert seccomp.install() is True
    monkeypatch.setattr(seccomp, "_ARCHITECTURES", {})
    assert seccomp.install() is False


@pytest.fixture
def steps(monkeypatch) -> list[str]:
    """The steps of lockdown in the order they are taken; none is taken."""
    taken: list[str] = []

    def step(module, name, answer=None):
        monkeypatch.setattr(module, name, lambda *_args, **_more: taken.append(name) or answer)

    step(namespaces, "separate", True)
    step(namespaces, "empty_root", True)
    step(namespaces, "become_nobody", True)
    step(landlock, "forbid_everything", True)
    step(seccomp, "install", True)
    step(kernel, "prctl")
    step(resource, "setrlimit")
    step(lockdown, "_volunteer_for_the_oom_killer")
    step(lockdown, "_prove")
    monkeypatch.setattr(lockdown.os, "listdir", lambda path: ["1"])
    return taken


def test_the_walls_go_up_in_their_order(steps):
    walls = lockdown.raise_walls(parent_pid=os.getppid())
    assert steps == [
        "prctl", "_volunteer_for_the_oom_killer", "separate", "empty_root", "become_nobody", "prctl", "prctl", "prctl",
        "setrlimit", "setrlimit", "setrlimit", "setrlimit", "forbid_everything",
    ]  # fmt: skip
    steps.clear()
    assert str(lockdown.close_last_wall(walls, memory_mb=64)) == "full"
    assert steps == ["setrlimit", "install", "_prove"]


def test_a_child_whose_parent_died_before_it_could_ask_ends(steps):
    with pytest.raises(SystemExit):
        lockdown.raise_walls(parent_pid=-1)


def test_processes_are_not_limited_for_a_user_that_others_have_too(steps, monkeypatch):
    monkeypatch.setattr(namespaces, "become_nobody", lambda: False)
    os.close(lockdown.raise_walls(parent_pid=os.getppid()).statm)
    assert steps.count("setrlimit") == 3


@pytest.mark.parametrize(
    "walls, filtered, level",
    [
        (lockdown.Walls(True, True, None), False, "reduced: no system call filter"),
        (lockdown.Walls(True, False, None), True, "reduced: no Landlock"),
        (lockdown.Walls(False, False, None), True, "reduced: no user namespaces, no Landlock"),
        (lockdown.Walls(False, False, None), False, "none: no user namespaces, no Landlock, no system call filter"),
    ],
)
def test_the_level_names_what_is_missing(steps, monkeypatch, walls, filtered, level):
    monkeypatch.setattr(seccomp, "install", lambda: filtered)
    assert str(lockdown.close_last_wall(walls, memory_mb=64)) == level


def test_elsewhere_than_on_linux_there_are_no_walls(monkeypatch):
    monkeypatch.setattr(kernel, "IS_LINUX", False)
    walls = lockdown.raise_walls(parent_pid=1)
    assert walls == lockdown.Walls(False, False, None)
    assert lockdown.close_last_wall(walls, memory_mb=64).name == "none"


def test_a_filter_that_lets_something_through_stops_the_child():
    with pytest.raises(lockdown.WallBroken, match="could still open a file"):
        lockdown._prove(filtered=True)
    lockdown._prove(filtered=False)


def test_a_c_function_that_fails_raises_with_its_reason():
    with pytest.raises(OSError, match="close: Bad file descriptor"):
        kernel.call("close", -1)
    with pytest.raises(OSError, match="syscall"):
        kernel.syscall(10**6)
    kernel.prctl(3, 0)


def test_the_child_volunteers_for_the_oom_killer(written):
    lockdown._volunteer_for_the_oom_killer()
    assert written == {"/proc/self/oom_score_adj": "1000"}
