"""Jobs for the tests of the file child: what a library might do when foreign bytes have taken it over."""

import os
import socket
import time
from typing import Any

from pumpflix.lib.sandbox.errors import FileRefused


def work(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    return JOBS[header["job"]](header, files)


def echo(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    return {"sizes": [len(file) for file in files], "said": header.get("say")}, [file[::-1] for file in files]


def refuse(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    raise FileRefused("No.", hint="Try another.", code="file_protected")


def break_down(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    raise KeyError("inner secret")


def loop(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    while True:
        pass


def hoard(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    kept = []
    while True:
        kept.append(bytearray(16 * 2**20))


def flood(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    return {}, [bytes(3 * 2**20)]


def leave(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    os._exit(3)


def reach_out(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    attempts = {
        "file": lambda: open("/etc/passwd"),  # noqa: SIM115
        "write": lambda: open("/tmp/x", "w"),  # noqa: SIM115
        "socket": lambda: socket.create_connection(("127.0.0.1", 9), 1),
        "fork": os.fork,
    }
    return {name: _outcome(attempt) for name, attempt in attempts.items()}, []


def _outcome(attempt: Any) -> str:
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return "done"


def wait(header: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    while True:
        time.monotonic()


JOBS = {
    "echo": echo, "refuse": refuse, "break": break_down, "loop": loop, "hoard": hoard, "flood": flood, "leave": leave,
    "reach out": reach_out, "wait": wait,
}  # fmt: skip
