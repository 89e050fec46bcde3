"""The door of the live socket: frames as they come, whole or not."""

import json
import socket
import struct
import time
import zlib
from contextlib import suppress
from typing import Any

import websocket

from pumpflix.tests.live.hostile.doors import each
from pumpflix.tests.live.hostile.entries import Case, Outcome
from pumpflix.tests.live.hostile.stage import Stage, body_of
from pumpflix.tests.product import patience

ANSWER_S = 10.0
MIB = 1024 * 1024


@each("socket", at_once=2)
def live(stage: Stage, case: Case) -> Outcome:
    """`steps`: what is said after what. Ends with the last word of the server, or how it closed."""
    given = case.given
    options: dict[str, Any] = {"timeout": ANSWER_S * patience(), "suppress_origin": True}
    if "origin" in given:
        options = {**options, "suppress_origin": False, "origin": given["origin"]}
    headers = [f"{name}: {value}" for name, value in given.get("headers", {}).items()]
    if given.get("cookie"):
        headers.append(f"Cookie: pf_session={stage.browser.cookies['pf_session']}")
    address = stage.product.url.replace("http:", "ws:") + given.get("path", "/ws")
    try:
        line = websocket.create_connection(address, header=headers, **options)
    except websocket.WebSocketBadStatusException as error:
        return Outcome("denied", str(error.status_code))
    try:
        return spoken(stage, line, given.get("steps", []))
    except websocket.WebSocketTimeoutException:
        return Outcome("silent")
    except (websocket.WebSocketException, OSError) as error:
        return Outcome("closed", text=str(error))
    finally:
        line.shutdown()


def spoken(stage: Stage, line: websocket.WebSocket, steps: list[Any]) -> Outcome:
    found = Outcome("open")
    for step in steps:
        name, given = next(iter(step.items())) if isinstance(step, dict) else (step, None)
        if name in FRAMES:
            FRAMES[name](line, given)
        else:
            found = STEPS[name](stage, line, given) or found
        if found.word in ("closed", "silent"):
            break
    return found


def sign_in(stage: Stage, line: websocket.WebSocket, _: Any) -> Outcome:
    say(line, {"type": "auth", "token": stage.own.tokens["accessToken"]})
    return heard(line)


def many(stage: Stage, line: websocket.WebSocket, given: dict[str, Any]) -> None:
    for number in range(given["count"]):
        say(line, {"type": given["type"], "id": number, "executionId": stage.names["own.execution"]})


def drain(_stage: Stage, line: websocket.WebSocket, _: Any) -> Outcome:
    """Listen until it closes."""
    while (found := heard(line)).word != "closed":
        pass
    return found


def say(line: websocket.WebSocket, given: Any) -> None:
    line.send(given if isinstance(given, str) else json.dumps(given))


def heard(line: websocket.WebSocket) -> Outcome:
    """What comes next: the type of a message and its code, or `closed` and the code of that."""
    kind, data = line.recv_data(control_frame=False)
    if kind == websocket.ABNF.OPCODE_CLOSE:
        return Outcome("closed", str(struct.unpack("!H", data[:2])[0]) if len(data) > 1 else "")
    said = json.loads(data)
    return Outcome(said["type"], said.get("code", ""), str(said))


def ticket_twice(stage: Stage, line: websocket.WebSocket, _: Any) -> Outcome:
    """A ticket opens this socket; the word is what a second one that brings it is told."""
    ticket = stage.own.call("POST", "/api/auth/socket-ticket")["ticket"]
    say(line, {"type": "auth", "ticket": ticket})
    assert heard(line).word == "connected"
    address = stage.product.url.replace("http:", "ws:") + "/ws"
    second = websocket.create_connection(address, timeout=ANSWER_S * patience(), suppress_origin=True)
    try:
        say(second, {"type": "auth", "ticket": ticket})
        return heard(second)
    finally:
        second.shutdown()


def raw(line: websocket.WebSocket, data: bytes) -> None:
    assert isinstance(line.sock, socket.socket)
    # Hung up on before all of it was sent; the word that closes may be there already.
    with suppress(OSError):
        line.sock.sendall(data)


def frame(first: int, data: bytes, length: int | None = None) -> bytes:
    """One masked frame. `length` is what it says its length is."""
    size = len(data) if length is None else length
    told = struct.pack("!BH", 0xFE, size) if size < 65_536 else struct.pack("!BQ", 0xFF, size)
    told = bytes([0x80 | size]) if size < 126 else told
    return bytes([first]) + told + bytes(4) + data


def fragments(line: websocket.WebSocket, _: Any) -> None:
    """A message that never ends, in small parts."""
    raw(line, frame(0x01, b"x" * 1000))
    for _part in range(200):
        raw(line, frame(0x00, b"x" * 1000))


def pings(line: websocket.WebSocket, count: int) -> None:
    raw(line, frame(0x89, b"x" * 100) * int(count))
    time.sleep(0)


STEPS: dict[str, Any] = {
    "listen": lambda _stage, line, _: heard(line),
    "auth": sign_in,
    "ticket": ticket_twice,
    "say": lambda _stage, line, given: say(line, given),
    "many": many,
    "drain": drain,
}
FRAMES: dict[str, Any] = {
    "text of bytes": lambda line, size: raw(line, frame(0x81, b"x" * int(size))),
    "claimed length": lambda line, size: raw(line, frame(0x81, b"x" * 100, int(size))),
    "no UTF-8": lambda line, _: raw(line, frame(0x81, b"\xff\xfe\xfd")),
    "binary": lambda line, given: raw(line, frame(0x82, body_of(given))),
    "fragments without end": fragments,
    "pings": pings,
    "reserved opcode": lambda line, _: raw(line, frame(0x83, b"x")),
    "unmasked": lambda line, _: raw(line, b"\x81\x02{}"),
    # Compressed, as if both had agreed on it: 64 MiB of zeros.
    "deflate bomb": lambda line, _: raw(line, frame(0xC1, zlib.compress(bytes(64 * MIB))[2:-8][:60_000])),
}
