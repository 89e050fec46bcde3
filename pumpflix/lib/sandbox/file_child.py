"""The process that reads foreign files: started by exec, locked down before the first foreign byte.

``python -I file_child.py '<settings>'``; the settings name an inherited socket, the parent and one module of ours
whose ``work(header, files) -> (header, files)`` is served. Everything it needs is imported before the walls go up.
"""

import codecs
import importlib
import json
import os
import socket
import sys
import types
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_CODECS = (
    "latin-1",
    "cp1252",
    "cp437",
    "mac-roman",
    "utf-16",
    "utf-16-be",
    "utf-16-le",
    "utf-32",
    "idna",
    "unicode_escape",
)


def _name_packages() -> None:
    """Make ``pumpflix.lib.sandbox`` importable here without running any ``__init__`` of the product."""
    for depth, name in enumerate(["pumpflix.lib.sandbox", "pumpflix.lib", "pumpflix"]):
        package = types.ModuleType(name)
        package.__path__ = [str([_HERE, *_HERE.parents][depth])]
        sys.modules[name] = package


if "pumpflix" not in sys.modules:
    _name_packages()
    sys.path.append(str(_HERE.parents[2]))

from pumpflix.lib.sandbox import frames, lockdown  # noqa: E402
from pumpflix.lib.sandbox.errors import FileRefused  # noqa: E402


def serve(line: socket.socket, module: types.ModuleType) -> None:
    """Answer one call after the other until the parent closes the line."""
    while True:
        header, data = frames.read(line.recv_into, frames.MAX_PART_BYTES, frames.MAX_PART_BYTES)
        call = json.loads(header)
        try:
            answer, files = module.work(call["header"], cut(data, call["sizes"]))
            reply = {"done": answer, "sizes": [len(file) for file in files]}
        except FileRefused as error:
            reply, files = {"refused": {"message": error.message, "hint": error.hint, "code": error.code}}, []
        except MemoryError:
            reply, files = {"failed": "memory"}, []
        except Exception as error:  # noqa: BLE001 - libraries raise anything on foreign bytes; the process is thrown away
            reply, files = {"failed": "damaged", "detail": f"{type(error).__name__}: {error}"[:500]}, []
        text = json.dumps(reply).encode()
        line.sendall(frames.prefix(text, sum(map(len, files))) + text)
        for file in files:
            line.sendall(file)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    out, at = [], 0
    for size in sizes:
        out.append(data[at : at + size])
        at += size
    return out


def main() -> None:
    settings = json.loads(sys.argv[1])
    os.environ["TZ"] = "UTC"
    line = socket.socket(fileno=settings["fd"])
    for name in _CODECS:
        codecs.lookup(name)
    module = importlib.import_module(settings["module"])
    walls = lockdown.raise_walls(parent_pid=settings["parentPid"])
    level = lockdown.close_last_wall(walls, memory_mb=settings["memoryMb"])
    ready = json.dumps({"ready": level.name}).encode()
    line.sendall(frames.prefix(ready, 0) + ready)
    serve(line, module)


if __name__ == "__main__":
    try:
        main()
    except (frames.FrameError, ConnectionError):
        sys.exit("the parent closed the line")
