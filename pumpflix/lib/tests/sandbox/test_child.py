"""The child's own code, run here in a thread and without walls: the engine adapter and the serving loop."""

import importlib.util
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pumpflix.lib.sandbox import frames, js_child, lockdown, v8
from pumpflix.lib.tests.sandbox.conftest import WORLD

LIMITS = {"team": "t", "memoryBytes": 64 * 2**20, "maxOutputBytes": 1000}


@pytest.fixture(scope="module")
def engine() -> v8.Engine:
    return v8.Engine(Path(importlib.util.find_spec("py_mini_racer").origin).parent)


@pytest.fixture
def isolate(engine) -> Iterator[v8.Isolate]:
    isolate = v8.Isolate(engine)
    yield isolate
    isolate.close()


@pytest.fixture
def scripts() -> list[bytes]:
    return js_child._scripts({"prelude": str(WORLD.prelude), "libs": str(WORLD.libs)})


class Line:
    """The parent's end of a line to a server in a thread."""

    def __init__(self, engine: v8.Engine, scripts: list[bytes]) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.server = js_child.Server(self.theirs, engine, scripts)
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        with pytest.raises(frames.FrameError):
            self.server.run()

    def ask(self, body: bytes, **limits: object) -> tuple[dict, bytes]:
        self.send(json.dumps(LIMITS | limits).encode(), body)
        return self.read()

    def send(self, header: bytes, body: bytes = b"") -> None:
        self.ours.sendall(frames.prefix(header, len(body)) + header + body)

    def read(self) -> tuple[dict, bytes]:
        header, data = frames.read(self.ours.recv_into, 10_000, 10_000)
        return json.loads(header), data

    def close(self) -> None:
        self.ours.close()
        self.thread.join()
        self.theirs.close()


@pytest.fixture
def line(engine, scripts) -> Iterator[Line]:
    line = Line(engine, scripts)
    yield line
    line.close()


def test_a_script_ends_with_text_or_with_nothing(isolate):
    assert isolate.run("'Zoë ' + 1".encode()) == "Zoë 1".encode()
    assert isolate.run(b"42") is None
    assert isolate.run(b"({})") is None


def test_a_function_takes_and_returns_text(isolate):
    double = isolate.function(b"(text) => text + text")
    assert double("é\0".encode()) == "é\0é\0".encode()
    assert isolate.function(b"() => 1")(b"") is None


@pytest.mark.parametrize("source", [b"throw new Error('no')", b"no.such", b"}"])
def test_what_throws_or_does_not_parse_is_a_script_error(isolate, source):
    with pytest.raises(v8.ScriptError, match="Error"):
        isolate.run(source)


def test_a_heap_above_its_limit_is_out_of_memory(isolate):
    isolate.limit_memory(32 * 2**20)
    with pytest.raises(v8.OutOfMemory):
        isolate.run(b"const a = []; while (true) a.push({ a: [a.length] });")


def test_two_isolates_share_nothing(engine, isolate):
    isolate.run(b"globalThis.left = 'here'")
    other = v8.Isolate(engine)
    assert other.run(b"typeof left") == b"undefined"
    other.close()


def test_expressions_are_answered_at_once(line):
    header, data = line.ask(b'e{"templates": ["data + 1"]}\n41')
    assert header["done"]["cpuMs"] >= 0
    assert json.loads(data) == {"results": [{"v": 42}]}


def test_code_asks_the_parent_and_goes_on_with_the_answer(line):
    code = json.dumps({"code": "return await host.call('double', [data])"}).encode()
    asked, _ = line.ask(b"c" + code + b"\n21")
    assert asked == {"call": "double", "args": [21]}
    line.send(b'{"ok": 42}')
    assert json.loads(line.read()[1]) == {"output": 42}


def test_a_result_above_the_limit_is_told_not_sent(line):
    header, data = line.ask(b'e{"templates": ["\'x\'.repeat(2000)"]}\nnull')
    assert header["failed"]["kind"] == "output"
    assert data == b""


def test_memory_and_errors_of_the_prelude_are_told_apart(line):
    assert line.ask(b"e{no json\nnull")[0]["failed"]["kind"] == "script"
    bomb = json.dumps({"code": "const a = []; while (true) a.push({ a: [a.length] });"}).encode()
    assert line.ask(b"c" + bomb + b"\nnull")[0]["failed"]["kind"] == "memory"


def test_every_team_has_its_own_world_up_to_a_number(line):
    for number in range(js_child.MAX_TEAMS + 2):
        line.ask(b'e{"templates": []}\nnull', team=f"team-{number}")
    assert len(line.server._contexts) == js_child.MAX_TEAMS
    assert "team-0" not in line.server._contexts


def test_an_open_world_is_not_served(engine, scripts):
    with pytest.raises(RuntimeError, match=r"not frozen: root 0\.helper"):
        js_child.Context(engine, [*scripts, b"globalThis.helper = {};"], audit=True)


def test_a_function_of_the_host_is_found(engine, scripts):
    driver, *others = scripts
    lent = b"const lent = console.log;"
    found = b"globalThis.helper = Object.freeze(lent);"
    with pytest.raises(RuntimeError, match=r"a function of the host: root 0\.helper"):
        js_child.Context(engine, [lent + driver, *others, found], audit=True)


def test_the_scripts_come_in_the_order_of_the_manifest(tmp_path):
    for name in ("a.js", "b.js"):
        (tmp_path / name).write_text(name)
    (tmp_path / "libs.js").write_text("libs")
    settings = {"prelude": str(tmp_path), "libs": str(tmp_path / "libs.js")}
    (tmp_path / "manifest.json").write_text('["b.js", "a.js"]')
    assert js_child._scripts(settings)[1:] == [b"libs", b"b.js", b"a.js"]


def test_the_process_locks_itself_in_before_it_serves(monkeypatch, engine):
    steps = []
    ours, theirs = socket.socketpair()
    settings = {"fd": theirs.detach(), "parentPid": 7, "wheel": "w", "memoryMb": 64}
    settings |= {"prelude": str(WORLD.prelude), "libs": str(WORLD.libs)}
    walls = lockdown.Walls(namespaces=True, landlock=True, statm=None)
    monkeypatch.setattr("sys.argv", ["js_child.py", json.dumps(settings)])
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr(v8, "Engine", lambda wheel: steps.append("engine") or engine)
    monkeypatch.setattr(lockdown, "raise_walls", lambda *, parent_pid: steps.append(f"walls {parent_pid}") or walls)
    monkeypatch.setattr(
        lockdown, "close_last_wall", lambda walls, *, memory_mb: steps.append("filter") or lockdown.Level("full")
    )
    ours.shutdown(socket.SHUT_WR)
    with pytest.raises(frames.FrameError):
        js_child.main()
    assert steps == ["engine", "walls 7", "filter"]
    assert json.loads(frames.read(ours.recv_into, 1000, 0)[0]) == {"ready": {"level": "full", "missing": []}}
    ours.close()
