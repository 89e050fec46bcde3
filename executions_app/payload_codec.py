"""How items and other JSON values become bytes in a row, and back.

The first byte says how the rest is written:

    j  JSON by orjson                            the usual case
    p  JSON by the standard library, in ASCII    integers beyond 64 bit, lone surrogates, more than 254 levels
    z  j, compressed by zstd                     from 1 KB on
    q  p, compressed by zstd
    r  the reference of a payload that holds the encoded value

A column of type `bytea` keeps what `jsonb` would refuse or change: `\\u0000`, lone surrogates, `-0`, the order of
keys and repeated precision of numbers. NaN and the infinities become null, as `JSON.stringify` makes them.
"""

import json
import threading
from typing import Any

import orjson
import zstandard

COMPRESS_FROM_BYTES = 1024
INLINE_BYTES = 64 * 1024
MAX_DECODED_BYTES = 512 * 1024 * 1024
_LEVEL = 1


class NotStorable(ValueError):
    """The value has no JSON form: nested too deep, or not made of JSON types."""


class _PerThread(threading.local):
    """zstd's contexts must not be shared by threads."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self.decompressor = zstandard.ZstdDecompressor()


_zstd = _PerThread()


def encode(value: Any) -> bytes:
    """Raises NotStorable."""
    tag, text = _to_json(value)
    if len(text) < COMPRESS_FROM_BYTES:
        return tag + text
    return (b"z" if tag == b"j" else b"q") + _zstd.compressor.compress(text)


def decode(data: bytes | memoryview) -> Any:
    """The value of `encode`. Raises ValueError for bytes it did not make, references included."""
    data = bytes(data)
    tag, body = data[:1], data[1:]
    if tag in (b"z", b"q"):
        body = _zstd.decompressor.decompress(body, max_output_size=MAX_DECODED_BYTES)
    if tag in (b"j", b"z"):
        return orjson.loads(body)
    if tag in (b"p", b"q"):
        return json.loads(body, parse_constant=_no_number)
    raise ValueError(f"These bytes are not an encoded value: they begin with {tag!r}.")


def to_json(value: Any) -> bytes:
    """JSON text without a tag, as it leaves for the outside. Raises NotStorable."""
    return _to_json(value)[1]


def encode_reference(ref: str) -> bytes:
    return b"r" + ref.encode("ascii")


def reference_in(data: bytes | memoryview) -> str | None:
    """The reference these bytes hold, None for a value."""
    data = bytes(data)
    return data[1:].decode("ascii") if data[:1] == b"r" else None


def _to_json(value: Any) -> tuple[bytes, bytes]:
    try:
        return b"j", orjson.dumps(value)
    except TypeError:
        pass
    try:
        return b"p", json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        raise NotStorable(f"A value cannot be stored as JSON: {error}.") from error


def _no_number(_: str) -> None:
    return None
