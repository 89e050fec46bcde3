"""The process that runs JavaScript: started by exec, locked down before the first foreign byte, killed from outside.

``python -I -S js_child.py '<settings>'``; the settings name an inherited socket, the parent and the files to load.
Standard library only.
"""

import json
import os
import socket
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

MAX_TEAMS = 8
_JOIN_BYTES = 256 * 1024


class Context:
    """One isolate with the prelude inside: all a team's calls share it, none can change it.

    With ``audit``, walks all that foreign code could reach; raises if any of it can be changed or is the host's.
    """

    def __init__(self, engine: v8.Engine, scripts: list[bytes], *, audit: bool = False) -> None:
        driver, *others = scripts
        self.isolate = v8.Isolate(engine)
        self.isolate.run(driver)
        self.serve = self.isolate.function(b"__driver.serve")
        examine = self.isolate.function(b"__driver.audit")
        if audit:
            self.isolate.function(b"__driver.survey")(b"")
        for script in others:
            self.isolate.run(script)
        self.isolate.function(b"__driver.seal")(b"")
        if audit and (problems := examine(b"")) != b"":
            raise RuntimeError(f"the world is not sealed: {problems!r}")


class Server:
    """Answers one call after the other until the parent closes the line."""

    def __init__(self, line: socket.socket, engine: v8.Engine, scripts: list[bytes]) -> None:
        self._line = line
        self._engine = engine
        self._scripts = scripts
        self._contexts: OrderedDict[str, Context] = OrderedDict()
        self._fresh: Context | None = Context(engine, scripts, audit=True)

    def run(self) -> None:
        while True:
            header, data = frames.read(self._line.recv_into, frames.MAX_PART_BYTES, frames.MAX_PART_BYTES)
            call = json.loads(header)
            try:
                self._answer(call, data)
            except v8.OutOfMemory:
                self._fail("memory", "")
            except v8.ScriptError as error:
                self._fail("script", str(error))

    def _answer(self, call: dict[str, object], data: bytes) -> None:
        started, cpu = time.monotonic(), time.process_time()
        context = self._context(str(call["team"]))
        context.isolate.limit_memory(int(str(call["memoryBytes"])))
        text = context.serve(data)
        while text is not None and not text.startswith(b"r"):
            text = self._step(context, text)
        if text is None:
            raise v8.ScriptError("the driver returned something that is no text")
        if len(text) > int(str(call["maxOutputBytes"])):
            self._fail("output", str(len(text)))
            return
        spent = {"wallMs": (time.monotonic() - started) * 1e3, "cpuMs": (time.process_time() - cpu) * 1e3}
        self._send({"done": spent}, memoryview(text)[1:])

    def _step(self, context: Context, text: bytes) -> bytes | None:
        """One turn of an asynchronous run: hand a call over to the parent, or look how far the code has come."""
        if not text.startswith(b"c"):
            return context.serve(b"p")
        self._line.sendall(frames.prefix(text[1:], 0) + text[1:])
        reply, _ = frames.read(self._line.recv_into, frames.MAX_PART_BYTES, 0)
        return context.serve(b"a" + reply)

    def _context(self, team: str) -> Context:
        context = self._contexts.pop(team, None) or self._fresh or Context(self._engine, self._scripts)
        if context is self._fresh:
            self._fresh = None
        self._contexts[team] = context
        if len(self._contexts) > MAX_TEAMS:
            self._contexts.popitem(last=False)[1].isolate.close()
        return context

    def _fail(self, kind: str, message: str) -> None:
        self._send({"failed": {"kind": kind, "message": message[:2000]}}, memoryview(b""))

    def _send(self, header: dict[str, object], data: memoryview) -> None:
        text = json.dumps(header).encode()
        start = frames.prefix(text, len(data)) + text
        if len(data) < _JOIN_BYTES:
            self._line.sendall(start + data)
            return
        self._line.sendall(start)
        self._line.sendall(data)


def _scripts(settings: dict[str, object]) -> list[bytes]:
    """Every script of a context in order. Read before the walls go up: afterwards there is no file system."""
    prelude = Path(str(settings["prelude"]))
    manifest = prelude / "manifest.json"
    names = (
        json.loads(manifest.read_bytes()) if manifest.exists() else sorted(path.name for path in prelude.glob("*.js"))
    )
    libs = Path(str(settings["libs"]))
    paths = [_HERE / "driver.js", *([libs] if libs.exists() else []), *(prelude / name for name in names)]
    return [path.read_bytes() for path in paths]


def main() -> None:
    settings = json.loads(sys.argv[1])
    os.environ["TZ"] = "UTC"
    line = socket.socket(fileno=settings["fd"])
    scripts = _scripts(settings)
    engine = v8.Engine(Path(settings["wheel"]))
    walls = lockdown.raise_walls(parent_pid=settings["parentPid"])
    server = Server(line, engine, scripts)
    level = lockdown.close_last_wall(walls, memory_mb=settings["memoryMb"])
    ready = json.dumps({"ready": {"level": level.name, "missing": level.missing}}).encode()
    line.sendall(frames.prefix(ready, 0) + ready)
    server.run()


if __name__ == "__main__":
    try:
        main()
    except (frames.FrameError, ConnectionError):
        sys.exit("the parent closed the line")
