import os
import select
import subprocess
import sys

import pytest

from pumpflix.supervisor import account
from pumpflix.supervisor.account import Account, for_servers
from pumpflix.supervisor.spawn import Recipe, spawn

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become someone else")
NOBODY = 65534


def said_by(someone: Account | None, script: str) -> str:
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as output:
        process = spawn(Recipe(["/bin/sh", "-c", script], {"PATH": os.environ["PATH"]}, account=someone), output)
    process.wait()
    with os.fdopen(reader) as answer:
        return answer.read()


def test_an_ordinary_user_runs_the_servers_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(account.os, "geteuid", lambda: 1000)
    assert for_servers(tmp_path / "postgres", tmp_path) is None


@as_root
def test_root_hands_them_to_an_account_without_rights(tmp_path):
    found = for_servers(tmp_path / "postgres", tmp_path)
    assert found is not None
    assert found.uid != 0
    assert found.gid != 0


@as_root
def test_a_cluster_is_run_by_its_owner(tmp_path):
    cluster = tmp_path / "postgres"
    cluster.mkdir()
    os.chown(cluster, 4711, 4712)
    found = for_servers(cluster, tmp_path)
    assert (found.uid, found.gid) == (4711, 4712)


@as_root
def test_the_child_has_neither_our_name_nor_our_groups():
    assert said_by(Account(NOBODY, NOBODY), "id -u; id -g; id -G").split() == [str(NOBODY)] * 3


@as_root
def test_a_folder_that_others_may_not_enter_is_reached_all_the_same(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "data").mkdir(mode=0o755)
    (closed / "data" / "word").write_text("inside")
    found = for_servers(closed / "postgres", closed / "data")
    assert found.crosses_folders
    assert said_by(found, f"cat {closed}/data/word; id -u") == f"inside{found.uid}\n"
    assert "denied" in said_by(Account(found.uid, found.gid), f"cat {closed}/data/word")


@as_root
def test_the_death_signal_survives_the_change_of_account():
    """The middle process dies; its child, under another account, must not stay."""
    script = (
        "import os, signal, sys\n"
        "from pumpflix.supervisor.account import Account\n"
        "from pumpflix.supervisor.spawn import Recipe, spawn\n"
        f"child = spawn(Recipe(['/bin/sleep', '600'], {{{{}}}}, account=Account({NOBODY}, {NOBODY}, {{}})))\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    for crosses in (False, True):
        done = subprocess.run(
            [sys.executable, "-c", script.format(crosses)], capture_output=True, text=True, check=False
        )
        _assert_gone(int(done.stdout))


def _assert_gone(pid: int) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with os.fdopen(handle):
        assert select.select([handle], [], [], 10)[0]
