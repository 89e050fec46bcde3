"""Looking into zip files before anything is unpacked: how large they really are, not how large they claim to be."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from workflows_app.engine.errors import UserError

MAX_UNPACKED = 256 * 1024 * 1024
LOCAL_HEADER = 30


def unpacked_parts(data: bytes, *, limit: int = MAX_UNPACKED) -> Iterator[tuple[str, bytes]]:
    """Every member with its bytes. Raises UserError where the file is broken or unpacks to more than `limit` bytes."""
    left = limit
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
        for member in members:
            content = unpack(data, member, left)
            left -= len(content)
            yield member.filename, content
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, NotImplementedError) as error:
        raise UserError(
            "This file is damaged.", code="file_damaged", hint="Save it again and upload it anew."
        ) from error


def unpack(data: bytes, member: zipfile.ZipInfo, limit: int) -> bytes:
    name_length, extra_length = struct.unpack_from("<HH", data, member.header_offset + 26)
    start = member.header_offset + LOCAL_HEADER + name_length + extra_length
    packed = data[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        unpacked = packed
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        unpacked = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, limit + 1)
    else:
        raise ValueError("unknown compression")
    if len(unpacked) > limit:
        raise UserError(
            "This file unpacks to too much data.", code="file_too_large", hint=f"At most {MAX_UNPACKED // 1024**2} MB."
        )
    return unpacked
