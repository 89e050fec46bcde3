"""The frames between parent and child: two lengths of four bytes, header (JSON), data (raw bytes)."""

import struct
from collections.abc import Callable

PREFIX = struct.Struct(">II")
MAX_PART_BYTES = 2**32 - 1
_FIRST_BYTES = 16 * 1024


class FrameError(Exception):
    """The other side broke the protocol or closed the line in the middle of a frame."""


class FrameTooLarge(FrameError):
    """The other side announced more bytes than the reader accepts; nothing of them was read."""


def prefix(header: bytes, data_bytes: int) -> bytes:
    """The eight bytes that stand before ``header`` and ``data_bytes`` bytes of data."""
    if len(header) > MAX_PART_BYTES or data_bytes > MAX_PART_BYTES:
        raise FrameTooLarge("one part of a frame is above 4 GiB")
    return PREFIX.pack(len(header), data_bytes)


def read(receive: Callable[[memoryview], int], max_header_bytes: int, max_data_bytes: int) -> tuple[bytes, bytes]:
    """Read one frame with ``receive(view) -> bytes read``. Lengths are judged before a byte is allocated for them. The
    two sides take turns, so a small frame is read in one go, and nothing may come behind it."""
    start = bytearray(_FIRST_BYTES)
    done = _fill(receive, memoryview(start), 0, PREFIX.size)
    header_bytes, data_bytes = PREFIX.unpack_from(start)
    if header_bytes > max_header_bytes or data_bytes > max_data_bytes:
        raise FrameTooLarge(f"frame of {header_bytes} + {data_bytes} bytes")
    size = PREFIX.size + header_bytes + data_bytes
    if done > size:
        raise FrameError(f"{done - size} bytes more than a frame")
    buffer = start
    if size > len(start):
        buffer = bytearray(size)
        buffer[:done] = memoryview(start)[:done]
    whole = memoryview(buffer)[:size]
    _fill(receive, whole, done, size)
    cut = PREFIX.size + header_bytes
    return bytes(whole[PREFIX.size : cut]), bytes(whole[cut:])


def _fill(receive: Callable[[memoryview], int], view: memoryview, done: int, wanted: int) -> int:
    """Receive until at least that many bytes of the view are there; how many are."""
    while done < wanted:
        count = receive(view[done:])
        if count == 0:
            raise FrameError(f"the line closed after {done} of {wanted} bytes")
        done += count
    return done
