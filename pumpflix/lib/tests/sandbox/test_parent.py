"""The parent's side: what it starts, what it refuses to start, what stays behind when it dies."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from pumpflix.lib.sandbox import ChildSettings, CodePool, SandboxCrashed, SandboxError, SandboxUnavailable
from pumpflix.lib.sandbox.parent import Call, start
from pumpflix.lib.tests.sandbox.conftest import AS_A_USER, WORLD
from pumpflix.lib.tests.sandbox.test_walls import WITHOUT_NAMESPACES

DOOMED = Path(__file__).resolve().parent / "doomed_parent.py"


def in_world(tmp_path: Path, script: str, **settings) -> ChildSettings:
    """The smallest world, with one more script before it is frozen."""
    for source in WORLD.prelude.glob("*.js"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    (tmp_path / "50_more.js").write_text(script)
    return ChildSettings(libs=tmp_path / "none.js", prelude=tmp_path, **settings)


@pytest.mark.requirement(5)
def test_a_killed_parent_leaves_no_child_behind():
    with subprocess.Popen([sys.executable, str(DOOMED)], stdout=subprocess.PIPE) as parent:
        children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(children) >= 2
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


def test_closing_the_pool_ends_every_child():
    of_others = psutil.Process().children()
    pool = CodePool(settings=WORLD, accept_reduced=True)
    pool.warm()
    pool.run_code({"code": "return 1"}, b"null", team="t", timeout_s=10)
    own = [child for child in psutil.Process().children() if child not in of_others]
    pool.close()
    assert own
    assert not [child for child in own if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.requirement(1)
def test_a_child_holds_nothing_of_its_parent(monkeypatch):
    monkeypatch.setenv("PUMPFLIX_SECRET_KEY", "canary-7f3d91")
    child = start(WORLD)
    seen = psutil.Process(child.process.pid)
    try:
        assert seen.environ() == {}
        assert seen.cwd() == "/"
        assert seen.num_fds() == 4
        assert Path(f"/proc/{child.process.pid}/root/").exists()
        assert list(Path(f"/proc/{child.process.pid}/root/").iterdir()) == []
        assert "Seccomp:\t2" in Path(f"/proc/{child.process.pid}/status").read_text()
    finally:
        child.kill()


def test_children_of_root_are_different_users():
    if psutil.Process().uids().real != 0:
        pytest.skip("only root can give its children other users")
    first, second = start(WORLD), start(WORLD)
    uids = {psutil.Process(child.process.pid).uids() for child in (first, second)}
    for child in (first, second):
        child.kill()
    assert len(uids) == 2
    assert all(0 not in uid for uid in uids)


def test_an_ordinary_user_gets_the_full_level():
    pool = CodePool(settings=ChildSettings(libs=WORLD.libs, prelude=WORLD.prelude, launcher=AS_A_USER))
    assert pool.level == "full"
    assert json.loads(pool.evaluate({"templates": ["1"]}, b"null", team="t", timeout_s=10).text)["results"] == [
        {"v": 1}
    ]
    pool.close()


@pytest.mark.requirement(7)
def test_without_namespaces_nothing_runs_and_the_level_says_why():
    pool = CodePool(settings=ChildSettings(libs=WORLD.libs, prelude=WORLD.prelude, launcher=WITHOUT_NAMESPACES))
    with pytest.raises(SandboxUnavailable, match="administrator accept") as refused:
        pool.evaluate({"templates": ["1"]}, b"null", team="t")
    assert refused.value.code == "sandbox_unavailable"
    assert pool.level == "reduced: no user namespaces"
    pool.close()


def test_without_namespaces_an_administrator_may_accept_the_lower_level():
    settings = ChildSettings(libs=WORLD.libs, prelude=WORLD.prelude, launcher=WITHOUT_NAMESPACES)
    pool = CodePool(settings=settings, accept_reduced=True)
    assert json.loads(pool.evaluate({"templates": ["1"]}, b"null", team="t", timeout_s=10).text)["results"] == [
        {"v": 1}
    ]
    assert pool.level == "reduced: no user namespaces"
    pool.close()


@pytest.mark.requirement(7)
@pytest.mark.parametrize(
    "script, complaint",
    [
        ("globalThis.helper = { open: [] };", "not frozen"),
        ("throw new Error('broken prelude');", "broken prelude"),
        ("delete globalThis.pumpflix;", "undefined"),
    ],
)
def test_a_world_that_is_not_sealed_is_not_served(tmp_path, script, complaint):
    settings = in_world(tmp_path, script)
    if "helper" in script:
        (tmp_path / "99_later.js").write_text(script)
    pool = CodePool(settings=settings, accept_reduced=True)
    with pytest.raises(SandboxUnavailable, match=complaint):
        pool.evaluate({"templates": []}, b"null", team="t")
    assert pool.level.startswith("none: ")
    pool.close()


def test_a_missing_engine_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(SandboxUnavailable, match="mini-racer"):
        start(WORLD)


@pytest.mark.parametrize(
    "entry",
    [
        "evaluate: () => 7, runCode: () => 7",
        "evaluate() { throw new Error('x'); }, runCode() { throw new Error('x'); }",
        "evaluate() { throw null; }, async runCode() { throw undefined; }",
    ],
    ids=["no text", "an error", "nothing thrown"],
)
def test_a_prelude_that_breaks_its_word_costs_the_process_only(tmp_path, entry):
    pool = CodePool(settings=in_world(tmp_path, f"globalThis.pumpflix = {{ {entry} }};"), accept_reduced=True)
    for run in (pool.evaluate, pool.run_code):
        with pytest.raises(SandboxCrashed) as crashed:
            run({}, b"null", team="t", timeout_s=10)
        assert crashed.value.code == "sandbox_crashed"
    pool.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\x00\x00",
        b"\x00\x00\x00\x02\x00\x00\x00\x00[]",
        b"\x00\x00\x00\x02\x00\x00\x00\x00{}",
        b"\x00\x00\x00\x0a\x00\x00\x00\x00" + b'{"done":1}',
        b"\x00\x00\x00\x03\x00\x00\x00\x00{\xff}",
        b"\x00\x00\x00\x0c\x00\x00\x00\x00" + b'{"failed":1}',
        b"\x00\x01\x00\x00\x00\x00\x00\x00" + b"[" * 65536,
        b"\xff" * 64,
    ],
    ids=["nothing", "half a length", "a list", "empty", "no figures", "no UTF-8", "no reason", "deep", "four GiB"],
)
def test_whatever_a_broken_child_answers_is_one_of_our_errors(answer):
    child = start(WORLD)
    ours, theirs = socket.socketpair()
    child.line.close()
    child.line = ours
    theirs.sendall(answer)
    theirs.shutdown(1)
    call = Call("e", b"{}", b"null", "t", 5.0, 64, 1000)
    with pytest.raises(SandboxError):
        child.run(call)
    assert not child.is_alive()
    theirs.close()
