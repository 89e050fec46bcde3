"""Console, library in memory, event loop and serving, each on its own and without walls."""

import asyncio
import importlib
import importlib.machinery
import json
import os
import py_compile
import selectors
import socket
import sys
import time
import types
import zoneinfo
from pathlib import Path

import pytest

from pumpflix.lib.sandbox import frames, lockdown, py_child, py_console, py_shelf, py_start
from pumpflix.lib.sandbox.py_loop import Policy
from pumpflix.lib.sandbox.py_loop import install as install_loop


def printed(*writes: str) -> list[str]:
    console = py_console.Console()
    stream = py_console.Stream(console, "log")
    assert stream.writable()
    for text in writes:
        assert stream.write(text) == len(text)
    stream.flush()
    return [entry["text"] for entry in console.entries]


@pytest.mark.parametrize(
    "writes, lines",
    [
        (("a", " ", "b", "\n"), ["a b"]),
        (("a\nb", "\n"), ["a\nb"]),
        (("a\n", "b\n"), ["a", "b"]),
        (("\n",), [""]),
        (("no end",), ["no end"]),
        ((), []),
    ],
)
def test_a_print_is_a_line(writes, lines):
    assert printed(*writes) == lines


def test_the_console_is_cut_in_lines_and_in_characters():
    assert [len(text) for text in printed("x" * 10**6, "y" * 10**6 + "\n")] == [py_console.LONGEST_ENTRY + 1]
    assert len(printed(*["x\n"] * 2000)) == py_console.MOST_ENTRIES + 1
    many = printed(*["x" * 8000 + "\n"] * 100)
    assert sum(map(len, many)) < py_console.MOST_CHARACTERS + 10_000
    assert "ends here" in many[-1]


@pytest.fixture
def shelf(tmp_path: Path) -> py_shelf.Shelf:
    """A library of three modules and a data file."""
    package = tmp_path / "shelved"
    (package / "deeper").mkdir(parents=True)
    (package / "tests").mkdir()
    (package / "tests" / "never.py").write_text("raise SystemExit")
    (package / "__init__.py").write_text("from shelved.deeper import VALUE")
    (package / "deeper" / "__init__.py").write_text("VALUE = 42")
    (package / "deeper" / "zones.tab").write_text("data")
    (package / "lonely.py").write_text("1 / 0")
    shelf = py_shelf.Shelf()
    shelf.add_folder(str(package), "shelved.", with_files=True)
    return shelf


@pytest.fixture
def importing(monkeypatch: pytest.MonkeyPatch, shelf: py_shelf.Shelf) -> py_shelf.Shelf:
    monkeypatch.setattr(sys, "meta_path", [py_shelf.Finder(shelf), *sys.meta_path])
    yield shelf
    for name in [name for name in sys.modules if name.partition(".")[0] == "shelved"]:
        del sys.modules[name]


def test_modules_are_imported_from_memory(importing, tmp_path):
    assert sorted(importing.modules) == ["shelved", "shelved.deeper", "shelved.lonely"]
    (tmp_path / "shelved" / "__init__.py").unlink()
    module = importlib.import_module("shelved")
    assert module.VALUE == 42
    assert module.__file__ == str(tmp_path / "shelved" / "__init__.py")
    assert module.__spec__.loader.is_package("shelved")
    assert module.__spec__.loader.get_source("shelved") is None
    with pytest.raises(ZeroDivisionError):
        importlib.import_module("shelved.lonely")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("shelved.none")


def test_data_files_are_read_from_memory(importing):
    importlib.import_module("shelved.deeper")
    reader = sys.modules["shelved.deeper"].__spec__.loader.get_resource_reader("shelved.deeper")
    assert reader.open_resource("zones.tab").read() == b"data"
    assert reader.is_resource("zones.tab")
    assert list(reader.contents()) == ["zones.tab"]
    for ask in (reader.open_resource, reader.resource_path):
        with pytest.raises(FileNotFoundError):
            ask("none")


def test_what_follows_an_import_is_done(importing):
    seen: list[types.ModuleType] = []
    importing.after["shelved"] = seen.append
    assert seen == [importlib.import_module("shelved")] or seen[0].VALUE == 42


def test_a_cache_that_is_older_than_its_source_is_not_used(tmp_path):
    source = tmp_path / "pack" / "module.py"
    source.parent.mkdir()
    source.write_text("VALUE = 1")
    cache = Path(importlib.util.cache_from_source(str(source)))

    def shelved() -> py_shelf.Module:
        shelf = py_shelf.Shelf()
        shelf.add_folder(str(source.parent), "pack.")
        return shelf.modules["pack.module"]

    assert shelved().source == b"VALUE = 1"
    py_compile.compile(str(source), cfile=str(cache))
    assert shelved().compiled
    os.utime(source, (1, 1))
    assert not shelved().compiled
    cache.write_bytes(b"old!" + cache.read_bytes()[4:])
    assert not shelved().compiled
    cache.write_bytes(importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + b"hashed")
    assert shelved().compiled == b"hashed"


def test_the_standard_library_is_there_with_its_zones():
    shelf = py_shelf.standard_library([py_start._folder(name) for name in py_start.PACKAGES])
    assert {"json", "json.decoder", "asyncio", "zoneinfo", "tzdata", "jmespath", "xml.etree.ElementTree"} <= set(
        shelf.modules
    )
    assert not [name for name in shelf.modules if name.startswith(("test.", "idlelib", "tkinter", "ensurepip"))]
    assert shelf.files["tzdata.zoneinfo.Europe", "Berlin"].startswith(b"TZif")
    assert len(shelf.modules) > 400


def test_extensions_are_loaded_beforehand():
    loaded = py_shelf.load_extensions()
    assert {"_decimal", "_json", "math"} <= set(loaded) | set(sys.builtin_module_names)
    assert not [name for name in loaded if name.startswith(("_test", "_tkinter", "xx"))]


def test_installing_forgets_the_disk(monkeypatch):
    for name in ("meta_path", "path", "path_hooks"):
        monkeypatch.setattr(sys, name, list(getattr(sys, name)))
    monkeypatch.setattr(sys, "path_importer_cache", {})
    py_shelf.Shelf().install()
    assert (sys.path, sys.path_hooks) == ([], [])
    assert [type(finder) for finder in sys.meta_path][-1] is py_shelf.Finder


@pytest.fixture
def no_files():
    """asyncio as it is in the child."""
    install_loop()
    assert isinstance(asyncio.get_event_loop_policy(), Policy)
    yield
    asyncio.set_event_loop_policy(None)


def test_asyncio_runs_without_a_single_file_descriptor(no_files):
    async def work() -> list[object]:
        async def later(value: int) -> int:
            await asyncio.sleep(0.01 / value)
            return value

        in_thread = await asyncio.to_thread(time.sleep, 0.01)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.01)
        return [*await asyncio.gather(later(1), later(2)), in_thread]

    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert asyncio.run(work()) == [1, 2, None]
    assert not before or len(os.listdir("/proc/self/fd")) == before


def test_a_connection_is_refused_by_the_loop(no_files):
    async def connect() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            asyncio.get_running_loop().add_reader(ours.fileno(), print)

    with pytest.raises(PermissionError, match="no sockets"):
        asyncio.run(connect())


def test_the_selector_of_the_loop_holds_nothing(no_files):
    loop = asyncio.new_event_loop()
    nothing = loop._selector
    with pytest.raises(KeyError):
        nothing.unregister(1)
    assert nothing.get_map() == {}
    assert isinstance(nothing, selectors.BaseSelector)
    loop.close()


def answered(header: dict[str, object], data: bytes, **limits: object) -> tuple[dict[str, object], bytes]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        control = json.dumps({"team": "t", "memoryBytes": 1, "maxOutputBytes": 10_000, **limits}).encode()
        body = b"c" + json.dumps(header).encode() + b"\n" + data
        ours.sendall(frames.prefix(control, len(body)) + control + body)
        py_child.serve(theirs)
        told, text = frames.read(ours.recv_into, 10_000, 10_000)
        return json.loads(told), text


def test_one_call_is_answered():
    told, text = answered({"code": "return _items", "language": "python"}, b'{"items": [{"json": {"a": 1}}]}')
    assert told["done"]["cpuMs"] >= 0
    assert json.loads(text) == {"output": [{"json": {"a": 1}}], "console": []}


def test_a_result_above_the_limit_is_told_not_sent():
    told, text = answered({"code": "return [{'a': 'x' * 100}]"}, b"{}", maxOutputBytes=50)
    assert told["failed"]["kind"] == "output"
    assert text == b""


@pytest.mark.parametrize("mode", ["runOnceForAllItems", "runOnceForEachItem"])
def test_code_that_runs_out_of_memory_is_told(mode):
    told, _ = answered({"code": "raise MemoryError", "mode": mode}, b'{"items": [{"json": {}}]}')
    assert told["failed"]["kind"] == "memory"


def test_the_process_locks_itself_in_before_it_serves(monkeypatch):
    steps: list[str] = []
    ours, theirs = socket.socketpair()
    settings = {"fd": theirs.detach(), "parentPid": 7, "memoryMb": 64, "packages": []}
    walls = lockdown.Walls(namespaces=True, landlock=True, statm=None)
    monkeypatch.setattr(sys, "argv", ["py_child.py", json.dumps(settings)])
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr(os, "nice", lambda _by: steps.append("nice"))
    monkeypatch.setattr(py_shelf.Shelf, "install", lambda self: steps.append("library"))
    monkeypatch.setattr(lockdown, "raise_walls", lambda *, parent_pid: steps.append(f"walls {parent_pid}") or walls)
    monkeypatch.setattr(
        lockdown, "close_last_wall", lambda walls, *, memory_mb: steps.append("filter") or lockdown.Level("full")
    )
    ours.shutdown(socket.SHUT_WR)
    with pytest.raises(frames.FrameError):
        py_child.main()
    assert steps == ["nice", "walls 7", "library", "filter"]
    assert json.loads(frames.read(ours.recv_into, 1000, 0)[0]) == {"ready": {"level": "full", "missing": []}}
    assert sys.argv == [""]
    ours.close()


def test_zones_are_known_here_too():
    assert zoneinfo.ZoneInfo("Europe/Berlin").key == "Europe/Berlin"
