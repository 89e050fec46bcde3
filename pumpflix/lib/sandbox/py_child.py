"""The process that runs Python code: started by exec, locked down before the first foreign byte, for one run only.

``python -I -S py_child.py '<settings>'``; the settings name an inherited socket, the parent and the packages to hold in
memory. No filter inside the language protects anything: the code may do whatever Python can, in a process that reaches
nothing and dies with the run. Standard library only.
"""

import importlib
import json
import os
import socket
import sys
import time
import types
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_NICENESS = 10
# Imported while the parent does something else; what code uses most is there when it starts.
_AT_HAND = (
    "base64", "collections", "copy", "csv", "datetime", "decimal", "functools", "hashlib", "itertools", "json", "math",
    "random", "re", "statistics", "string", "textwrap", "urllib.parse", "uuid", "zoneinfo",
)  # fmt: skip


def _name_packages() -> None:
    """Make ``pumpflix.lib.sandbox`` importable here without running any ``__init__`` of the product."""
    for depth, name in enumerate(["pumpflix.lib.sandbox", "pumpflix.lib", "pumpflix"]):
        package = types.ModuleType(name)
        package.__path__ = [str([_HERE, *_HERE.parents][depth])]
        sys.modules[name] = package


if "pumpflix" not in sys.modules:
    _name_packages()

from pumpflix.lib.sandbox import frames, lockdown, py_run, py_shelf  # noqa: E402


def serve(line: socket.socket) -> None:
    """Answer one call."""
    header, data = frames.read(line.recv_into, frames.MAX_PART_BYTES, frames.MAX_PART_BYTES)
    call = json.loads(header)
    # The operation is one byte, its header ends with the first line break.
    head, _, body = data[1:].partition(b"\n")
    del data
    cpu = time.process_time
    started = cpu()
    try:
        text = py_run.run_code(head, body)
    except MemoryError:
        _send(line, {"failed": {"kind": "memory", "message": ""}})
        return
    if len(text) > call["maxOutputBytes"]:
        _send(line, {"failed": {"kind": "output", "message": str(len(text))}})
        return
    _send(line, {"done": {"cpuMs": (cpu() - started) * 1e3}}, text)


def _send(line: socket.socket, header: dict[str, object], data: bytes = b"") -> None:
    text = json.dumps(header).encode()
    line.sendall(frames.prefix(text, len(data)) + text)
    if data:
        line.sendall(data)


def main() -> None:
    settings = json.loads(sys.argv[1])
    sys.argv[:] = [""]
    os.environ["TZ"] = "UTC"
    time.tzset()
    line = socket.socket(fileno=settings["fd"])
    # Where processors are short, code gives way to those who wait for a short answer.
    os.nice(_NICENESS)
    py_shelf.load_extensions()
    for name in _AT_HAND:
        importlib.import_module(name)
    shelf = py_shelf.standard_library(settings["packages"])
    walls = lockdown.raise_walls(parent_pid=settings["parentPid"])
    shelf.install()
    level = lockdown.close_last_wall(walls, memory_mb=settings["memoryMb"])
    _send(line, {"ready": {"level": level.name, "missing": level.missing}})
    serve(line)


if __name__ == "__main__":
    try:
        main()
    except (frames.FrameError, ConnectionError):
        sys.exit("the parent closed the line")
    # Neither threads the code started nor its exit handlers are waited for.
    os._exit(0)
