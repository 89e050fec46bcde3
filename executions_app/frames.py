"""The lines a live client receives, as JSON text. `{"type":"event","seq","event"}`, `{"type":"status","status"}` and
`{"type":"end","status"}`; `seq` is what `after` takes. One stream entry holds the lines of one commit of one execution.

A `response` line is for the web process alone, whose webhook caller waits for it; it never reaches a socket."""

from dataclasses import dataclass

import orjson

_EVENT = b'{"type":"event","seq":'
_STATUS = b'{"type":"status","status":"'
_END = b'{"type":"end","status":"'
_RESPONSE = b'{"type":"response","response":'


@dataclass(frozen=True, slots=True)
class Frame:
    """`seq` is 0 for lines that are not events."""

    kind: str
    seq: int
    text: bytes

    @property
    def status(self) -> str:
        """Of a `status` or `end` line."""
        return str(orjson.loads(self.text)["status"])


def event(seq: int, body: bytes) -> bytes:
    return b'%s%d,"event":%s}' % (_EVENT, seq, body)


def status(word: str) -> bytes:
    return b'%s%s"}' % (_STATUS, word.encode("ascii"))


def end(word: str) -> bytes:
    return b'%s%s"}' % (_END, word.encode("ascii"))


def response(encoded: bytes) -> bytes:
    """`encoded` is the JSON of `{status, headers, body}`."""
    return b"%s%s}" % (_RESPONSE, encoded)


def for_live_socket(execution_id: str, frame: Frame) -> list[bytes]:
    """The same frame in the words of the live socket, which carries many executions; two lines at the end."""
    about = b',"executionId":"%s",' % execution_id.encode("ascii")
    rest = frame.text[frame.text.index(b",") + 1 :]
    if frame.kind == "event":
        return [b'{"type":"execution:logs"%s%s' % (about, rest)]
    status_line = b'{"type":"execution:status"%s%s' % (about, rest)
    return (
        [status_line] if frame.kind == "status" else [status_line, b'{"type":"execution:complete"%s%s' % (about, rest)]
    )


def join(lines: list[bytes]) -> bytes:
    return b"\n".join(lines)


def split(entry: bytes) -> list[Frame]:
    """JSON text has no raw line break, so a line is a frame."""
    return [_read(line) for line in entry.split(b"\n") if line]


def _read(line: bytes) -> Frame:
    if line.startswith(_EVENT):
        number = line[len(_EVENT) : line.index(b",", len(_EVENT))]
        return Frame("event", int(number), line)
    if line.startswith(_RESPONSE):
        return Frame("response", 0, line)
    return Frame("end" if line.startswith(_END) else "status", 0, line)
