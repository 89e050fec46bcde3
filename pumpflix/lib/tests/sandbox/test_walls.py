"""The walls of a child, tried from inside by plain Python that knows every way out the standard library offers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pumpflix.lib.sandbox import kernel, lockdown, seccomp
from pumpflix.lib.sandbox.lockdown import Level
from pumpflix.lib.tests.sandbox.conftest import AS_A_USER, PATH, UNSHARE

pytestmark = pytest.mark.skipif(not kernel.IS_LINUX, reason="the walls are Linux's")

PROBE = Path(__file__).resolve().parent / "probe_child.py"
SECRET = "canary-7f3d91"
DISARM = "setpriv --bounding-set=-all --inh-caps=-all --no-new-privs"
FORBID = f'echo 0 > /proc/sys/user/max_user_namespaces && exec {DISARM} "$@"'
WITHOUT_NAMESPACES = (UNSHARE, "--user", "--map-root-user", "/bin/sh", "-c", FORBID, "sh")


def probe(mode: str, *launcher: str) -> dict[str, str]:
    done = subprocess.run(
        [*launcher, sys.executable, "-I", "-S", str(PROBE), mode],
        env={"CANARY": SECRET, "PATH": PATH},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    return probe("all")


def escapes(told: dict[str, str]) -> dict[str, str]:
    return {name: what for name, what in told.items() if name != "level" and not what.startswith("refused")}


@pytest.mark.requirement(1)
def test_every_attempt_to_get_out_is_refused(told):
    assert {name: what for name, what in escapes(told).items() if what != "nothing"} == {}
    assert SECRET not in json.dumps(told)


@pytest.mark.requirement(1)
def test_nothing_outside_the_allow_list_even_looks_like_success(told):
    assert escapes(told) == {}


@pytest.mark.requirement(1)
@pytest.mark.parametrize("launcher", [(), AS_A_USER], ids=["as started", "as an ordinary user"])
def test_the_level_is_full_for_root_and_for_an_ordinary_user(launcher):
    told = probe("all", *launcher)
    assert told["level"] == "full"
    assert escapes(told) == {}


@pytest.mark.requirement(7)
def test_without_user_namespaces_the_level_says_so_and_the_other_walls_hold():
    told = probe("all", *WITHOUT_NAMESPACES)
    assert told["level"] == "reduced: no user namespaces"
    assert escapes(told) == {}


FILES = ["read the own environment", "read a system file", "read the own source", "list the root", "make a folder"]
NETWORK = ["connect by TCP", "connect by TCP 6", "send by UDP"]
PROCESSES = ["start a process", "run a program", "signal the parent"]


@pytest.mark.parametrize("attempt", FILES)
def test_landlock_alone_keeps_files_shut(attempt):
    assert probe_once("landlock")[attempt].startswith("refused: EACCES")


@pytest.mark.parametrize("attempt", [*FILES, *NETWORK])
def test_namespaces_alone_leave_neither_files_nor_network(attempt):
    what = probe_once("namespaces")[attempt]
    assert what.startswith("refused") or what == "nothing"


@pytest.mark.parametrize("attempt", [*FILES, *NETWORK, *PROCESSES])
def test_the_system_call_filter_alone_refuses_all_of_it(attempt):
    assert probe_once("seccomp")[attempt].startswith("refused")


_probed: dict[str, dict[str, str]] = {}


def probe_once(mode: str) -> dict[str, str]:
    if mode not in _probed:
        _probed[mode] = probe(mode)
    return _probed[mode]


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_fits_its_jumps_and_ends_in_refuse_and_allow(machine):
    code = seccomp.program(machine)
    steps = [code[at : at + 8] for at in range(0, len(code), 8)]
    targets = [at + 1 + jump for at, step in enumerate(steps) if step[0] & 7 == 5 for jump in (step[2], step[3])]
    assert max(targets) == len(steps) - 1
    assert steps[-2][4:] == (0x00050001).to_bytes(4, sys.byteorder)
    assert steps[-1][4:] == (0x7FFF0000).to_bytes(4, sys.byteorder)


@pytest.mark.parametrize(
    "level, told",
    [
        (Level("full"), "full"),
        (Level("reduced", ("user namespaces",)), "reduced: no user namespaces"),
        (Level("reduced", ("user namespaces", "Landlock")), "reduced: no user namespaces, no Landlock"),
    ],
)
def test_a_level_reads_as_a_sentence(level, told):
    assert str(level) == told


def test_the_walls_refuse_to_go_up_once_there_are_threads(monkeypatch):
    monkeypatch.setattr(lockdown.os, "listdir", lambda _path: ["1", "2"])
    with pytest.raises(lockdown.WallBroken, match="one thread"):
        lockdown.raise_walls(parent_pid=1)
