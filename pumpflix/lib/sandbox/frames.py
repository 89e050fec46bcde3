"""The frames between parent and child: two lengths of four bytes, header (JSON), data (raw bytes)."""

import struct
from collections.abc import Callable

PREFIX = struct.Struct(">II")
MAX_PART_BYTES = 2**32 - 1


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
    """Read one frame with ``receive(view) -> bytes read``. Lengths are judged before a byte is allocated for them."""
    header_bytes, data_bytes = PREFIX.unpack(_exactly(receive, PREFIX.size))
    if header_bytes > max_header_bytes or data_bytes > max_data_bytes:
        raise FrameTooLarge(f"frame of {header_bytes} + {data_bytes} bytes")
    return _exactly(receive, header_bytes), _exactly(receive, data_bytes)


def _exactly(receive: Callable[[memoryview], int], size: int) -> bytes:
    buffer = bytearray(size)
    view = memoryview(buffer)
    done = 0
    while done < size:
        count = receive(view[done:])
        if count == 0:
            raise FrameError(f"the line closed after {done} of {size} bytes")
        done += count
    return bytes(buffer)
