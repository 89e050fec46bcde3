"""The process that reads and writes documents with JavaScript libraries: started by exec, locked down before the first
foreign byte, killed from outside.

``python -I -S document_child.py '<settings>'``; the settings name an inherited socket, the parent and the folder of the
libraries. The libraries are ours, the documents are not; what a document does to a library stays with its team.
Standard library only.
"""

import json
import os
import socket
import struct
import sys
import time
import types
from collections import OrderedDict
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def _name_packages() -> None:
    """Make ``pumpflix.lib.sandbox`` importable here without running any ``__init__`` of the product."""
    for depth, name in enumerate(["pumpflix.lib.sandbox", "pumpflix.lib", "pumpflix"]):
        package = types.ModuleType(name)
        package.__path__ = [str([_HERE, *_HERE.parents][depth])]
        sys.modules[name] = package


if "pumpflix" not in sys.modules:
    _name_packages()

from pumpflix.lib.sandbox import frames, lockdown, v8  # noqa: E402

DRIVER = "driver.js"
MAX_TEAMS = 4
# A library that has seen this much is not kept for the next call: its heap would stay as large.
MAX_KEPT_BYTES = 4 * 2**20
COUNT = struct.Struct(">I")


class TooMuch(Exception):
    """More came out of a document than the call allows."""


class Desk:
    """One isolate; a library is loaded when a document first needs it."""

    def __init__(self, engine: v8.Engine, scripts: dict[str, bytes]) -> None:
        self._scripts = dict(scripts)
        self.isolate = v8.Isolate(engine)
        self.isolate.run(self._scripts.pop(DRIVER))
        driver = ("seal", "reserve", "work", "answer", "file")
        self._seal, self._reserve, self._work, self._answer, self._file = (
            self.isolate.function(f"__driver.{name}".encode()) for name in driver
        )

    def serve(self, library: str, call: bytes, files: list[memoryview], max_bytes: int) -> list[bytes]:
        """The answer as JSON, then the files that come with it."""
        if library in self._scripts:
            self.isolate.run(self._scripts.pop(library))
            self._seal(library.encode())
        for file in files:
            self._reserve.write(file)
        self._work(call)
        answer = self._answer(b"")
        if answer is None:
            raise v8.ScriptError("the library did not come to an end")
        count, text = answer.split(b"\n", 1)
        out = [text]
        for number in range(int(count)):
            left = max_bytes - sum(map(len, out))
            made = self._file.read(str(number).encode(), max(left, 0))
            if made is None:
                raise TooMuch
            out.append(made)
        if sum(map(len, out)) > max_bytes:
            raise TooMuch
        return out


class Server:
    """Answers one call after the other until the parent closes the line."""

    def __init__(self, line: socket.socket, engine: v8.Engine, scripts: dict[str, bytes]) -> None:
        self._line = line
        self._engine = engine
        self._scripts = scripts
        self._desks: OrderedDict[str, Desk] = OrderedDict()

    def run(self) -> None:
        while True:
            header, data = frames.read(self._line.recv_into, frames.MAX_PART_BYTES, frames.MAX_PART_BYTES)
            control = json.loads(header)
            try:
                self._answer(control, memoryview(data))
            except v8.OutOfMemory:
                self._fail(control, "memory", "")
            except TooMuch:
                self._fail(control, "output", "")
            except v8.ScriptError as error:
                self._fail(control, "script", str(error))

    def _answer(self, control: dict[str, object], data: memoryview) -> None:
        started, cpu = time.monotonic(), time.process_time()
        library, is_alone, call, files = unpacked(data)
        team = "" if is_alone else str(control["team"])
        desk = self._desk(team)
        desk.isolate.limit_memory(int(str(control["memoryBytes"])))
        pieces = desk.serve(library, call, files, int(str(control["maxOutputBytes"])))
        if is_alone or len(data) + sum(map(len, pieces)) > MAX_KEPT_BYTES:
            self._leave(team)
        spent = {"wallMs": (time.monotonic() - started) * 1e3, "cpuMs": (time.process_time() - cpu) * 1e3}
        self._send({"done": spent}, *packed(pieces))

    def _desk(self, team: str) -> Desk:
        desk = self._desks.pop(team, None) or Desk(self._engine, self._scripts)
        self._desks[team] = desk
        if len(self._desks) > MAX_TEAMS:
            self._leave(next(iter(self._desks)))
        return desk

    def _leave(self, team: str) -> None:
        desk = self._desks.pop(team, None)
        if desk is not None:
            desk.isolate.close()

    def _fail(self, control: dict[str, object], kind: str, message: str) -> None:
        for team in ("", str(control["team"])):
            self._leave(team)
        self._send({"failed": {"kind": kind, "message": message[:2000]}})

    def _send(self, header: dict[str, object], *parts: bytes) -> None:
        text = json.dumps(header).encode()
        self._line.sendall(frames.prefix(text, sum(map(len, parts))) + text)
        for part in parts:
            self._line.sendall(part)


def packed(pieces: list[bytes]) -> list[bytes]:
    """The pieces behind a list of their sizes."""
    return [COUNT.pack(len(pieces)) + b"".join(COUNT.pack(len(piece)) for piece in pieces), *pieces]


def cut(data: memoryview) -> list[memoryview]:
    """The opposite of ``packed``."""
    (count,) = COUNT.unpack_from(data)
    at, out = COUNT.size * (count + 1), []
    for number in range(count):
        (size,) = COUNT.unpack_from(data, COUNT.size * (number + 1))
        out.append(data[at : at + size])
        at += size
    return out


def unpacked(data: memoryview) -> tuple[str, bool, bytes, list[memoryview]]:
    """The operation's letter and the parent's header stand in the first line; the pieces of the call follow it."""
    end = bytes(data[:1024]).index(b"\n")
    header = json.loads(bytes(data[1:end]))
    call, *files = cut(data[end + 1 :])
    return str(header["library"]), bool(header["alone"]), bytes(call), files


def main() -> None:
    settings = json.loads(sys.argv[1])
    os.environ["TZ"] = "UTC"
    line = socket.socket(fileno=settings["fd"])
    scripts = {path.name: path.read_bytes() for path in sorted(Path(settings["libraries"]).glob("*.js"))}
    engine = v8.Engine(Path(settings["wheel"]))
    walls = lockdown.raise_walls(parent_pid=settings["parentPid"])
    server = Server(line, engine, scripts)
    v8.Isolate(engine).close()
    level = lockdown.close_last_wall(walls, memory_mb=settings["memoryMb"])
    ready = json.dumps({"ready": {"level": level.name, "missing": level.missing}}).encode()
    line.sendall(frames.prefix(ready, 0) + ready)
    server.run()


if __name__ == "__main__":
    try:
        main()
    except (frames.FrameError, ConnectionError):
        sys.exit("the parent closed the line")
